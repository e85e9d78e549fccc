/** What an option is good for: the outcomes of several values of it, side by side. */
import { isDeepStrictEqual } from 'node:util'

/** The outcome of each value, one after another. Throws where all come to the same: that shows nothing of the option. */
export async function outcomesOf<const Value, Outcome>(
  outcome: (value: Value) => Outcome,
  ...values: readonly Value[]
): Promise<Awaited<Outcome>[]> {
  const outcomes: Awaited<Outcome>[] = []
  for (const value of values) outcomes.push(await outcome(value))
  if (outcomes.every((other) => isDeepStrictEqual(other, outcomes[0])))
    throw new Error(`${String(values.length)} values come to one outcome`)
  return outcomes
}
