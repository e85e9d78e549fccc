/** Running an example: it is imported, its console is silent, and an assertion that does not hold is an error. */
import { format } from 'node:util'

const SILENCED = ['log', 'info', 'warn', 'error', 'debug', 'table', 'dir', 'trace'] as const

/**
 * Runs one example by importing it through `load`; rejects with what it throws, or with its first failed assertion.
 *
 * An assertion inside a hook may be caught there, so failures are also kept and raised at the end.
 */
export async function runExample(load: () => Promise<unknown>): Promise<void> {
  const original = { ...console }
  const failures: Error[] = []
  for (const method of SILENCED) console[method] = () => undefined
  console.assert = (condition?: boolean, ...rest: unknown[]) => {
    if (condition) return
    const failure = new Error(`console.assert does not hold${rest.length > 0 ? `: ${format(...rest)}` : ''}`)
    failures.push(failure)
    throw failure
  }
  try {
    await load()
  } finally {
    Object.assign(console, original)
  }
  if (failures[0] !== undefined) throw failures[0]
}
