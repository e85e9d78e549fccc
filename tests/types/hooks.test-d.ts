/** What the types of hooks promise: data and decisions by point, inference without annotations, no way round. */
import { catalogue, compose, createHooks, defineHook, definePoint, hook } from 'hookchart/hooks'
import type { ComponentRef, Decision, HookContext, RunResult } from 'hookchart/hooks'
import { describe, expectTypeOf, test } from 'vitest'
import * as z from 'zod'

const hooks = createHooks()

describe('data by point', () => {
  test('a point of the catalogue', () => {
    hooks.register('BeforeToolExecution', (ctx) => {
      expectTypeOf(ctx.data.input).toEqualTypeOf<unknown>()
      expectTypeOf(ctx.data.tool.level).toEqualTypeOf<'safe' | 'restricted' | 'privileged'>()
      // @ts-expect-error there is no output before the effect
      ctx.data.output
    })
    hooks.register('ToolError', (ctx) => {
      expectTypeOf(ctx.data.error.retryable).toEqualTypeOf<boolean>()
    })
  })

  test('a point of one’s own', () => {
    const point = definePoint('send', {
      phase: 'before',
      schema: z.object({ to: z.string(), copies: z.number().optional() }),
    })
    hooks.register(point, (ctx) => {
      expectTypeOf(ctx.data.to).toEqualTypeOf<string>()
      expectTypeOf(ctx.data.copies).toEqualTypeOf<number | undefined>()
    })
    expectTypeOf(hooks.run(point, { to: 'ann' })).toEqualTypeOf<
      Decision<typeof point> | Promise<Decision<typeof point>>
    >()
    // @ts-expect-error the data of the point is checked
    void hooks.run(point, { to: 1 })
  })

  test('several points, globs and aliases', () => {
    hooks.register(['BeforeToolExecution', 'BeforeAgentExecution'], (ctx) => {
      expectTypeOf(ctx.data.input).toEqualTypeOf<unknown>()
    })
    hooks.register('Before*', (ctx) => {
      expectTypeOf(ctx.data['anything']).toEqualTypeOf<unknown>()
    })
    hooks.register('workflow:before_step', (ctx) => void ctx.data.input)
  })

  test('one component', () => {
    const ref: ComponentRef<{ readonly text: string }, number> = { type: 'tool', name: 'count' }
    hooks.for(ref).register('AfterToolExecution', (ctx) => {
      expectTypeOf(ctx.data.input.text).toEqualTypeOf<string>()
      expectTypeOf(ctx.data.output).toEqualTypeOf<number>()
    })
  })

  test('one component: input and output of its parts are not its own', () => {
    const ref: ComponentRef<string, number> = { type: 'workflow', name: 'work' }
    const work = hooks.for(ref)
    work.register('BeforeWorkflowStart', ({ data }) => {
      expectTypeOf(data.input).toEqualTypeOf<string>()
    })
    work.register(['AfterWorkflowStage', 'LoopIterationComplete', 'AfterChainComponent'], ({ data }) => {
      expectTypeOf(data.output).toEqualTypeOf<unknown>()
    })
    work.register(catalogue.BeforeWorkflowStage, ({ data }) => {
      expectTypeOf(data.input).toEqualTypeOf<unknown>()
    })
    work.register('BeforeAgentTerminate', ({ data }) => {
      expectTypeOf(data.input).toEqualTypeOf<unknown>()
    })
    work.register('LoopIterationComplete', () => hook.modified({ output: 'of one iteration' }))
  })

  test('ctx is read-only', () => {
    hooks.register('BeforeToolExecution', (ctx) => {
      // @ts-expect-error data cannot be written
      ctx.data.input = 1
      // @ts-expect-error nor can the context
      ctx.point = 'x'
    })
  })
})

