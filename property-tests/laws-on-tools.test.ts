/** Laws 3, 4, 8, 11 to 15 on tools: random hooks at all their points, effects that fail, hang and come late, aborts and answers. */
import fc from 'fast-check'
import * as actors from 'hookchart/actors'
import { hook } from 'hookchart/hooks'
import type { HookContext, HookOptions } from 'hookchart/hooks'
import { defineTool } from 'hookchart/machines'
import { createTestClock, createTestIds } from 'hookchart/testing'
import * as z from 'zod'
import { testLawOf } from './support/law.ts'
import { assertAttempts, assertGuarded, assertOrder, Observed } from './support/observed.ts'
import type { Guard, Order } from './support/observed.ts'
import { finish } from './support/run.ts'

/** What the catalogue says: what may follow what, with somebody at every point. */
const ORDER: Order = {
  start: ['ToolValidation', 'ToolError', 'OperationSettled'],
  ToolValidation: ['ToolSecurityCheck', 'AfterToolExecution', 'ToolResourceReleased'],
  ToolSecurityCheck: ['ToolResourceAllocated', 'ToolError', 'ToolResourceReleased'],
  ToolResourceAllocated: ['BeforeToolExecution', 'ToolResourceReleased'],
  BeforeToolExecution: ['BeforeToolExecution', 'effect', 'AfterToolExecution', 'ToolError', 'ToolResourceReleased'],
  effect: ['AfterToolExecution', 'ToolError', 'ToolTimeout', 'ToolResourceReleased'],
  AfterToolExecution: ['ToolValidation', 'BeforeToolExecution', 'effect', 'ToolError', 'ToolResourceReleased'],
  ToolError: ['AfterToolExecution', 'BeforeToolExecution', 'effect', 'ToolError', 'ToolResourceReleased'],
  ToolTimeout: ['AfterToolExecution', 'effect', 'ToolResourceReleased'],
  ToolResourceReleased: ['OperationSettled'],
}
const POINTS = [...Object.keys(ORDER).filter((point) => point !== 'start' && point !== 'effect'), 'OperationSettled']
const BEFORE = ['ToolValidation', 'ToolSecurityCheck', 'ToolResourceAllocated', 'BeforeToolExecution']
const DECIDING = [...BEFORE, 'AfterToolExecution', 'ToolError', 'ToolTimeout']

const HANDLED = [
  ...['nothing', 'nothing', 'nothing', 'modified', 'replace', 'cancel', 'redirect', 'retry', 'cache', 'suspend'],
  ...['throw', 'hang'],
] as const
const spec = fc.record({
  point: fc.constantFrom(...DECIDING, ...BEFORE),
  behaviour: fc.constantFrom(...HANDLED),
  guards: fc.boolean(),
  isAsync: fc.boolean(),
  value: fc.integer({ min: 0, max: 3 }),
})

const scenario = fc.record({
  specs: fc.array(spec, { maxLength: 6 }),
  effects: fc.array(fc.constantFrom('gives', 'throws', 'later', 'hangs'), { minLength: 1, maxLength: 3 }),
  inputs: fc.array(fc.constantFrom<unknown>({ n: 1 }, { n: 2 }, { n: 'no' }), { minLength: 1, maxLength: 3 }),
  maxConcurrent: fc.constantFrom(1, 2, undefined),
  level: fc.constantFrom('safe' as const, 'restricted' as const),
  aborts: fc.boolean(),
  rejects: fc.boolean(),
})

type Spec = typeof spec extends fc.Arbitrary<infer S> ? S : never

