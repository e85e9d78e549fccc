/**
 * Figures of single steps are collected in the state of the run and told ten at a time. The hook is called only for steps that are
 * to be watched, and what is left at the end, or at a failure, is told then.
 */
import { createSystem, definePoint, hook, loop, step } from 'hookchart'
import type { HookContext, StepCall } from 'hookchart'
import { createTestClock, createTestIds } from 'hookchart/testing'
import * as z from 'zod'

const clock = createTestClock()
const wait = (ms: number) => new Promise<void>((resolve) => void clock.setTimeout(resolve, ms))

const BATCH = 10
const metric = z.object({ step: z.string(), ms: z.number() })
type Metric = z.output<typeof metric>
const metricsBatch = definePoint('metrics:batch', {
  phase: 'notify',
  schema: z.object({ workflow: z.string(), metrics: z.array(metric) }),
})

const system = createSystem({ clock, ids: createTestIds(), points: [metricsBatch] })

const batchOf = ({ state }: HookContext) => (state['metrics'] ?? []) as readonly Metric[]
let calls = 0
let batches = 0
async function flush({ workflow, correlationId }: HookContext, metrics: readonly Metric[]) {
  batches++
  await system.hooks.run(metricsBatch, { workflow: workflow!.name, metrics: [...metrics] }, { correlationId })
}

system.hooks.register(
  'workflow:after_step',
  async (ctx) => {
    calls++
    const metrics = [...batchOf(ctx), { step: ctx.step!.name, ms: ctx.step!.durationMs ?? 0 }]
    if (metrics.length < BATCH) return hook.continue({ state: { metrics } })
    await flush(ctx, metrics)
    return hook.continue({ state: { metrics: [] } })
  },
  // For other steps it is not called at all.
  { name: 'collect', when: ({ step: done }) => done?.metadata['monitor'] === true },
)
system.hooks.register(
  'workflow:after_complete',
  async (ctx) => {
    const rest = batchOf(ctx)
    if (rest.length === 0) return undefined
    await flush(ctx, rest)
    return hook.continue({ state: { metrics: [] } })
  },
  { name: 'flush_rest' },
)
system.hooks.register(
  metricsBatch,
  ({ data: { workflow, metrics }, correlationId }) => {
    const total = metrics.reduce((sum, { ms }) => sum + ms, 0)
    const slowest = metrics.reduce((most, each) => (each.ms > most.ms ? each : most))
    const steps = `${String(metrics.length).padStart(2)} steps, ${String(total).padStart(3)} ms`
    console.log(`   ${workflow} of ${correlationId}: ${steps}, slowest ${slowest.step} ${slowest.ms} ms`)
  },
  { name: 'show', kind: 'observe' },
)

const watched = { metadata: { monitor: true } }
const upload = loop({
  name: 'upload',
  iterator: { collection: ({ input }) => input as readonly number[] },
  aggregation: 'last_only',
  body: [
    step.run('check', ({ input }: StepCall<number>) => input),
    step.run(
      'compress',
      async ({ input }: StepCall<number>) => {
        await wait(input)
        return input / 2
      },
      watched,
    ),
    step.run(
      'send',
      async ({ input }: StepCall<number>) => {
        if (input > 100) throw new Error('too large to send')
        await wait(2 * input)
        return input
      },
      watched,
    ),
  ],
})

async function run(title: string, files: readonly number[]) {
  console.log(`\n${title}`)
  ;[calls, batches] = [0, 0]
  const running = system.workflows.execute(upload, files, { correlationId: title.split(':')[0]!.toLowerCase() })
  await clock.advanceSteps(10_000)
  const { status, state } = await running
  console.log(` → ${status}; ${calls} calls of the hook, ${batches} batches; state ${JSON.stringify(state ?? {})}`)
}
const sizes = (count: number) => Array.from({ length: count }, (_, i) => 10 * (i + 1))

console.log('FIGURES, TEN AT A TIME')
await run('Ten files: twenty steps that are watched, two batches', sizes(10))
await run('Seven files: one batch, and the rest at the end', sizes(7))
await run('Two files: less than a batch', sizes(2))
await run('A file that is too large: what was collected before the failure is told all the same', [20, 40, 60, 300, 20])

console.log('\nTwo runs at once keep their figures apart')
const both = [6, 3].map((count) => system.workflows.execute(upload, sizes(count), { correlationId: `${count} files` }))
await clock.advanceSteps(10_000)
await Promise.all(both)

const { perHook } = system.hooks.stats()
console.log('\nHow often the hooks were called, and passed over')
for (const { hook: name, count, skipped } of perHook)
  console.log(`   ${name.padEnd(10)} ${count} called, ${skipped} not`)
await system.stop()

console.log('\nLesson: a condition costs less than a call, and a batch less than many events. The state of the run')
console.log('is the place for what belongs to one run; the end fires on every ending, so nothing is lost.')
