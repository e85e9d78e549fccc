/**
 * A tool, which follows the order of its chart, comes to what `hooks.wrap` comes to with the same gates: the same result, the same calls
 * of hooks and effect in the same order on the same data, and the same trace, whatever they do and however they settle.
 */
import fc from 'fast-check'
import * as actors from 'hookchart/actors'
import { createMemoryJournal, hook } from 'hookchart/hooks'
import type { Hooks, HookContext, HookOptions } from 'hookchart/hooks'
import { defineTool } from 'hookchart/machines'
import { createTestClock, createTestIds } from 'hookchart/testing'
import * as z from 'zod'
import { testLawOf } from './support/law.ts'
import { inMode } from './support/modes.ts'
import { inOrder } from './support/late.ts'
import { drain, finish } from './support/run.ts'

const POINTS = ['BeforeToolExecution', 'AfterToolExecution', 'ToolError'] as const
type Point = (typeof POINTS)[number]

const BEHAVIOURS = [
  ...['nothing', 'nothing', 'modified', 'replace', 'cancel', 'redirect', 'retry', 'fork', 'cache', 'suspend'],
  ...['throw', 'invalid'],
] as const
type Behaviour = (typeof BEHAVIOURS)[number]

interface Spec {
  readonly point: Point
  readonly behaviour: Behaviour
  readonly kind: 'transform' | 'guard'
  readonly isAsync: boolean
  readonly value: number
}

const spec: fc.Arbitrary<Spec> = fc.record({
  point: fc.constantFrom(...POINTS),
  behaviour: fc.constantFrom(...BEHAVIOURS),
  kind: fc.constantFrom('transform', 'transform', 'guard'),
  isAsync: fc.boolean(),
  value: fc.integer({ min: 0, max: 3 }),
})

interface Given {
  readonly specs: readonly Spec[]
  /** What each start of the effect does; the last again and again. */
  readonly effects: readonly ('gives' | 'throws' | 'later' | 'rejects' | 'wrong')[]
  readonly input: unknown
  readonly calls: number
  readonly aborts: boolean
  readonly production: boolean
}

const given: fc.Arbitrary<Given> = fc.record({
  specs: fc.array(spec, { maxLength: 5 }),
  effects: fc.array(fc.constantFrom('gives', 'throws', 'later', 'rejects', 'wrong'), { minLength: 1, maxLength: 3 }),
  input: fc.constantFrom({ n: 1 }, { n: 2 }, { n: 1, more: true }),
  calls: fc.integer({ min: 1, max: 2 }),
  aborts: fc.boolean(),
  production: fc.boolean(),
})

const INFO = { name: 'work', description: 'works', category: 'custom', level: 'safe' as const, tags: [] }
const schemas = { input: z.object({ n: z.number() }), output: z.object({ did: z.number() }) }

type Execute = (input: never, options: { signal: AbortSignal }) => Promise<unknown>

async function record(
  { createSystem }: typeof actors,
  charted: boolean,
  { specs, effects, input, calls, aborts, production }: Given,
  scheduler: fc.Scheduler,
): Promise<string> {
  const clock = createTestClock()
  const journal = createMemoryJournal()
  const seen: unknown[] = []
  let starts = 0
  const effect = (parsed: { n: number }): unknown => {
    const what = effects[Math.min(starts++, effects.length - 1)]
    seen.push(['effect', { ...parsed }, what])
    const later = () => scheduler.schedule(Promise.resolve(), 'effect')
    switch (what) {
      case 'gives':
        return { did: parsed.n }
      case 'throws':
        throw new Error('broken')
      case 'later':
        return later().then(() => ({ did: parsed.n + 1 }))
      case 'rejects':
        return later().then(() => Promise.reject(new Error('broken later')))
      default:
        return { did: 'nothing' }
    }
  }
  const work = defineTool({
    ...{ ...INFO, ...schemas, limits: 'unlimited' },
    execute: ({ input: parsed }) => effect(parsed) as { did: number },
  })
  const other = defineTool({
    name: 'other',
    description: 'd',
    input: z.unknown(),
    limits: 'unlimited',
    execute: () => ({ did: 9 }),
  })
  const system = inMode(production ? 'production' : 'checked', () =>
    createSystem({ clock, ids: createTestIds(), journal, tools: [other], executor: { overheadBudget: false } }),
  )
  const { hooks } = system
  const make = async (): Promise<Execute> => {
    if (charted) return (value, options) => system.tools.execute(work, value, options)
    const target = hooks.wrap(
      {
        name: 'other',
        type: 'tool',
        before: POINTS[0],
        after: POINTS[1],
        error: POINTS[2],
        data: { tool: { ...INFO, name: 'other', description: 'd', level: 'restricted' } },
      },
      () => ({ did: 9 }),
    )
    const wrapped = hooks.wrap(
      {
        name: 'work',
        before: POINTS[0],
        after: POINTS[1],
        error: POINTS[2],
        targets: { other: target },
        data: { tool: INFO },
        ...schemas,
      },
      effect as never,
    )
    return async (value, options) => wrapped(value, options)
  }
  const controller = new AbortController()
  for (const [i, each] of specs.entries())
    register(hooks, each, `h${i}`, scheduler, seen, () => {
      if (aborts && i === 2) controller.abort('enough')
    })
  const execute = await make()
  const results: unknown[] = []
  for (let call = 0; call < calls; call++) {
    const running = execute(input as never, { signal: controller.signal })
    const result = (await finish(running, clock, scheduler, 50, () => {
      for (const { id } of system.approvals.pending()) void system.approvals.resume(id)
    })) as { trace: unknown }
    results.push([result, result.trace])
  }
  await drain(clock, scheduler)
  await system.idle()
  const runs = (await journal.runs()).map(({ run }) => inOrder(journal.read(run)))
  return JSON.stringify({ results, seen, runs }, (key, value: unknown) =>
    ['at', 'durationMs', 'timestamp'].includes(key) ? 0 : value,
  )
}

