/**
 * Laws 3, 4, 8, 12 to 15 on agents whose work is a model: random hooks round their executions, each call of the model and of its tools,
 * models and tools that fail, hang and come late, aborts and answers.
 */
import fc from 'fast-check'
import * as actors from 'hookchart/actors'
import type { HookContext } from 'hookchart/hooks'
import { defineAgent, defineTool } from 'hookchart/machines'
import { createTestClock, createTestIds } from 'hookchart/testing'
import { expect } from 'vitest'
import * as z from 'zod'
import { assertInside, assertOutputs, behindSpent, orderOf, partOf, startsOf } from './support/agent-course.ts'
import { conversationsOf } from './support/conversation-reference.ts'
import { decidingAt, doEffect, effectArbitrary, registerDeciding } from './support/deciding.ts'
import { modelThat } from './support/fake-model.ts'
import type { Saying } from './support/fake-model.ts'
import { testLawOf } from './support/law.ts'
import { assertAttempts, assertGuarded, assertOrder, Observed } from './support/observed.ts'
import type { Order } from './support/observed.ts'
import { finish } from './support/run.ts'

const AGENT = ['BeforeAgentExecution', 'AfterAgentExecution', 'AgentError'] as const
const MODEL = ['BeforeModelCall', 'AfterModelCall', 'ModelError'] as const
const TOOL = ['BeforeToolExecution', 'AfterToolExecution', 'ToolError'] as const
const PARTS = { worker: AGENT, 'test/small': MODEL, add: TOOL } as const

const ORDERS: Readonly<Record<keyof typeof PARTS, Order>> = {
  worker: behindSpent(orderOf(AGENT)),
  'test/small': orderOf(MODEL),
  add: orderOf(TOOL),
}

const sayings = fc.constantFrom<(n: number) => Saying>(
  () => 'said',
  (n) => ({ calls: [['add', { n }]] }),
  (n) => ({ calls: [['add', { n }]] }),
  (n) => ({
    calls: [
      ['add', { n }],
      ['add', { n: n + 1 }],
    ],
  }),
  (n) => ({
    calls: [
      ['nobody', { n }],
      ['add', { n }],
    ],
  }),
  (n) => ({
    calls: [
      ['add', { n: 'no number' }],
      ['add', { n }],
    ],
  }),
)

const scenario = fc.record({
  // Most decide at the points of the model: agents and tools have laws of their own.
  specs: fc.array(decidingAt([...MODEL, ...MODEL, ...MODEL, ...AGENT, ...TOOL]), { maxLength: 6 }),
  says: fc.array(sayings, { minLength: 1, maxLength: 4 }),
  models: fc.array(effectArbitrary, { minLength: 1, maxLength: 3 }),
  tools: fc.array(effectArbitrary, { minLength: 1, maxLength: 3 }),
  executions: fc.integer({ min: 1, max: 2 }),
  maxTurns: fc.integer({ min: 1, max: 4 }),
  isTimed: fc.boolean(),
  aborts: fc.constantFrom(false, false, true),
  rejects: fc.boolean(),
})

