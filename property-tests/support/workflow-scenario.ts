/** A workflow that runs among random hooks, with steps that fail, hang and come late, steered from outside; and the laws that hold for each. */
import type fc from 'fast-check'
import type * as actors from 'hookchart/actors'
import type { HookContext } from 'hookchart/hooks'
import { step } from 'hookchart/machines'
import type { Step, WorkflowDefinition } from 'hookchart/machines'
import { createTestClock, createTestIds } from 'hookchart/testing'
import { expect } from 'vitest'
import * as z from 'zod'
import { assertGates, assertPauses, courseOf } from './course.ts'
import type { Seen } from './course.ts'
import { doEffect, registerDeciding } from './deciding.ts'
import { assertAttempts, assertGuarded, assertOrder, Observed } from './observed.ts'
import type { Order } from './observed.ts'
import { planOf, steer } from './plan.ts'
import type { Plan } from './plan.ts'
import { finish } from './run.ts'
import { whole } from './workflow-reference.ts'
import type { PatternCourse } from './workflow-reference.ts'

const STAGE = 'BeforeWorkflowStage'
const OF_STEPS = [STAGE, 'AfterWorkflowStage', 'WorkflowStepError', 'WorkflowStateChange']
const OF_SEQUENCES = ['SequentialStepStart', 'SequentialStepComplete']
const OF_WHOLE = ['BeforeWorkflowStart', 'WorkflowError', 'AfterWorkflowComplete']

/** What the catalogue says of a step of a branch or body: what may follow what, with somebody at every point. */
const PLAIN_STEP: Order = {
  start: [STAGE, 'WorkflowStepError', 'OperationSettled'],
  [STAGE]: [STAGE, 'effect', 'AfterWorkflowStage', 'OperationSettled'],
  effect: ['WorkflowStateChange', 'AfterWorkflowStage', 'WorkflowStepError', 'OperationSettled'],
  WorkflowStateChange: ['WorkflowSharedData', 'WorkflowStepError', 'OperationSettled'],
  WorkflowSharedData: ['AfterWorkflowStage', 'WorkflowStepError', 'OperationSettled'],
  AfterWorkflowStage: [STAGE, 'effect', 'OperationSettled'],
  WorkflowStepError: ['AfterWorkflowStage', STAGE, 'effect', 'OperationSettled'],
}
const FIRST = 'SequentialStepStart'
/** And of a step of a sequence. */
const SEQUENTIAL_STEP: Order = {
  ...PLAIN_STEP,
  start: [FIRST, 'WorkflowStepError', 'OperationSettled'],
  [FIRST]: [FIRST, STAGE, 'AfterWorkflowStage', 'OperationSettled'],
  AfterWorkflowStage: ['SequentialStepComplete', FIRST, STAGE, 'effect', 'OperationSettled'],
  SequentialStepComplete: [FIRST, STAGE, 'effect', 'OperationSettled'],
}

/** What happens to a workflow, whatever it is. `points`: those that only its pattern has, at which hooks may decide. */
export function planAt(...points: readonly string[]) {
  // Most decide at the points of the pattern: those of steps and of the whole have laws of their own.
  return planOf([...points, ...points, ...OF_STEPS, ...OF_WHOLE])
}

/** What runs. */
export interface Scenario {
  readonly plan: Plan
  /** The names of its steps, lane by lane; none is there twice. */
  readonly lanes: readonly (readonly string[])[]
  readonly branches?: readonly string[]
  /** Points of its pattern at which hooks decide, and those that observers are told. */
  readonly gates: readonly string[]
  readonly told?: readonly string[]
  readonly define: (stepOf: (name: string) => Step, common: object) => WorkflowDefinition
  readonly course: PatternCourse
}

export const MAX_REDIRECTS = 2

/** How far steps are. */
export const stepNames = (lane: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `${lane}${i}`)

/** Runs it, and checks the laws that hold for all. Gives what was seen. */
export async function assertWorkflow(
  { createSystem }: typeof actors,
  scheduler: fc.Scheduler,
  { plan, lanes, branches = [], gates, told = [], define, course }: Scenario,
): Promise<readonly Seen[]> {
  const clock = createTestClock()
  const noted = new Observed()
  const { specs, effects, rejects, timeoutMs } = plan
  let starts = 0
  const stepOf = (name: string) =>
    step.run(
      name,
      async ({ input, idempotencyKey, attempt, state }) => {
        noted.effect(idempotencyKey, name, attempt, input)
        const n = await doEffect(effects[Math.min(starts++, effects.length - 1)]!, input.n, scheduler)
        state[name] = n
        return { n: n + 1 }
      },
      { input: z.object({ n: z.number() }), timeoutMs: 400 },
    )
  const workflow = define(stepOf, { name: 'work', timeoutMs })
  const system = createSystem({
    ...{ clock, ids: createTestIds() },
    executor: { overheadBudget: false, maxRedirects: MAX_REDIRECTS },
  })
  const targetsOf = ({ point, step: at }: HookContext) =>
    lanes.find((names) => names.includes(String(at?.name))) ?? (point === 'BranchSelection' ? branches : [])
  const guards = registerDeciding(system.hooks, specs, noted, scheduler, targetsOf)
  const ofSteps = workflow.pattern === 'sequential' ? [...OF_SEQUENCES, ...OF_STEPS] : OF_STEPS
  noted.watch(system.hooks, [...OF_WHOLE, ...ofSteps, ...gates, ...told, 'WorkflowSharedData', 'OperationSettled'])
  const controller = new AbortController()
  const input = { n: 0 }
  const options = { signal: controller.signal, paused: plan.paused }
  const run = system.workflows.start(workflow as never, input as never, options)
  void steer(plan, run, controller, noted, clock, scheduler)
  const result = await finish(run.result, clock, scheduler, 50, () => {
    for (const { id } of system.approvals.pending())
      void (rejects ? system.approvals.reject(id, 'no') : system.approvals.resume(id)).catch(() => {})
  })
  const count = noted.course.length
  await clock.advanceSteps(1_000)
  await scheduler.waitIdle()
  await system.stop()

  // Hooks that were left behind may still talk to themselves.
  const late = noted.course.slice(count).filter(({ type }) => type !== 'steer' && type !== 'guard')
  expect(late, 'nothing happens after the end').toEqual([])
  const { id } = run
  for (const [operation, , happened] of noted.all) {
    if (operation === id) continue
    assertOrder(operation, happened, workflow.pattern === 'sequential' ? SEQUENTIAL_STEP : PLAIN_STEP)
    assertAttempts(operation, happened)
    const atSteps = guards.filter(({ point }) => point === STAGE)
    assertGuarded(operation, happened, atSteps, STAGE)
  }
  assertGates(noted.course, guards)
  const seen = courseOf(noted.course, id, [...told, 'WorkflowSharedData', 'OperationSettled'], ({ step: name }) =>
    String(name),
  ).filter((each) => each.kind !== 'told' || each.point !== 'WorkflowSharedData')
  assertPauses(noted.course, seen)
  const settled = seen.at(-1)
  expect(settled).toMatchObject({ kind: 'told', point: 'OperationSettled', given: { status: result.status } })
  const ended = seen.flatMap((each) => (each.kind === 'step' ? [each.until] : []))
  expect(
    ended.every((at) => at < settled!.at),
    'every step is settled before its workflow',
  ).toBe(true)
  const { status, output } = whole(seen.slice(0, -1), course, input, timeoutMs !== false)
  expect(result.status).toBe(status)
  expect(JSON.stringify(result.output)).toBe(JSON.stringify(output))
  return seen
}
