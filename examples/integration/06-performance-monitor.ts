/**
 * Three hooks measure any workflow: where it starts, behind each step, and at its end, however it ends. What they know they keep
 * in the state of the system, and at the end they tell whoever listens at a point of their own.
 */
import { createSystem, definePoint, sequential, step } from 'hookchart'
import type { System } from 'hookchart'
import { createTestClock, createTestIds } from 'hookchart/testing'
import * as z from 'zod'

const clock = createTestClock()
const wait = (ms: number) => new Promise<void>((resolve) => void clock.setTimeout(resolve, ms))

/** What is told of a run. */
const performanceShape = z.object({
  workflow: z.string(),
  status: z.string(),
  startedAt: z.number(),
  totalMs: z.number(),
  steps: z.array(z.object({ name: z.string(), ms: z.number() })),
})
type Performance = z.output<typeof performanceShape>
// Nobody decides anything here: it is a point to listen at.
const workflowPerformance = definePoint('workflow:performance', { phase: 'notify', schema: performanceShape })

/** Measures all workflows of a system; gives what ends that. */
function monitorPerformance({ hooks, state }: System): () => void {
  const scope = { custom: 'performance' }
  const hook = (name: string) => ({ name: `performance_${name}`, priority: 'lowest' }) as const
  const handles = [
    hooks.register(
      'workflow:before_start',
      async ({ workflow, timestamp }) => {
        const begun = { workflow: workflow!.name, status: 'running', startedAt: timestamp, totalMs: 0, steps: [] }
        await state.set(workflow!.id, begun, { scope })
      },
      hook('start'),
    ),
    hooks.register(
      'workflow:after_step',
      async ({ workflow, step: done }) => {
        const run = (await state.get(workflow!.id, { scope })) as Performance | undefined
        if (run === undefined) return
        const steps = [...run.steps, { name: done!.name, ms: done!.durationMs ?? 0 }]
        await state.set(workflow!.id, { ...run, steps }, { scope })
      },
      hook('step'),
    ),
    hooks.register(
      'workflow:after_complete',
      async ({ workflow, data, timestamp, correlationId }) => {
        const run = (await state.get(workflow!.id, { scope })) as Performance | undefined
        if (run === undefined) return
        const ended = { ...run, status: String(data['status']), totalMs: timestamp - run.startedAt }
        await hooks.run(workflowPerformance, ended, { correlationId })
        await state.delete(workflow!.id, { scope })
      },
      hook('end'),
    ),
  ]
  return () => handles.forEach((handle) => handle.unregister())
}

const pause = (name: string, ms: number) => step.run(name, () => wait(ms))
const breakfast = sequential({
  name: 'breakfast',
  steps: [pause('boil water', 180), pause('toast', 120), pause('lay the table', 30)],
})
const supper = sequential({
  name: 'supper',
  steps: [
    pause('peel', 300),
    step.run('fry', async () => {
      await wait(90)
      throw new Error('burnt')
    }),
    pause('serve', 40),
  ],
})

const system = createSystem({ clock, ids: createTestIds(), points: [workflowPerformance] })
const stopMonitoring = monitorPerformance(system)

// Two that listen, and know nothing of each other.
system.hooks.register(
  workflowPerformance,
  ({ data: { workflow, status, totalMs, steps } }) => {
    console.log(`   ${workflow.padEnd(9)} ${status.padEnd(9)} ${String(totalMs).padStart(4)} ms`)
    for (const { name, ms } of steps) {
      const bar = '▇'.repeat(Math.max(1, Math.round((ms / Math.max(1, totalMs)) * 30)))
      console.log(`     ${name.padEnd(14)} ${String(ms).padStart(4)} ms ${bar}`)
    }
  },
  { name: 'chart', kind: 'observe' },
)
system.hooks.register(
  workflowPerformance,
  ({ data }) => {
    if (data.totalMs > 350) console.log(`   ! ${data.workflow} takes longer than 350 ms`)
  },
  { name: 'alert', kind: 'observe' },
)

async function run(title: string, ...workflows: (typeof breakfast | typeof supper)[]) {
  console.log(`\n${title}`)
  const running = workflows.map((workflow) => system.workflows.execute(workflow, undefined))
  await clock.advanceSteps(1_000)
  await Promise.all(running)
  const kept = await system.state.list({ scope: { custom: 'performance' } })
  console.log(` → kept in the state of the system: ${kept.length === 0 ? 'nothing' : kept.join()}`)
}

console.log('EVERY WORKFLOW IS MEASURED, and none knows of it')
await run('Breakfast', breakfast)
await run('Both at once: each run has figures of its own, also the one that fails', breakfast, supper)
stopMonitoring()
await run('Unregistered: nothing is measured, and nothing is left', breakfast)

await system.stop()

console.log('\nLesson: what is measured needs no place in what is done. Hooks keep what they know under the id of')
console.log('the run, and a point of your own tells the rest of the program.')
