/**
 * The clockwork of the bench: interleaved samples of CPU time.
 *
 * tinybench is not used here. It runs one task to its end before the next and reads one clock around each call; on a
 * machine that others use as well, only samples that stand side by side in the same round can be compared, and a call
 * of 5 ns can only be timed in a batch.
 */
import { keep } from './keep.ts'
import type { Case, TimedRow } from './row.ts'

/** How much is measured. */
export interface Effort {
  /** Processes a row; each compiles and collects on its own. */
  readonly processes: number
  /** Samples of each case in one process. */
  readonly rounds: number
  /** CPU time that one sample takes at least. */
  readonly sampleMs: number
  /** CPU time for which each case runs before it is sampled. */
  readonly warmUpMs: number
}

export const FULL: Effort = { processes: 3, rounds: 26, sampleMs: 6, warmUpMs: 160 }
export const QUICK: Effort = { processes: 1, rounds: 7, sampleMs: 5, warmUpMs: 40 }

/** The samples of one case, in ns an operation; sample n of all cases is from the same round. */
export interface Samples {
  readonly name: string
  readonly role: Case['role']
  readonly nsPerOperation: readonly number[]
}

/** A case on its way: how many operations make a sample. */
interface Runner {
  readonly case: Case
  times: number
  readonly samples: number[]
}

/** Samples all cases, in another order each round. */
export async function measure(cases: readonly Case[], effort: Effort & Pick<TimedRow, 'oneByOne'>): Promise<Samples[]> {
  const runners: Runner[] = cases.map((each) => ({ case: each, times: 1, samples: [] }))
  // In two halves: what the compiler assumes after one case alone, another case may undo.
  for (const _half of [1, 2]) for (const runner of shuffled(runners)) await warmUp(runner, effort)
  if (effort.oneByOne === true) for (const runner of runners) runner.times = 1
  for (let round = 0; round < effort.rounds; round++) {
    for (const runner of shuffled(runners)) {
      const ms = await sample(runner, effort.oneByOne !== true)
      runner.samples.push((ms * 1e6) / runner.times)
    }
  }
  return runners.map(({ case: { name, role }, samples }) => ({ name, role, nsPerOperation: samples }))
}

async function warmUp(runner: Runner, { warmUpMs, sampleMs }: Effort): Promise<void> {
  for (let spentMs = 0; spentMs < warmUpMs / 2;) {
    const ms = await sample(runner, true)
    spentMs += ms
    const wanted = (runner.times * sampleMs * 1.1) / Math.max(ms, sampleMs / 8)
    runner.times = Math.max(1, Math.round(wanted))
  }
}

async function sample({ case: { batch }, times }: Runner, collects: boolean): Promise<number> {
  // What other cases left behind, timers and garbage, is not this one's.
  await new Promise(setImmediate)
  if (collects) collectYoung()
  const before = process.cpuUsage()
  let result = batch(times)
  if (result instanceof Promise) result = await result
  const { user, system } = process.cpuUsage(before)
  keep(result)
  return (user + system) / 1_000
}

function collectYoung(): void {
  const { gc } = globalThis as { gc?: (options: { type: 'minor' }) => void }
  gc?.({ type: 'minor' })
}

function shuffled<T>(list: readonly T[]): T[] {
  const left = [...list]
  const order: T[] = []
  while (left.length > 0) order.push(...left.splice(Math.floor(Math.random() * left.length), 1))
  return order
}
