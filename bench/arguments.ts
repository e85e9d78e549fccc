/** What stands behind `npm run bench --`. */

/** Options that were given, and names of rows. */
export interface BenchArguments {
  readonly options: ReadonlySet<string>
  readonly names: readonly string[]
}

/** Reads the arguments; a wrong one ends the process. */
export function readArguments(use: string, known: readonly string[], names: readonly string[]): BenchArguments {
  const given = process.argv.slice(2)
  const options = given.filter((each) => each.startsWith('-'))
  const chosen = given.filter((each) => !each.startsWith('-'))
  const wrong = [...options.filter((each) => !known.includes(each)), ...chosen.filter((each) => !names.includes(each))]
  if (wrong.length > 0) {
    console.error(`Unknown: ${wrong.join(' ')}. Use: ${use}\nRows: ${names.join(', ')}`)
    process.exit(2)
  }
  return { options: new Set(options), names: chosen.length > 0 ? chosen : names }
}
