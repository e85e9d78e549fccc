/** Laws 3, 4, 8, 12 to 15 on loops: which iterations run, with what, and what is kept of them, as a plain reference says. */
import fc from 'fast-check'
import * as actors from 'hookchart/actors'
import { loop } from 'hookchart/machines'
import { testLawOf } from './support/law.ts'
import { lane, leaves } from './support/workflow-reference.ts'
import type { Cursor, End } from './support/workflow-reference.ts'
import { assertWorkflow, MAX_REDIRECTS, planAt, stepNames } from './support/workflow-scenario.ts'

const GATES = ['LoopIterationStart', 'LoopIterationComplete', 'WorkflowStageTransition']
const TOLD = ['LoopTermination']

const loopArbitrary = fc.record({
  body: fc.integer({ min: 1, max: 2 }),
  values: fc.integer({ min: 0, max: 3 }),
  /** The iteration at which it breaks. */
  breaksAt: fc.constantFrom(1, 2, undefined, undefined),
  aggregation: fc.constantFrom(
    ...(['collect_all', 'collect_all', 'last_only', 'none'] as const),
    ...([
      { type: 'first_n', n: 1 },
      { type: 'last_n', n: 2 },
    ] as const),
  ),
  onError: fc.constantFrom('fail_fast' as const, 'continue' as const),
  delayMs: fc.constantFrom(0, 0, 30),
})
type Loop = typeof loopArbitrary extends fc.Arbitrary<infer Made> ? Made : never

const scenario = fc.record({ plan: planAt(...GATES), given: loopArbitrary })

function law(names: typeof actors) {
  return fc.asyncProperty(scenario, fc.scheduler(), async ({ plan, given }, scheduler) => {
    const steps = stepNames('s', given.body)
    await assertWorkflow(names, scheduler, {
      ...{ plan, gates: GATES, told: TOLD, lanes: [steps] },
      define: (stepOf, common) =>
        loop({
          ...(common as { name: string }),
          iterator: { collection: valuesOf(given) },
          body: steps.map(stepOf) as never,
          ...(given.breaksAt !== undefined && { breakConditions: [`$iteration == ${given.breaksAt}`] }),
          ...{ aggregation: given.aggregation, onError: given.onError, iterationDelayMs: given.delayMs },
        }),
      course: (cursor) => course(cursor, given, steps),
    })
  })
}

const valuesOf = ({ values }: Loop) => Array.from({ length: values }, (_, n) => ({ n }))

/** Each iteration has its value, its body, and what it gives; a failed one is passed over or ends it. */
function course(cursor: Cursor, given: Loop, steps: readonly string[]): End {
  const { breaksAt, onError } = given
  const kept: unknown[] = []
  const jumps = { back: 0 }
  let passedOver = 0
  const ended = (reason: unknown, end: End): End => {
    cursor.told('LoopTermination', { reason, iterations: kept.length + passedOver })
    return end
  }
  const completed = (reason: string) =>
    ended(reason, { type: passedOver > 0 ? 'partial' : 'completed', value: aggregate(kept, given) })
  for (const [iteration, value] of valuesOf(given).entries()) {
    if (iteration === breaksAt) return completed(`Break condition met: $iteration == ${breaksAt}`)
    const start = leaves(cursor.gate('LoopIterationStart', { value, iteration }))
    const { decision } = start
    if (decision.type === 'cancel') {
      return decision.code === 'HOOK_CANCELLED' ? completed(decision.reason) : ended('cancelled', { type: 'refused' })
    }
    const changed = start.left['value']
    const end = lane(cursor, { steps, jumps, maxRedirects: MAX_REDIRECTS }, changed)
    if (end.type === 'completed' || end.type === 'partial') {
      const about = { value: changed, iteration, output: end.value }
      const { left, decision: result } = leaves(cursor.gate('LoopIterationComplete', about))
      if (result.type !== 'cancel') {
        kept.push(result.type === 'replace' ? result.value : left['output'])
        continue
      }
    }
    if (onError === 'fail_fast') {
      const type = end.type === 'refused' ? 'refused' : 'failed'
      return ended(type === 'refused' ? 'cancelled' : 'failed', { type })
    }
    passedOver++
  }
  return completed('exhausted')
}

function aggregate(kept: readonly unknown[], { aggregation }: Loop): unknown {
  if (aggregation === 'none') return undefined
  if (aggregation === 'last_only') return kept.at(-1)
  if (aggregation === 'collect_all') return kept
  return aggregation.type === 'first_n' ? kept.slice(0, aggregation.n) : kept.slice(-aggregation.n)
}

testLawOf(
  actors,
  'actors/index.ts',
  'laws 3, 4, 8, 12 to 15 on loops',
  law,
  [
    {
      name: 'a value that hooks change does not come to the body',
      file: 'actors/workflow/loop-run.ts',
      from: "return { type: 'completed', note: { value: passed.data['value'] } }",
      to: "return { type: 'completed', note: { value } }",
      seed: 142542,
    },
    {
      name: 'a result that is refused is kept',
      file: 'machines/workflow/loop-machine.ts',
      from: "onError === 'continue' ? { target: 'pulling', actions: 'passOverIteration' } : { target: 'failed' },",
      to: "{ target: 'keeping' },",
    },
    {
      name: 'a loop tells of its end twice',
      file: 'actors/workflow/loop-run.ts',
      from: 'if (this.#hasTerminated) return',
      to: '',
    },
    {
      name: 'what failed does not make it partial',
      file: 'machines/workflow/loop-machine.ts',
      from: 'failed: [...lane.failed, `iteration ${String(context.iteration)}`]',
      to: 'failed: lane.failed',
    },
    {
      name: 'a step that has been given up changes the state',
      file: 'actors/workflow/step-operation.ts',
      from: `    for (const change of changes) {
      if (wasGivenUp(call)) return`,
      to: '    for (const change of changes) {',
      seed: 39595,
    },
    {
      name: 'a result that is kept leads nowhere',
      file: 'machines/workflow/loop-machine.ts',
      from: "keeping: { invoke: { src: 'keep', input, onDone: { target: 'pulling', actions: note } } },",
      to: "keeping: { invoke: { src: 'keep', input, onDone: { actions: note } } },",
    },
    {
      name: 'a step does its work twice',
      file: 'actors/workflow/step-operation.ts',
      from: 'return andThen(step.execute(own as never), (value) => {',
      to: `void Promise.resolve(step.execute(own as never)).catch(() => undefined)
    return andThen(step.execute(own as never), (value) => {`,
    },
  ],
  { numRuns: 60 },
)
