/** Event descriptors: exact types, `*`, and partial ones such as `order.*`. */

/** Whether an event of this type fits a descriptor. */
function fits(descriptor: string, eventType: string): boolean {
  if (descriptor === '*') return true
  if (!descriptor.endsWith('.*')) return false
  const tokens = descriptor.split('.')
  const given = eventType.split('.')
  // A star ends the comparison; one that is not last never fits, as in the interpreter.
  const star = tokens.indexOf('*')
  return star === tokens.length - 1 && tokens.slice(0, star).every((token, i) => token === given[i])
}

/** The descriptors that an event fits, the exact one first, then the longer before the shorter. */
export function matchingDescriptors(descriptors: Iterable<string>, eventType: string): string[] {
  const exact: string[] = []
  const wild: string[] = []
  for (const descriptor of descriptors) {
    if (descriptor === eventType) exact.push(descriptor)
    else if (fits(descriptor, eventType)) wild.push(descriptor)
  }
  return [...exact, ...wild.sort((a, b) => b.length - a.length)]
}