function law({ createSystem }: typeof actors) {
  return fc.asyncProperty(scenario, fc.scheduler(), async (given, scheduler) => {
    const { specs, effects, inputs, maxConcurrent, level, aborts, rejects } = given
    const clock = createTestClock()
    const seen = new Observed()
    let starts = 0
    const effect = async (name: string, call: { input: { n: number }; idempotencyKey: string; attempt: number }) => {
      seen.effect(call.idempotencyKey, name, call.attempt, call.input)
      const what = effects[Math.min(starts++, effects.length - 1)]
      if (what === 'throws') throw new Error('broken')
      if (what === 'hangs') return new Promise<never>(() => {})
      if (what === 'later') await scheduler.schedule(Promise.resolve(), 'effect')
      return call.input.n
    }
    const toolOf = (name: string) =>
      defineTool({
        ...{ name, description: 'works', input: z.object({ n: z.number() }) },
        limits: {
          preset: 'unlimited',
          timeoutMs: 400,
          queueTimeoutMs: 150,
          ...(maxConcurrent !== undefined && { maxConcurrent }),
        },
        level: name === 'work' ? level : 'safe',
        execute: (call) => effect(name, call),
      })
    const [work, other] = [toolOf('work'), toolOf('other')]
    const system = createSystem({
      ...{ clock, ids: createTestIds(), tools: [work, other], maxSecurityLevel: 'safe' as const },
      executor: { overheadBudget: false },
    })
    const guards: Guard[] = []
    for (const [i, each] of specs.entries()) {
      const name = `h${i}`
      const kind = each.guards && isForGuards(each) ? 'guard' : 'transform'
      if (kind === 'guard' && BEFORE.includes(each.point)) guards.push({ point: each.point, name })
      system.hooks.register(each.point, handlerOf(each, name, kind, seen, scheduler) as never, {
        ...{ name, kind, breaker: false, timeoutMs: 100 },
      } satisfies HookOptions)
    }
    // What is asked comes before what is seen: observers stand behind guards.
    system.hooks.register(POINTS, (ctx) => seen.point(ctx), { name: 'seen', kind: 'observe', breaker: false })
    guards.sort((a, b) => BEFORE.indexOf(a.point) - BEFORE.indexOf(b.point))
    const controller = new AbortController()
    const running = inputs.map((input) => system.tools.execute(work, input as never, { signal: controller.signal }))
    let rounds = 0
    const results = await finish(Promise.all(running), clock, scheduler, 50, () => {
      if (aborts && ++rounds === 3) controller.abort('enough')
      for (const { id } of system.approvals.pending()) {
        void (rejects ? system.approvals.reject(id, 'no') : system.approvals.resume(id)).catch(() => {})
      }
    })
    await system.stop()
    for (const [id, , happened] of seen.all) {
      assertOrder(id, happened, ORDER)
      assertAttempts(id, happened)
      assertGuarded(id, happened, guards, 'BeforeToolExecution')
    }
    for (const { status } of results) {
      if (!['completed', 'failed', 'cancelled', 'timed_out'].includes(status)) throw new Error(`it ended as ${status}`)
    }
    const own = seen.all.filter(([, name]) => name === 'work')
    if (level === 'restricted' && own.some(([, , happened]) => happened.some(({ type }) => type === 'effect')))
      throw new Error('a tool of a level that is not allowed ran all the same')
  })
}

const isForGuards = ({ behaviour }: Spec) => !['modified', 'replace', 'redirect', 'cache'].includes(behaviour)

function handlerOf(
  { point, behaviour, isAsync, value }: Spec,
  name: string,
  kind: string,
  seen: Observed,
  scheduler: fc.Scheduler,
) {
  const result = (ctx: HookContext): unknown => {
    if (kind === 'guard')
      seen.guard(
        ctx,
        name,
        behaviour === 'suspend' || (behaviour === 'retry' && ctx.operation.gatePass > 1) ? 'nothing' : behaviour,
      )
    switch (behaviour) {
      case 'modified':
        return BEFORE.includes(point) && point !== 'ToolResourceAllocated'
          ? hook.modified({ input: { n: value } })
          : undefined
      case 'replace':
        return hook.replace(value)
      case 'cancel':
        return hook.cancel(name)
      case 'redirect':
        return ctx.component.name === 'work' ? hook.redirect('other') : undefined
      case 'retry':
        return ctx.operation.gatePass > 1 ? undefined : hook.retry({ delayMs: value * 10, maxAttempts: 3 })
      case 'cache':
        return hook.cache({ key: 'k', ttlMs: 1_000 })
      case 'suspend':
        return hook.suspend({ question: name })
      case 'throw':
        throw new Error(name)
      default:
        return undefined
    }
  }
  return (ctx: HookContext): unknown => {
    if (behaviour === 'hang') {
      if (kind === 'guard') seen.guard(ctx, name, behaviour)
      return new Promise(() => {})
    }
    return isAsync ? scheduler.schedule(Promise.resolve(), name).then(() => result(ctx)) : result(ctx)
  }
}

testLawOf(
  actors,
  'actors/index.ts',
  'laws 3, 4, 8, 12 to 15 on tools',
  law,
  [
    {
      name: 'a retry passes the effect without its guards',
      file: 'machines/operation/operation-order.ts',
      from: 'replacing[i] === true && point === replacedAt',
      to: 'replacing[i] !== true && point === replacedAt',
      seed: 5,
    },
    {
      name: 'a failure fires no error point',
      file: 'machines/operation/operation-order.ts',
      from: "return type === 'failed' ? 'error' : 'timeout'",
      to: "return type === 'failed' ? 'after' : 'timeout'",
    },
    {
      name: 'nothing is given back when it is cancelled',
      file: 'machines/operation/operation-order.ts',
      from: 'moves.release()',
      to: "if (next !== 'end') moves.release()",
    },
    {
      name: 'a refused level runs all the same',
      file: 'actors/tool/tool-operation.ts',
      from: "outcome.type === 'continue' ? this.#tool.refusal() : undefined",
      to: "outcome.type === 'ended' ? this.#tool.refusal() : undefined",
    },
    {
      name: 'a tool that ignores its deadline is waited for',
      file: 'src/hooks/operation/effect.ts',
      from: "            end({ type: 'timed_out', error })",
      to: '',
    },
    {
      name: 'a tool is run twice',
      file: 'actors/tool/tool-operation.ts',
      from: '() => this.#tool.execute(input, call, this.#limits, this.#overLimit),',
      to: `() => {
          void Promise.resolve(this.#tool.execute(input, call, this.#limits, this.#overLimit)).catch(() => undefined)
          return this.#tool.execute(input, call, this.#limits, this.#overLimit)
        },`,
    },
  ],
  { numRuns: 150 },
)
