/**
 * A parcel service is watched while it works: what happens is told as it happens, hooks hear of pressure and of a hook that
 * costs too much, and at the end a table says what everything took. None of it changes what the service does.
 */
import { createSystem, defineTool, sequential, step } from 'hookchart'
import type { Observation, RunResult } from 'hookchart'
import { createTestClock, createTestIds } from 'hookchart/testing'
import * as z from 'zod'

const clock = createTestClock()
const wait = (ms: number) => new Promise<void>((resolve) => void clock.setTimeout(resolve, ms))

const parcelSchema = z.object({ to: z.string(), grams: z.number() })
type Parcel = z.output<typeof parcelSchema>
const weigh = defineTool({
  name: 'weigh',
  description: 'puts a parcel on the scales',
  input: parcelSchema,
  execute: async ({ input }) => {
    await wait(20)
    return { ...input, cents: 300 + input.grams }
  },
})
const label = defineTool({
  name: 'label',
  description: 'prints a label',
  input: parcelSchema.extend({ cents: z.number() }),
  execute: async ({ input }) => {
    await wait(input.to === 'Bob' ? 90 : 10)
    if (input.to === '') throw new Error('a label without a name')
    return `${input.to}, ${input.cents / 100} €`
  },
})
const ship = sequential({
  name: 'ship',
  input: parcelSchema,
  steps: [step.tool('weigh', weigh), step.tool('label', label)],
})

// How full the memory is, each time that it is measured.
const memory = [0.5, 0.93, 0.95, 0.6, 0.97]
const system = createSystem({
  id: 'parcels',
  clock,
  ids: createTestIds(),
  performance: { everyMs: 50, sampler: { sample: () => ({ memoryRatio: memory.shift() ?? 0.5, cpuRatio: 0.2 }) } },
})

// Two hooks that the service could do without. One looks something up each time, and the tool is as quick as the hook.
system.hooks.register('BeforeToolExecution', () => wait(5), { name: 'look_up', criticality: 1 })
system.hooks.register('AfterToolExecution', () => undefined, { name: 'count', kind: 'observe' })

const at = () => `${String(clock.now()).padStart(5)} ms`
system.hooks.register(
  ['MemoryUsageHigh', 'CpuUsageHigh', 'PerformanceThresholdExceeded'],
  ({ point, data }) => {
    const { value, threshold, hooks } = data
    const which = hooks.length === 0 ? '' : `: ${hooks.join(', ')}`
    console.log(`   ${at()} ${point} ${value.toFixed(2)} (limit ${threshold})${which}`)
  },
  { name: 'alarm', kind: 'observe' },
)

async function send(...parcels: Parcel[]): Promise<RunResult[]> {
  const running = parcels.map((parcel) => system.workflows.execute(ship, parcel))
  await clock.advanceSteps(200)
  return Promise.all(running)
}

/** What is said of each observation, besides where it was made. */
function told(each: Observation): string {
  if (each.type === 'gate_passed') return `${each.point} → ${each.decision}`
  if (each.type === 'effect_settled' || each.type === 'operation_settled')
    return `${each.type} ${each.status} after ${each.durationMs} ms`
  return each.type
}

console.log('A PARCEL SERVICE IS WATCHED\n')
console.log('Everything that happens to one parcel')
const shown = system.inspect((each) => console.log(`   ${at()} ${each.path.padEnd(44)} ${told(each)}`))
await send({ to: 'Ann', grams: 200 })
shown.stop()

console.log('\nPressure is told once when it rises, and again when it had fallen in between')
await send({ to: 'Bob', grams: 900 }, { to: 'Cy', grams: 100 })
await send({ to: 'Dan', grams: 100 }, { to: 'Eve', grams: 700 })

console.log('\nWhere the time of the slow parcel went, by its trace')
const [slow] = await send({ to: 'Bob', grams: 900 })
// The effect of a workflow, and of each of its steps, contains those of the tools.
const timed = slow!.trace.filter(
  ({ kind, durationMs, component }) =>
    (kind === 'effect' || kind === 'transform') && durationMs > 0 && component !== 'ship',
)
for (const { at: began, kind, hook, component, durationMs } of timed)
  console.log(
    `   ${String(began - slow!.trace[0]!.at).padStart(5)} ms ${kind.padEnd(9)} ${(hook ?? component).padEnd(8)} ${durationMs} ms`,
  )

// Figures by the same way: what is inspected is counted.
const figures = new Map<string, { runs: number; failed: number; ms: number; longestMs: number }>()
const counting = system.inspect((each) => {
  if (each.type !== 'operation_settled') return
  const path = each.path.slice(each.path.indexOf('/') + 1)
  const { runs, failed, ms, longestMs } = figures.get(path) ?? { runs: 0, failed: 0, ms: 0, longestMs: 0 }
  const isFailed = each.status === 'completed' ? 0 : 1
  figures.set(path, {
    runs: runs + 1,
    failed: failed + isFailed,
    ms: ms + each.durationMs,
    longestMs: Math.max(longestMs, each.durationMs),
  })
})
console.log('\nA hundred parcels more: a hook that costs more than its budget is left out, and tried again later')
for (let i = 0; i < 100; i++) await send({ to: i % 20 === 19 ? '' : `Nr ${i}`, grams: i * 10 })
counting.stop()

/** Prints rows as columns; numbers stand to the right. */
function table(heads: string[], rows: (string | number)[][]) {
  const widths = heads.map((head, i) => Math.max(head.length, ...rows.map((row) => String(row[i]).length)))
  const pad = (cell: string | number, i: number) =>
    typeof rows[0]![i] === 'number' ? String(cell).padStart(widths[i]!) : String(cell).padEnd(widths[i]!)
  for (const row of [heads, ...rows]) console.log(`   ${row.map(pad).join('  ')}`.trimEnd())
}
console.log('\nWhat the hundred parcels took')
table(
  ['what', 'runs', 'failed', 'mean ms', 'longest ms'],
  [...figures]
    .sort()
    .map(([path, { runs, failed, ms, longestMs }]) => [path, runs, failed, Math.round(ms / runs), longestMs]),
)
console.log('\nWhat the hooks took, by their own figures')
const { perHook, overhead } = system.hooks.stats()
const leftOut = new Set(overhead.flatMap(({ shed }) => shed.map(({ hook, point }) => `${hook} ${point}`)))
table(
  ['hook', 'point', 'called', 'median ms', 'share', 'now'],
  perHook
    .filter(({ count }) => count > 0)
    .map(({ hook, point, count, p50Ms, shareRatio }) => [
      ...[hook, point, count, p50Ms, `${Math.round(shareRatio * 100)} %`],
      leftOut.has(`${hook} ${point}`) ? 'left out' : 'on',
    ]),
)

await system.stop()

console.log('\nLesson: inspect tells everything and costs nothing while nobody looks; a trace says where the')
console.log('time of one run went; stats say what hooks cost, and a budget keeps them from costing more.')
