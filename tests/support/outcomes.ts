/** What an option is good for: the outcomes of several values of it, side by side. */

/** The outcome of each value, one after another. */
export async function outcomesOf<const Value, Outcome>(
  outcome: (value: Value) => Outcome,
  ...values: readonly Value[]
): Promise<Awaited<Outcome>[]> {
  const outcomes: Awaited<Outcome>[] = []
  for (const value of values) outcomes.push(await outcome(value))
  return outcomes
}
