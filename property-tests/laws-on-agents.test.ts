/** Laws 3, 4, 8, 12 to 15 on agents: random hooks round their executions, effects that fail, hang and come late, aborts and answers. */
import fc from 'fast-check'
import * as actors from 'hookchart/actors'
import { defineAgent } from 'hookchart/machines'
import { createTestClock, createTestIds } from 'hookchart/testing'
import * as z from 'zod'
import { decidingAt, doEffect, effectArbitrary, registerDeciding } from './support/deciding.ts'
import { testLawOf } from './support/law.ts'
import { assertAttempts, assertGuarded, assertOrder, Observed } from './support/observed.ts'
import type { Order } from './support/observed.ts'
import { finish } from './support/run.ts'

const BEFORE = 'BeforeAgentExecution'

/** What the catalogue says: what may follow what, with somebody at every point. */
const ORDER: Order = {
  start: [BEFORE, 'AgentError', 'OperationSettled'],
  [BEFORE]: [BEFORE, 'effect', 'AfterAgentExecution', 'OperationSettled'],
  effect: ['AfterAgentExecution', 'AgentError', 'OperationSettled'],
  AfterAgentExecution: [BEFORE, 'effect', 'OperationSettled'],
  AgentError: ['AfterAgentExecution', BEFORE, 'effect', 'OperationSettled'],
}
const POINTS = [BEFORE, 'AfterAgentExecution', 'AgentError', 'OperationSettled']

const scenario = fc.record({
  specs: fc.array(decidingAt([BEFORE, BEFORE, 'AfterAgentExecution', 'AgentError']), { maxLength: 5 }),
  effects: fc.array(effectArbitrary, { minLength: 1, maxLength: 3 }),
  inputs: fc.array(fc.constantFrom<unknown>({ n: 1 }, { n: 2 }, { n: 'no' }), { minLength: 1, maxLength: 3 }),
  autoRecover: fc.boolean(),
  aborts: fc.boolean(),
  rejects: fc.boolean(),
})

function law({ createSystem }: typeof actors) {
  return fc.asyncProperty(scenario, fc.scheduler(), async (given, scheduler) => {
    const { specs, effects, inputs, autoRecover, aborts, rejects } = given
    const clock = createTestClock()
    const seen = new Observed()
    let starts = 0
    let running = 0
    const worker = defineAgent({
      ...{ name: 'worker', input: z.object({ n: z.number() }), autoRecover, timeoutMs: 400 },
      execute: async ({ input, idempotencyKey, attempt, signal }) => {
        seen.effect(idempotencyKey, 'worker', attempt, input)
        if (++running > 1) throw new Error('two executions ran at once')
        let isCounted = true
        const leave = () => {
          if (isCounted) running--
          isCounted = false
        }
        signal.addEventListener('abort', leave)
        return doEffect(effects[Math.min(starts++, effects.length - 1)]!, input.n, scheduler).finally(leave)
      },
    })
    const system = createSystem({ clock, ids: createTestIds(), agents: [worker], executor: { overheadBudget: false } })
    const decides = registerDeciding(system.hooks, specs, seen, scheduler)
    const guards = decides.filter(({ point }) => point === BEFORE)
    seen.watch(system.hooks, POINTS)
    const controller = new AbortController()
    const executions = inputs.map((input) =>
      system.agents.execute(worker, input as never, { signal: controller.signal }),
    )
    let rounds = 0
    const results = await finish(Promise.all(executions), clock, scheduler, 50, () => {
      if (aborts && ++rounds === 3) controller.abort('enough')
      for (const { id } of system.approvals.pending()) {
        void (rejects ? system.approvals.reject(id, 'no') : system.approvals.resume(id)).catch(() => {})
      }
    })
    await system.stop()
    for (const [id, , happened] of seen.all) {
      assertOrder(id, happened, ORDER)
      assertAttempts(id, happened)
      assertGuarded(id, happened, guards, BEFORE)
    }
    for (const { status } of results) {
      if (!['completed', 'failed', 'cancelled', 'timed_out'].includes(status)) throw new Error(`it ended as ${status}`)
    }
  })
}

testLawOf(
  actors,
  'actors/index.ts',
  'laws 3, 4, 8, 12 to 15 on agents',
  law,
  [
    {
      name: 'a retry passes the effect without its guards',
      file: 'machines/operation/operation-parts.ts',
      from: 'context.replacedAt === point',
      to: 'context.replacedAt === `not ${point}`',
      seed: 606080078,
    },
    {
      name: 'a failure fires no error point',
      file: 'machines/agent/agent-machine.ts',
      from: "error: 'AgentError',",
      to: "error: 'AfterAgentExecution',",
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
