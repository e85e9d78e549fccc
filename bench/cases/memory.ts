/** Memory: what runs in flight hold, what they leave behind, and what a firing without a hook allocates. */
import { setImmediate as turn } from 'node:timers/promises'
import { createHooks } from 'hookchart/hooks'
import type { Hooks } from 'hookchart/hooks'
import { keep } from '../keep.ts'
import type { ProbeRow, Reading } from '../row.ts'
import { asHandlers, asyncHooksOf, dataOf, POINT } from '../workload.ts'

/** Runs in flight; a quick bench takes fewer. */
const MOST_RUNS = { full: 100_000, quick: 8_000 }
/** Finished runs that fill what a memory journal keeps, and the pools of the engine. */
const WARM_UP_RUNS = 3_000
/** As in a server, runs come and go over many turns. All in one turn would be slow to the eyes of a breaker. */
const RUNS_A_TURN = 50
/** A place in the list of the runs. */
const POINTER_BYTES = 8
/** Firings, and objects for comparison: fewer, so that no collection comes between. */
const FIRINGS = 1_000_000
const OBJECTS = 10_000

/** Linear is no growth a run; the engine rounds its tables up. */
const MOST_GROWTH = 1.1

/** No object is this small; what is left over is the engine's own. */
const MOST_LEFT_BYTES = 20

/** Starts runs that wait until they are released. */
interface Starter {
  readonly name: string
  /** There for comparison. */
  readonly isLimit?: boolean
  readonly start: (i: number, released: Promise<void>) => unknown
}

export function inFlight(): ProbeRow {
  return {
    title: '100 k runs in flight',
    workload:
      'Start runs that wait, a quarter of them and then all, read the heap after a full collection, let all of them end, and read it again; 8 k with --quick. An operation has two async hooks before its function and two after, and waits in the function. A firing waits in its hook, under a deadline. No breakers: the collections asked for here would look like slow hooks to them.',
    probe: async ({ quick }) => {
      const readings: Reading[] = []
      for (const starter of starters())
        readings.push(...(await readingsOf(starter, MOST_RUNS[quick ? 'quick' : 'full'])))
      return readings
    },
  }
}

function starters(): readonly Starter[] {
  const firings = createHooks()
  let wait: Promise<void> = Promise.resolve()
  firings.register(POINT, () => wait, { timeoutMs: 600_000, breaker: false })
  return [
    {
      name: 'a bare async function',
      isLimit: true,
      start: async (i, released) => {
        const data = dataOf(i)
        await released
        keep(data)
      },
    },
    {
      name: 'a firing',
      start: (i, released) => {
        wait = released
        return firings.run(POINT, dataOf(i))
      },
    },
    { name: 'an operation, trace off', start: operations(createHooks({ trace: 'off' })) },
    { name: 'an operation, traced', start: operations(createHooks()) },
  ]
}

function operations(hooks: Hooks): Starter['start'] {
  const handlers = asHandlers(asyncHooksOf(4))
  for (const handler of handlers.slice(0, 2)) hooks.register(POINT, handler, { breaker: false })
  for (const handler of handlers.slice(2)) hooks.register('AfterToolExecution', handler as never, { breaker: false })
  let wait: Promise<void> = Promise.resolve()
  const wrapped = hooks.wrap({ name: 'wait', before: POINT, after: 'AfterToolExecution' }, () => wait)
  return async (i, released) => {
    wait = released
    const { status, error } = await wrapped(dataOf(i).input)
    if (status !== 'completed') throw error ?? new Error(status)
  }
}

/** What a run holds while it waits, and when it has ended. */
interface Held {
  readonly heldBytes: number
  readonly leftBytes: number
}

async function readingsOf({ name, start, isLimit = false }: Starter, most: number): Promise<Reading[]> {
  await runsOf(start, WARM_UP_RUNS)
  const few = isLimit ? undefined : await runsOf(start, most / 4)
  const many = await runsOf(start, most)
  const held: Reading = { name: `${name} holds`, value: many.heldBytes, unit: 'bytes' }
  if (few === undefined) return [held]
  const growth = many.heldBytes / few.heldBytes
  return [
    held,
    { name: `${name} holds, × what it does among a quarter`, value: growth, unit: '×', atMost: MOST_GROWTH },
    { name: `${name} leaves behind`, value: many.leftBytes, unit: 'bytes', atMost: MOST_LEFT_BYTES },
  ]
}

async function runsOf(start: Starter['start'], runs: number): Promise<Held> {
  const running = new Array<unknown>(runs)
  const releases: (() => void)[] = []
  const before = await heapBytes()
  for (let i = 0; i < runs;) {
    const released = new Promise<void>((resolve) => releases.push(resolve))
    for (const next = i + RUNS_A_TURN; i < next; i++) running[i] = start(i, released)
    await turn()
  }
  const during = await heapBytes()
  for (const release of releases) {
    release()
    await turn()
  }
  await Promise.all(running)
  running.length = 0
  releases.length = 0
  const after = await heapBytes()
  // The list of the runs was there before and is gone now.
  return { heldBytes: (during - before) / runs, leftBytes: (after - before) / runs + POINTER_BYTES }
}

/** What is alive. */
async function heapBytes(): Promise<number> {
  await turn()
  collect()
  return process.memoryUsage().heapUsed
}

function collect(): void {
  const { gc } = globalThis as { gc?: () => void }
  if (gc === undefined) throw new Error('The memory rows need --expose-gc.')
  gc()
}

/** What firing a point without a hook allocates. */
export function allocation(): ProbeRow {
  return {
    title: 'Point with no hook: allocation',
    workload: `Fire a point without a hook ${FIRINGS.toLocaleString('en')} times with data that is there already, and read how the heap has grown with no collection in between.`,
    probe: async () => {
      const hooks = createHooks()
      const data = dataOf(0)
      const same = hooks.run(POINT, data)
      let others = 0
      const fire = () => {
        for (let i = 0; i < FIRINGS; i++) if (hooks.run(POINT, data) !== same) others++
      }
      const build = () => {
        const objects: unknown[] = new Array(OBJECTS)
        for (let i = 0; i < OBJECTS; i++) objects[i] = { i }
        keep(objects)
      }
      const perFiring = await allocatedBy(fire, FIRINGS)
      const perObject = await allocatedBy(build, OBJECTS)
      const odd = others + (same instanceof Promise ? 1 : 0)
      return [
        { name: 'a firing allocates', value: perFiring, unit: 'bytes', atMost: 0.1 },
        { name: 'for comparison, an object of one field in a list', value: perObject, unit: 'bytes' },
        { name: 'firings that gave a promise or another object', value: odd, unit: '', atMost: 0 },
      ]
    },
  }
}

/** The least of several readings: what else happens in a process can only add. */
async function allocatedBy(work: () => void, times: number): Promise<number> {
  let least = Infinity
  for (let i = 0; i < 9; i++) {
    await turn()
    collect()
    const before = process.memoryUsage().heapUsed
    work()
    least = Math.min(least, (process.memoryUsage().heapUsed - before) / times)
  }
  return least
}
