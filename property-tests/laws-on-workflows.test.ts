/** Laws 3, 4, 8, 12 to 15 on the steps of sequences: random hooks at their points, steps that fail, hang and come late, aborts and answers. */
import fc from 'fast-check'
import * as actors from 'hookchart/actors'
import { sequential, step } from 'hookchart/machines'
import { createTestClock, createTestIds } from 'hookchart/testing'
import * as z from 'zod'
import { decidingAt, doEffect, effectArbitrary, registerDeciding } from './support/deciding.ts'
import { testLawOf } from './support/law.ts'
import { assertAttempts, assertGuarded, assertOrder, Observed } from './support/observed.ts'
import type { Order } from './support/observed.ts'
import { finish } from './support/run.ts'

const BEFORE = ['SequentialStepStart', 'BeforeWorkflowStage']
const BEHIND = ['AfterWorkflowStage', 'SequentialStepComplete', 'WorkflowStepError']
const [FIRST, STAGE] = BEFORE as [string, string]

/** What the catalogue says of a step: what may follow what, with somebody at every point. */
const OF_STEP: Order = {
  start: [FIRST, 'WorkflowStepError', 'OperationSettled'],
  [FIRST]: [FIRST, STAGE, 'AfterWorkflowStage', 'OperationSettled'],
  [STAGE]: [STAGE, 'effect', 'AfterWorkflowStage', 'OperationSettled'],
  effect: ['AfterWorkflowStage', 'WorkflowStepError', 'OperationSettled'],
  AfterWorkflowStage: ['SequentialStepComplete', FIRST, STAGE, 'effect', 'OperationSettled'],
  SequentialStepComplete: [FIRST, STAGE, 'effect', 'OperationSettled'],
  WorkflowStepError: ['AfterWorkflowStage', STAGE, 'effect', 'OperationSettled'],
}
/** And of the workflow itself. */
const OF_WHOLE: Order = {
  start: ['BeforeWorkflowStart', 'OperationSettled'],
  BeforeWorkflowStart: ['WorkflowError', 'AfterWorkflowComplete'],
  WorkflowError: ['AfterWorkflowComplete'],
  AfterWorkflowComplete: ['OperationSettled'],
}
const WHOLE = ['BeforeWorkflowStart', 'WorkflowError', 'AfterWorkflowComplete']

const scenario = fc.record({
  specs: fc.array(decidingAt([...BEFORE, ...BEFORE, ...BEHIND]), { maxLength: 5 }),
  effects: fc.array(effectArbitrary, { minLength: 1, maxLength: 3 }),
  input: fc.constantFrom<unknown>({ n: 1 }, { n: 2 }, { n: 'no' }),
  onError: fc.constantFrom('fail_fast' as const, 'continue' as const, { retry: { maxAttempts: 2, backoff: 10 } }),
  aborts: fc.boolean(),
  rejects: fc.boolean(),
})

function law({ createSystem }: typeof actors) {
  return fc.asyncProperty(scenario, fc.scheduler(), async (given, scheduler) => {
    const { specs, effects, input, onError, aborts, rejects } = given
    const clock = createTestClock()
    const seen = new Observed()
    let starts = 0
    const stepOf = (name: string) =>
      step.run(
        name,
        async ({ input: value, idempotencyKey, attempt }) => {
          seen.effect(idempotencyKey, name, attempt, value)
          const n = await doEffect(effects[Math.min(starts++, effects.length - 1)]!, value.n, scheduler)
          return { n: n + 1 }
        },
        { input: z.object({ n: z.number() }), timeoutMs: 400 },
      )
    const workflow = sequential({ name: 'work', steps: [stepOf('one'), stepOf('two')], onError })
    const system = createSystem({ clock, ids: createTestIds(), executor: { overheadBudget: false } })
    const decides = registerDeciding(system.hooks, specs, seen, scheduler)
    const guards = decides.filter(({ point }) => BEFORE.includes(point))
    const points = [...BEFORE, ...BEHIND, ...WHOLE, 'OperationSettled']
    seen.watch(system.hooks, points)
    const controller = new AbortController()
    const running = system.workflows.execute(workflow, input as never, { signal: controller.signal })
    let rounds = 0
    const { status } = await finish(running, clock, scheduler, 50, () => {
      if (aborts && ++rounds === 3) controller.abort('enough')
      for (const { id } of system.approvals.pending()) {
        void (rejects ? system.approvals.reject(id, 'no') : system.approvals.resume(id)).catch(() => {})
      }
    })
    await system.stop()
    for (const [id, , happened] of seen.all) {
      const isWhole = happened.some((each) => each.type === 'point' && WHOLE.includes(each.point))
      assertOrder(id, happened, isWhole ? OF_WHOLE : OF_STEP)
      assertAttempts(id, happened)
      assertGuarded(id, happened, guards, STAGE)
    }
    if (!['completed', 'partial', 'failed', 'cancelled', 'timed_out'].includes(status)) {
      throw new Error(`it ended as ${status}`)
    }
  })
}

testLawOf(
  actors,
  'actors/index.ts',
  'laws 3, 4, 8, 12 to 15 on workflows',
  law,
  [
    {
      name: 'a step begins at its second gate',
      file: 'machines/operation/operation-order.ts',
      from: 'nextGate(0, first)',
      to: 'nextGate(before.length - 1, first)',
    },
    {
      name: 'the second gate behind a step is passed first',
      file: 'machines/operation/operation-order.ts',
      from: "(after !== undefined && isHooked(after) ? 'after' : behind())",
      to: "(behind() === 'last' ? 'last' : after !== undefined && isHooked(after) ? 'after' : 'end')",
    },
    {
      name: 'a gate that refuses is passed',
      file: 'actors/operation/charted-operation.ts',
      from: "if (end.type !== 'retry') return this.end(work.endAt(gate.slot, end, undefined, input))",
      to: "if (end.type !== 'retry') return this.#onward({ input })",
    },
  ],
  { numRuns: 60 },
)
