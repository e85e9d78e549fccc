/**
 * A trip with a flight, a hotel and a car that are looked for at once. Few at a time, some of them optional, one too slow; and
 * what happens to the others when one fails, when the first is enough, and when two write to the same place.
 */
import { createSystem, hook, parallel, step } from 'hookchart'
import type { StepCall, WorkflowDefinition } from 'hookchart'
import { createTestClock, createTestIds } from 'hookchart/testing'

const clock = createTestClock()
const system = createSystem({ clock, ids: createTestIds() })

/** Looks for an offer for so many seconds; stops looking when its signal is aborted. */
const look = (name: string, seconds: number, euros: number) =>
  step.run(name, async ({ signal, state }: StepCall<string>) => {
    console.log(`   ${time()} looks for a ${name}`)
    await new Promise<void>((resolve, reject) => {
      const timer = clock.setTimeout(resolve, seconds * 1_000)
      signal.addEventListener('abort', () => {
        clock.clearTimeout(timer)
        console.log(`   ${time()} gives up the ${name}`)
        reject(new Error('aborted'))
      })
    })
    if (euros < 0) throw new Error(`no ${name} left`)
    state['cheapest'] = euros
    return euros
  })
const time = () => `${String(clock.now() / 1_000 - startedAt).padStart(2)} s`
let startedAt = 0

const cheapest = ({ changes }: { changes: readonly { value: unknown }[] }) =>
  Math.min(...changes.map(({ value }) => Number(value)))

const trip = parallel({
  name: 'trip',
  maxConcurrency: 2,
  mergeState: cheapest,
  branches: [
    { name: 'flight', steps: [look('flight', 3, 120)] },
    {
      name: 'hotel',
      steps: [look('hotel', 2, 90), step.run('breakfast', ({ input }: StepCall<number>) => input + 15)],
    },
    { name: 'car', optional: true, timeoutMs: '4s', steps: [look('car', 9, 40)] },
  ],
})
const soldOut = parallel({
  name: 'sold_out',
  maxConcurrency: 2,
  branches: [
    { name: 'flight', steps: [look('flight', 3, 120)] },
    { name: 'hotel', steps: [look('hotel', 2, -1)] },
    { name: 'car', steps: [look('car', 1, 40)] },
  ],
})
const anyFlight = parallel({
  name: 'any_flight',
  join: 'any',
  branches: [
    { name: 'north', steps: [look('north wind', 4, 80)] },
    { name: 'south', steps: [look('south wind', 2, 95)] },
  ],
})
const quarrel = parallel({
  name: 'quarrel',
  branches: [
    { name: 'ann', steps: [look('beach', 1, 10)] },
    { name: 'bob', steps: [look('mountain', 1, 20)] },
  ],
})

system.hooks.register(
  ['ParallelFork', 'ParallelSynchronization', 'StateConflict', 'ParallelJoin'],
  ({ point, data }) => console.log(`   ${time()} ${point} ${JSON.stringify(data)}`),
  { name: 'show', kind: 'observe' },
)

async function plan<Output>(title: string, workflow: WorkflowDefinition<string, Output>) {
  console.log(`\n${title}`)
  startedAt = clock.now() / 1_000
  const running = system.workflows.execute(workflow, 'Lisbon')
  await clock.advanceSteps(20_000)
  const { status, output, error, state } = await running
  console.log(` → ${status}: ${error?.message ?? JSON.stringify(output)}`)
  console.log(`   ${JSON.stringify(error === undefined ? state : error.details)}`)
}

console.log('A TRIP, ALL AT ONCE')
await plan('Two at a time; the car is optional, and too slow', trip)
await plan('One fails: what waits never starts, what runs is stopped', soldOut)
await plan('The first is enough', anyFlight)
await plan('Two write to the same place, and nobody says what holds', quarrel)

system.hooks.register('ParallelFork', () => hook.modified({ concurrency: 1 }), { name: 'one_by_one' })
system.hooks
  .for(trip)
  .register(
    'ParallelJoin',
    ({ data: { output } }) => hook.modified({ output: { ...output, hotel: output.hotel - 20 } }),
    { name: 'voucher' },
  )
await plan('Hooks: one at a time, and a voucher at the join', trip)

await system.stop()

console.log('\nLesson: at the fork each branch gets a draft of its own, at the join the drafts become one.')
console.log('A branch that is stopped is told so, and none is left running behind the result.')