function law({ createSystem }: typeof actors) {
  return fc.asyncProperty(scenario, fc.scheduler(), async (given, scheduler) => {
    const { specs, says, models, tools, executions, maxTurns, aborts, rejects } = given
    const isTimed = given.isTimed || models.includes('hangs')
    const clock = createTestClock()
    const seen = new Observed()
    const parents = new Map<string, string>()
    const next = <T>(of: readonly T[], i: number) => of[Math.min(i, of.length - 1)] as T
    let [asked, used] = [0, 0]
    const add = defineTool({
      ...{ name: 'add', description: 'adds', input: z.object({ n: z.number() }), level: 'safe' as const },
      limits: { preset: 'unlimited', timeoutMs: 300 },
      execute: async ({ input, idempotencyKey, attempt }) => {
        seen.effect(idempotencyKey, 'add', attempt, input)
        return { n: await doEffect(next(tools, used++), input.n, scheduler) }
      },
    })
    const model = modelThat(async (turn, { abortSignal: _, ...request }) => {
      // One call of the model at a time: it is that of the gate that was passed last.
      const call = seen.course.findLast((each) => 'point' in each && each.point === 'BeforeModelCall')!
      seen.effect(call.id, 'test/small', startsOf(seen, call.id) + 1, request)
      await doEffect(next(models, asked++), 0, scheduler)
      return next(says, turn)(turn * 2)
    })
    const worker = defineAgent({
      ...{ name: 'worker', instructions: 'Add.', model, tools: [add], maxTurns, maxRecoveryAttempts: 100 },
      ...(isTimed && { timeoutMs: 400 }),
    })
    const system = createSystem({ clock, ids: createTestIds(), agents: [worker], executor: { overheadBudget: false } })
    const begins = ({ point, operation, parent, component, data }: HookContext) => {
      if (component.name === 'worker' || parent === undefined || parents.has(operation.id)) return
      parents.set(operation.id, parent.id)
      const { prompt } = (data.input ?? {}) as { readonly prompt?: readonly { readonly content: unknown }[] }
      if (point !== 'BeforeModelCall' || prompt?.length !== 2) return
      // An execution of the agent has begun when its model is told what it was given.
      const [{ text }] = prompt[1]!.content as [{ readonly text: string }]
      seen.effect(parent.id, 'worker', startsOf(seen, parent.id) + 1, JSON.parse(text))
    }
    const first = { kind: 'transform', priority: -10_000, breaker: false } as const
    system.hooks.register(['BeforeModelCall', 'BeforeToolExecution', 'ToolError'], begins, { name: 'begins', ...first })
    const guards = registerDeciding(system.hooks, specs, seen, scheduler)
    seen.watch(system.hooks, [...AGENT, ...MODEL, ...TOOL, 'OperationSettled'])
    const controller = new AbortController()
    const running = Array.from({ length: executions }, (__, n) =>
      system.agents.execute(worker, { n }, { signal: controller.signal }),
    )
    let rounds = 0
    const results = await finish(Promise.all(running), clock, scheduler, 50, () => {
      if (aborts && ++rounds === 3) controller.abort('enough')
      for (const { id } of system.approvals.pending())
        void (rejects ? system.approvals.reject(id, 'no') : system.approvals.resume(id)).catch(() => {})
    })
    await system.stop()

    for (const [id, name, happened] of seen.all) {
      const kind = name as keyof typeof PARTS
      const [before] = PARTS[kind]
      assertOrder(id, happened, ORDERS[kind])
      assertAttempts(id, happened)
      assertGuarded(
        id,
        happened,
        guards.filter(({ point }) => point === before),
        before,
      )
      if (name !== 'worker') continue
      const parts = seen.all.filter(([part]) => parents.get(part) === id)
      const mayBeCut = aborts || isTimed
      assertInside(
        seen,
        id,
        parts.map(([part]) => part),
        mayBeCut,
      )
      const about = { maxTurns, tool: 'add', mayBeCut }
      const ends = conversationsOf(
        parts.map(([, of, all]) => partOf(of, all)),
        about,
      )
      assertOutputs(
        happened,
        ends.map((end) => end?.text),
      )
    }
    for (const { status } of results) expect(['completed', 'failed', 'cancelled', 'timed_out']).toContain(status)
  })
}

testLawOf(
  actors,
  'actors/index.ts',
  'laws 3, 4, 8, 12 to 15 on model agents',
  law,
  [
    {
      name: 'a failure of the model fires no error point',
      file: 'machines/agent/model-call.ts',
      from: "error: 'ModelError',",
      to: "error: 'AfterModelCall',",
    },
    {
      name: 'a gate that refuses is passed',
      file: 'actors/operation/charted-operation.ts',
      from: "if (end.type !== 'retry') return this.end(work.endAt(gate.slot, end, undefined, input))",
      to: "if (end.type !== 'retry') return this.#onward({ input })",
      seed: 3,
    },
    {
      name: 'a model that has failed says nothing more and is waited for',
      file: 'machines/agent/model-loop-machine.ts',
      from: "{ guard: 'hasFailed', target: 'failed', actions: 'note' },",
      to: "{ guard: 'hasFailed', actions: 'note' },",
    },
    {
      name: 'the model and its tools are asked twice',
      file: 'src/hooks/operation/effect.ts',
      from: 'value = effect(input as never, call)',
      to: `void Promise.resolve(effect(input as never, call)).catch(() => undefined)
    value = effect(input as never, call)`,
    },
    {
      name: 'what the model wants is not done',
      file: 'machines/agent/model-loop-machine.ts',
      from: "{ guard: 'wantsTools', target: 'acting' },",
      to: '',
    },
    {
      name: 'a turn more than may be',
      file: 'machines/agent/model-loop-context.ts',
      from: "['turns', limits.maxTurns, wanted === 0 ? 0 : spent.turns + 1],",
      to: "['turns', limits.maxTurns, wanted === 0 ? 0 : spent.turns],",
    },
    {
      name: 'a tool that failed is told as one that gave nothing',
      file: 'machines/agent/model-messages.ts',
      from: 'if (error !== undefined) return toolFailure(request, error.message)',
      to: '',
    },
  ],
  { numRuns: 50 },
)
