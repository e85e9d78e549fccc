/**
 * One row in one process, on what users get: the built package, NODE_ENV=production, plain Node. Prints what it
 * measured as JSON. Started by `run-row.ts`.
 */
import { assertNoAsyncTracking, watchAsyncTracking } from './async-tracking.ts'
import { DISTURBED, findHookThatDidNotRun } from './every-hook-ran.ts'
import { measure } from './measure.ts'
import type { Effort, Samples } from './measure.ts'
import type { ProbeRow, Reading, TimedRow } from './row.ts'
import { rows } from './rows.ts'

/** What one process found out. */
export type Measured =
  | (Omit<TimedRow, 'cases' | 'firing'> & { readonly samples: readonly Samples[] })
  | (Omit<ProbeRow, 'probe'> & { readonly readings: readonly Reading[] })

const [name = '', effortText = '{}'] = process.argv.slice(2)
const effort = JSON.parse(effortText) as Effort
assertWhatUsersGet()
watchAsyncTracking()
const row = await rows[name]!()
const measured = 'probe' in row ? await probed(row) : await timed(row)
process.stdout.write(JSON.stringify(measured), () => process.exit(0))

async function timed({ cases, firing, ...about }: TimedRow): Promise<Measured> {
  const samples = await measure(cases, {
    ...effort,
    rounds: effort.rounds * (about.roundsFactor ?? 1),
    oneByOne: about.oneByOne ?? false,
  })
  assertNoAsyncTracking(about.title)
  const problem = findHookThatDidNotRun(firing)
  if (problem !== undefined) {
    console.error(`${about.title}: disturbed, ${problem}`)
    process.exit(DISTURBED)
  }
  return { ...about, samples }
}

async function probed({ probe, ...about }: ProbeRow): Promise<Measured> {
  return { ...about, readings: await probe({ quick: effort.processes === 1 }) }
}

function assertWhatUsersGet(): void {
  const entry = import.meta.resolve('hookchart/hooks')
  if (entry.endsWith('/dist/src/hooks/index.js') && process.env['NODE_ENV'] === 'production') return
  throw new Error(`The bench must run on dist with NODE_ENV=production, not on ${entry}.`)
}