describe('decisions by point', () => {
  test('what a point does not allow is a type error', () => {
    hooks.register('ToolSecurityCheck', () => hook.cancel('no'))
    // @ts-expect-error ToolSecurityCheck allows no modified
    hooks.register('ToolSecurityCheck', () => hook.modified({ input: 1 }))
    // @ts-expect-error an observe-only point allows nothing
    hooks.register('OperationSettled', () => hook.cancel('too late'))
    // @ts-expect-error cache is for before points
    hooks.register('AfterToolExecution', () => hook.cache({ key: 'x' }))
    const quiet = definePoint('quiet', { phase: 'before', decisions: ['cancel'] })
    hooks.register(quiet, () => hook.cancel())
    // @ts-expect-error the point allows cancel only
    hooks.register(quiet, () => hook.replace(1))
  })

  test('plain objects are as good as constructors, and checked the same', () => {
    hooks.register('BeforeToolExecution', () => ({ type: 'cancel', reason: 'x' }))
    hooks.register('BeforeToolExecution', async () => ({ type: 'modified', patch: { input: 1 } }))
    // @ts-expect-error no such type
    hooks.register('BeforeToolExecution', () => ({ type: 'cancelled', reason: 'x' }))
    // @ts-expect-error a number is no result
    hooks.register('BeforeToolExecution', () => 1)
  })

  test('recipes know the data of the point, or say what they take it for', () => {
    const point = definePoint('count', { phase: 'before', schema: z.object({ n: z.number() }) })
    hooks.register(point, () =>
      hook.modified((draft) => {
        expectTypeOf(draft.n).toEqualTypeOf<number>()
        draft.n++
      }),
    )
    hooks.register('BeforeToolExecution', () =>
      hook.modified((draft: { input: { n: number } }) => {
        draft.input.n++
      }),
    )
  })
})

test('wrap carries the types of the function', async () => {
  const half = hooks.wrap({ name: 'half' }, (n: number) => n / 2)
  expectTypeOf(await half(1)).toEqualTypeOf<RunResult<number>>()
  // @ts-expect-error the input is a number
  void half('1')
  const fetchText = hooks.wrap({ name: 'fetch', input: z.object({ url: z.string() }) }, async ({ url }) => url.length)
  expectTypeOf(await fetchText({ url: '' })).toEqualTypeOf<RunResult<number>>()
})

test('defined hooks and composites fit where handlers do', () => {
  const guard = defineHook({
    name: 'g',
    kind: 'guard',
    points: 'BeforeToolExecution',
    handler: (ctx) => (ctx.data.tool.level === 'safe' ? undefined : hook.cancel()),
  })
  hooks.use(guard)
  hooks.use([guard, defineHook({ name: 'o', points: ['AgentPaused'], handler: () => undefined })])
  hooks.register(
    'BeforeToolExecution',
    compose.parallel({ concurrency: 2 }, [guard, (ctx: HookContext<'BeforeToolExecution'>) => void ctx.data.tool]),
  )
  hooks.register(
    'BeforeToolExecution',
    compose.parallel([(ctx) => (ctx.data.tool.level === 'safe' ? undefined : hook.cancel())]),
  )
  hooks.register(
    'BeforeToolExecution',
    compose.sequential(() => hook.cancel(), compose.firstMatch([() => undefined])),
    { kind: 'guard' },
  )
})

test('several at once', () => {
  hooks.registerAll([
    ['BeforeToolExecution', (ctx) => (ctx.data.tool.name === 'x' ? hook.cancel() : undefined), { kind: 'guard' }],
    [['ToolError', 'AgentError'], (ctx) => void ctx.data.error.code],
  ])
  hooks.registerPair({
    before: ['BeforeToolExecution', (ctx) => void ctx.data.tool],
    after: ['AfterToolExecution', (ctx) => void ctx.data.output],
  })
})

test('options are checked', () => {
  // @ts-expect-error no such option
  hooks.register('BeforeToolExecution', () => undefined, { prio: 1 })
  // @ts-expect-error no such kind
  hooks.register('BeforeToolExecution', () => undefined, { kind: 'filter' })
  hooks.register('BeforeToolExecution', () => undefined, {
    timeoutMs: '5s',
    priority: 'high',
    breaker: { openMs: '1m' },
    when: (ctx) => ctx.data.tool.name === 'x',
  })
})