function register(
  hooks: Hooks,
  { point, behaviour, kind, isAsync, value }: Spec,
  name: string,
  scheduler: fc.Scheduler,
  seen: unknown[],
  watch: () => void,
): void {
  const key = point === 'BeforeToolExecution' ? 'input' : point === 'AfterToolExecution' ? 'output' : 'error'
  const result = (ctx: HookContext): unknown => {
    switch (behaviour) {
      case 'modified':
        return hook.modified((draft: Record<string, Record<string, unknown>>) => {
          draft[key]![key === 'error' ? 'message' : key === 'input' ? 'n' : 'did'] = key === 'error' ? name : value
        })
      case 'replace':
        return hook.replace({ did: value })
      case 'cancel':
        return hook.cancel(name)
      case 'redirect':
        return hook.redirect(value === 0 ? 'nowhere' : 'other')
      case 'retry':
        return ctx.operation.attempt + ctx.operation.gatePass < 5
          ? hook.retry({ delayMs: value, maxAttempts: 1 + value })
          : undefined
      case 'fork':
        return hook.fork([{ id: name, type: 'tool', target: 'other', input: value }])
      case 'cache':
        return key === 'input' ? hook.cache({ key: 'k', ttlMs: 1_000 }) : undefined
      case 'suspend':
        return hook.suspend({ question: name })
      case 'throw':
        throw new Error(name)
      case 'invalid':
        return { type: 'nonsense' }
      default:
        return undefined
    }
  }
  const handler = (ctx: HookContext): unknown => {
    seen.push([name, ctx.data, ctx.proposal, ctx.operation])
    watch()
    return isAsync ? scheduler.schedule(Promise.resolve(), name).then(() => result(ctx)) : result(ctx)
  }
  const allowed =
    kind === 'transform' || ['nothing', 'cancel', 'retry', 'suspend', 'throw', 'invalid'].includes(behaviour)
  const options: HookOptions = {
    name,
    kind: allowed ? kind : 'transform',
    breaker: false,
    match: { component: 'work' },
  }
  hooks.register(point, handler as never, options)
}

testLawOf(
  actors,
  'actors/index.ts',
  'the chart of a tool comes to what wrap comes to',
  (subject) =>
    fc.asyncProperty(given, fc.scheduler(), async (scenario, scheduler) => {
      const wrapped = await record(subject, false, scenario, scheduler)
      const charted = await record(subject, true, scenario, scheduler)
      if (wrapped !== charted) throw new Error(`wrapped ${wrapped}\ncharted ${charted}`)
    }),
  [
    {
      name: 'a retry of what hooks put in the place of the effect asks nobody',
      file: 'machines/operation/operation-order.ts',
      from: 'replacing[i] === true && point === replacedAt',
      to: 'replacing[i] !== true && point === replacedAt',
      seed: 4,
    },
    {
      name: 'a value that recovers a failure passes no after gate',
      file: 'machines/operation/operation-order.ts',
      from: "at === 'last' ? 'end' : behindEffect()",
      to: "at === 'last' || at === 'error' ? 'end' : behindEffect()",
    },
    {
      name: 'the result is not kept',
      file: 'actors/operation/charted-operation.ts',
      from: 'cache.store(key, output, ttlMs)',
      to: 'void output',
    },
    {
      name: 'what guards have changed back is lost',
      file: 'actors/operation/charted-operation.ts',
      from: 'const problem = yield* wait(work.take(passed))',
      to: 'const problem = undefined as HookchartError | undefined',
    },
  ],
)
