/**
 * A watering round in a greenhouse: beds from a list, a meter that is read until it is steady, and numbers without an end. Hooks
 * skip the rest of a round and change what an iteration gave; every loop says why it ended.
 */
import { createSystem, hook, isHookchartError, loop, step } from 'hookchart'
import type { StepCall } from 'hookchart'
import { createTestClock, createTestIds } from 'hookchart/testing'
import * as z from 'zod'

const clock = createTestClock()
const beds = [
  { name: 'tomatoes', dry: 0.8 },
  { name: 'basil', dry: 0.2 },
  { name: 'cactus', dry: 0.9 },
  { name: 'beans', dry: 0.5 },
]
type Bed = (typeof beds)[number]

const round = loop({
  name: 'round',
  input: z.object({ litres: z.number() }),
  iterator: { collection: beds },
  body: [
    step.run('measure', ({ input, state }: StepCall<Bed>) => {
      state['used'] ??= 0
      return { ...input, litres: Math.round(input.dry * 10) }
    }),
    step.run('water', ({ input, state }: StepCall<Bed & { litres: number }>) => {
      if (input.name === 'beans') throw new Error('the tap is stuck')
      state['used'] = Number(state['used']) + input.litres
      return `${input.name} ${input.litres} l`
    }),
  ],
  // Tested before each body. An expression can read $iteration, $value and $state.
  breakConditions: ['$state.used >= 15', { test: '$value.dry > 1', message: 'a broken sensor' }],
  iterationDelayMs: '1m',
  onError: 'continue',
})

const settling = loop({
  name: 'settling',
  iterator: { until: '$state.gap < 1', maxIterations: 20 },
  body: [
    step.run('read', ({ state }) => {
      const before = Number(state['level'] ?? 64)
      state['level'] = before / 2
      state['gap'] = before - before / 2
      return state['level'] as number
    }),
  ],
  aggregation: { type: 'last_n', n: 3 },
})

function* readings() {
  try {
    for (let day = 1; ; day++) yield day * 7
  } finally {
    console.log('   the source is closed')
  }
}

const endless = loop({
  name: 'endless',
  iterator: { collection: () => readings() },
  body: [step.run('note', ({ input }: StepCall<number>) => input)],
  breakConditions: ['$iteration >= 3'],
  aggregation: 'last_only',
})

const system = createSystem({ clock, ids: createTestIds() })
system.hooks.register(
  'LoopTermination',
  ({ data }) => console.log(`   over after ${data.iterations}: ${data.reason}`),
  { name: 'why', kind: 'observe' },
)
system.hooks
  .for(round)
  .register(
    'LoopIterationComplete',
    ({ data }) => hook.modified({ output: `${data.iteration + 1}. ${String(data.output)}` }),
    { name: 'number_them' },
  )

async function water(title: string, litres: number) {
  console.log(`\n${title}`)
  const running = system.workflows.execute(round, { litres })
  await clock.advanceSteps(600_000)
  const { status, output, state, durationMs } = await running
  console.log(` → ${status}: ${JSON.stringify(output)}`)
  console.log(`   state ${JSON.stringify(state)}, ${durationMs / 60_000} min`)
}

console.log('A WATERING ROUND')
await water('From bed to bed; a break condition ends it before the beans', 100)

const noCactus = system.hooks.register(
  'BeforeWorkflowStage',
  ({ step, data }) =>
    step?.name === 'water' && (data.input as Bed).name === 'cactus' ? hook.replace('cactus left alone') : undefined,
  { name: 'no_cactus' },
)
await water('A hook spares the cactus; so the beans have their turn, and fail', 100)
noCactus.unregister()

system.hooks
  .for(round)
  .register('LoopIterationStart', ({ data }) => (data.iteration === 1 ? hook.cancel('rain') : undefined), {
    name: 'rain',
    kind: 'guard',
  })
await water('A guard ends the loop, which has completed as far as it got', 100)

console.log('\nUntil the meter is steady')
console.log(` → ${JSON.stringify((await system.workflows.execute(settling, undefined)).output)}`)

console.log('\nValues without an end are pulled one by one')
console.log(` → ${String((await system.workflows.execute(endless, undefined)).output)}`)

console.log('\nA mistake in an expression is found when the loop is defined')
try {
  loop({ name: 'typo', iterator: { while: '$iteraton < 3' }, body: [step.run('x', () => 1)] })
} catch (error) {
  if (isHookchartError(error)) console.log(` → ${error.code}: ${error.message}`)
}

await system.stop()

console.log('\nLesson: a loop is bounded, says why it ended, and is a row of gates: each iteration can be')
console.log('refused, changed or replaced without touching the loop.')
