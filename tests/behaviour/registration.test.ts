/** Registering hooks: what is refused, what stays as it was, order and its explanation, pairs, lists. */
import { compose, createHooks, defineHook, definePoint, hook } from 'hookchart/hooks'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { bench, TOOL } from '../support/kernel.ts'
import { errorOf } from '../support/refusal.ts'

const nothing = () => undefined

describe('bad input leaves everything as it was', () => {
  const hooks = createHooks()
  hooks.register('BeforeToolExecution', nothing, { name: 'there' })
  const quiet = definePoint('quiet', { phase: 'notify' })

  test.each<[string, () => unknown, string, string]>([
    [
      'an unknown point',
      () => hooks.register('BeforeToolExecutoin', nothing),
      'UNKNOWN_POINT',
      'Did you mean BeforeToolExecution?',
    ],
    ['an undeclared custom point', () => hooks.register('custom:mine', nothing), 'UNKNOWN_POINT', 'definePoint("mine"'],
    ['a glob that matches nothing', () => hooks.register('Nope*', nothing), 'UNKNOWN_POINT', 'Nope*'],
    ['no point', () => hooks.register([] as never, nothing), 'UNKNOWN_POINT', ''],
    ['a point that is none', () => hooks.register(undefined as never, nothing), 'UNKNOWN_POINT', 'undefined'],
    ['one unknown point among known', () => hooks.register(['ToolError', 'Nope'], nothing), 'UNKNOWN_POINT', 'Nope'],
    [
      'an unknown option',
      () => hooks.register('ToolError', nothing, { prio: 1 } as never),
      'INVALID_OPTIONS',
      '"prio"',
    ],
    ['a handler that is no function', () => hooks.register('ToolError', 'x' as never), 'INVALID_HANDLER', 'string'],
    [
      'no handler',
      () => hooks.register('ToolError', undefined as never, { name: 'empty' }),
      'INVALID_HANDLER',
      '"empty"',
    ],
    [
      'a duplicate name at a point',
      () => hooks.register(['ToolError', 'BeforeToolExecution'], nothing, { name: 'there' }),
      'DUPLICATE_HOOK',
      '"there" at BeforeToolExecution',
    ],
    [
      'a negative timeout',
      () => hooks.register('ToolError', nothing, { timeoutMs: -1 }),
      'INVALID_OPTIONS',
      'timeoutMs',
    ],
    [
      'a timeout that is no number',
      () => hooks.register('ToolError', nothing, { timeoutMs: NaN }),
      'INVALID_OPTIONS',
      'timeoutMs',
    ],
    [
      'a timeout in words',
      () => hooks.register('ToolError', nothing, { timeoutMs: 'soon' as never }),
      'INVALID_OPTIONS',
      'timeoutMs',
    ],
    ['a timeout of 0', () => hooks.register('ToolError', nothing, { timeoutMs: 0 }), 'INVALID_OPTIONS', 'timeoutMs'],
    [
      'a priority that is no number',
      () => hooks.register('ToolError', nothing, { priority: NaN }),
      'INVALID_OPTIONS',
      'priority',
    ],
    [
      'an infinite priority',
      () => hooks.register('ToolError', nothing, { priority: Infinity }),
      'INVALID_OPTIONS',
      'priority',
    ],
    [
      'an unknown priority',
      () => hooks.register('ToolError', nothing, { priority: 'urgent' as never }),
      'INVALID_OPTIONS',
      'priority',
    ],
    [
      'a name with control characters',
      () => hooks.register('ToolError', nothing, { name: 'a\u0007b' }),
      'INVALID_OPTIONS',
      'control characters',
    ],
    ['an empty name', () => hooks.register('ToolError', nothing, { name: '' }), 'INVALID_OPTIONS', 'name'],
    [
      'a guard that fails open',
      () => hooks.register('ToolError', nothing, { kind: 'guard', onFailure: 'open' }),
      'INVALID_OPTIONS',
      'always fails closed',
    ],
    [
      'an unknown breaker option',
      () => hooks.register('ToolError', nothing, { breaker: { treshold: 1 } as never }),
      'INVALID_OPTIONS',
      'breaker',
    ],
    [
      'a breaker that never opens',
      () => hooks.register('ToolError', nothing, { breaker: { failureThreshold: 0 } }),
      'INVALID_OPTIONS',
      'breaker',
    ],
    [
      'a guard at a point that only notifies',
      () => hooks.register('OperationSettled', nothing, { kind: 'guard' }),
      'HOOK_KIND',
      'observe only',
    ],
    [
      'a transform at a custom point that only notifies',
      () => hooks.register(quiet, nothing, { kind: 'transform' }),
      'HOOK_KIND',
      'custom:quiet',
    ],
    [
      'a composite of mixed kinds',
      () =>
        hooks.register(
          'ToolError',
          compose.sequential(
            defineHook({ name: 'g', kind: 'guard', handler: nothing }),
            defineHook({ name: 't', kind: 'transform', handler: nothing }),
          ),
        ),
      'HOOK_KIND',
      'one stage',
    ],
    ['a composite with a child that is no hook', () => compose.parallel([nothing, 3 as never]), 'INVALID_HANDLER', '3'],
    [
      'an unknown option of a composite',
      () => compose.voting({ treshold: 1 } as never, [nothing]),
      'INVALID_OPTIONS',
      'treshold',
    ],
    ['a threshold out of range', () => compose.voting({ threshold: 0 }, [nothing]), 'INVALID_OPTIONS', 'threshold'],
    ['an unknown option of createHooks', () => createHooks({ clok: 1 } as never), 'INVALID_OPTIONS', 'clok'],
    ['a clock that is none', () => createHooks({ clock: {} as never }), 'INVALID_OPTIONS', 'clock'],
    [
      'an executor option out of range',
      () => createHooks({ executor: { overheadBudget: 2 } }),
      'INVALID_OPTIONS',
      'overheadBudget',
    ],
    [
      'an unknown option of wrap',
      () => hooks.wrap({ name: 'x', befor: 'ToolError' } as never, nothing),
      'INVALID_OPTIONS',
      'befor',
    ],
    [
      'a gate of another phase',
      () => hooks.wrap({ name: 'x', before: 'ToolError' }, nothing),
      'INVALID_OPTIONS',
      'phase "error"',
    ],
    ['an effect that is no function', () => hooks.wrap({ name: 'x' }, null as never), 'INVALID_HANDLER', 'null'],
    [
      'an unknown option of a run',
      () => hooks.wrap({ name: 'x' }, nothing)(undefined, { timeout: 1 } as never),
      'INVALID_OPTIONS',
      'timeout',
    ],
    [
      'metadata that is no JSON',
      () => hooks.wrap({ name: 'x' }, nothing)(undefined, { metadata: { f: nothing } }),
      'INVALID_OPTIONS',
      'metadata',
    ],
    ['a phase that does not exist', () => definePoint('x', { phase: 'around' as never }), 'INVALID_OPTIONS', 'phase'],
    [
      'a decision that the phase does not know',
      () => definePoint('x', { phase: 'notify', decisions: ['cancel' as never] }),
      'INVALID_OPTIONS',
      'cancel',
    ],
    ['a custom name with a star', () => definePoint('x*', { phase: 'before' }), 'INVALID_OPTIONS', '*'],
    [
      'a schema that is none',
      () => definePoint('x', { phase: 'before', schema: {} as never }),
      'INVALID_OPTIONS',
      'schema',
    ],
    ['a defined hook without a handler', () => defineHook({ name: 'x' } as never), 'INVALID_HANDLER', '"x"'],
    ['an unknown filter', () => hooks.list({ name: 'x' } as never), 'INVALID_OPTIONS', 'name'],
  ])('%s', (_, work, code, says) => {
    const before = JSON.stringify(hooks.list())
    const error = errorOf(work)
    expect(error.code).toBe(code)
    expect(error.message).toContain(says)
    expect(JSON.stringify(hooks.list())).toBe(before)
  })

  test('a composite that contains itself, and one nested too deep', () => {
    const children: unknown[] = []
    const cyclic = compose.sequential(children)
    children.push(cyclic)
    expect(errorOf(() => hooks.register('ToolError', cyclic)).code).toBe('COMPOSITE_CYCLE')
    let deep = compose.sequential(nothing)
    for (let i = 0; i < 16; i++) deep = compose.firstMatch(deep)
    expect(errorOf(() => hooks.register('ToolError', deep)).code).toBe('COMPOSITE_DEPTH')
  })

  test('one point declared in two ways', () => {
    createHooks({ points: [quiet, quiet] })
    const other = definePoint('quiet', { phase: 'before' })
    expect(errorOf(() => createHooks({ points: [quiet, other] })).code).toBe('DUPLICATE_POINT')
    const own = createHooks({ points: [quiet] })
    expect(errorOf(() => own.register(other, nothing)).code).toBe('DUPLICATE_POINT')
  })
})

describe('order', () => {
  test('lower priority numbers first, then registration; the names are -1000, -100, 0, 100, 1000', async () => {
    const { hooks, seen } = bench()
    for (const [name, priority] of [
      ['e', 'lowest'],
      ['d', 'low'],
      ['c', 'normal'],
      ['c2', 0],
      ['b', 'high'],
      ['b2', -100],
      ['a', 'highest'],
      ['z', 1001],
      ['0', -1001],
    ] as const) {
      hooks.register('BeforeToolExecution', seen.handler(name), { name, priority })
    }
    await hooks.wrap({ name: 'work', ...TOOL }, () => 1)(undefined)
    expect(seen.order).toEqual(['0', 'a', 'b', 'b2', 'c', 'c2', 'd', 'e', 'z'])
  })

  test('the hook that declares a constraint moves, and the one it names stays', () => {
    const { hooks } = bench()
    hooks.register('BeforeToolExecution', nothing, { name: 'x', priority: -50 })
    hooks.register('BeforeToolExecution', nothing, { name: 'late', priority: 'low', before: ['target'] })
    hooks.register('BeforeToolExecution', nothing, { name: 'target', priority: -10 })
    hooks.register('BeforeToolExecution', nothing, { name: 'early', priority: 'high', after: ['target'] })
    const { hooks: chain, pairs } = hooks.explain('BeforeToolExecution')
    expect(chain.map(({ name, effectivePriority }) => [name, effectivePriority])).toEqual([
      ['x', -50],
      ['late', -10],
      ['target', -10],
      ['early', -10],
    ])
    expect(pairs.map(({ because }) => because)).toEqual(['priority', 'constraint', 'constraint'])
  })

  test('a name that is not registered yet binds when it is, and until then is listed as unbound', () => {
    const { hooks } = bench()
    hooks.register('BeforeToolExecution', nothing, { name: 'a', after: ['b'] })
    expect(hooks.explain('BeforeToolExecution').unbound).toEqual([{ hook: 'a', constraint: 'after', name: 'b' }])
    hooks.register('BeforeToolExecution', nothing, { name: 'b' })
    const explanation = hooks.explain('before_tool_execution')
    expect(explanation.unbound).toEqual([])
    expect(explanation.hooks.map(({ name }) => name)).toEqual(['b', 'a'])
    expect(explanation.toString()).toContain('2. a (transform, 0): a before or after constraint holds a behind b')
  })

  test('a cycle is refused with the smallest conflicting set, and nothing changes', () => {
    const { hooks } = bench()
    hooks.register('BeforeToolExecution', nothing, { name: 'a', before: ['b', 'c'] })
    hooks.register('BeforeToolExecution', nothing, { name: 'b', before: ['c'] })
    const error = errorOf(() =>
      hooks.register(['BeforeToolExecution', 'ToolError'], nothing, { name: 'c', before: ['a'] }),
    )
    expect(error).toMatchObject({
      code: 'HOOK_ORDER_CYCLE',
      details: { point: 'BeforeToolExecution', hooks: ['a', 'c', 'a'] },
    })
    expect(hooks.list().map(({ name }) => name)).toEqual(['a', 'b'])
    expect(errorOf(() => hooks.register('ToolError', nothing, { name: 'self', after: ['self'] })).code).toBe(
      'HOOK_ORDER_CYCLE',
    )
  })

  test('a guard is never put before a transform', () => {
    const { hooks } = bench()
    hooks.register('BeforeToolExecution', nothing, { name: 't' })
    expect(
      errorOf(() => hooks.register('BeforeToolExecution', nothing, { name: 'g', kind: 'guard', before: ['t'] })).code,
    ).toBe('HOOK_ORDER_STAGE')
    hooks.register('BeforeToolExecution', nothing, { name: 'g', kind: 'guard', after: ['t'] })
    expect(errorOf(() => hooks.register('BeforeToolExecution', nothing, { name: 't2', after: ['g'] })).code).toBe(
      'HOOK_ORDER_STAGE',
    )
  })

  test('explain tells of declared writes that overlap', () => {
    const { hooks } = bench()
    hooks.register('BeforeToolExecution', nothing, { name: 'a', writes: ['input.url', 'input.n'] })
    hooks.register('BeforeToolExecution', nothing, { name: 'b', writes: ['input'] })
    hooks.register('BeforeToolExecution', nothing, { name: 'c', writes: ['input.urls'] })
    expect(hooks.explain('BeforeToolExecution').overlaps).toEqual([
      { hooks: ['a', 'b'], path: 'input.url' },
      { hooks: ['a', 'b'], path: 'input.n' },
      { hooks: ['b', 'c'], path: 'input.urls' },
    ])
  })
})

describe('pairs', () => {
  test('after parts unwind in the reverse order of their before parts, and share their locals with them', async () => {
    const { hooks, seen } = bench()
    for (const [name, priority] of [
      ['outer', 'high'],
      ['inner', 'low'],
      ['middle', 'normal'],
    ] as const) {
      hooks.registerPair(
        {
          before: [
            'BeforeToolExecution',
            (ctx) => {
              ctx.locals['mine'] = name
              seen.handler(`+${name}`)(ctx)
            },
          ],
          after: ['AfterToolExecution', (ctx) => seen.handler(`-${String(ctx.locals['mine'])}`)(ctx)],
        },
        { name, priority },
      )
    }
    await hooks.wrap({ name: 'work', ...TOOL }, () => 1)(undefined)
    expect(seen.order).toEqual(['+outer', '+middle', '+inner', '-inner', '-middle', '-outer'])
    expect(hooks.explain('AfterToolExecution').pairs.map(({ because }) => because)).toEqual(['unwind', 'unwind'])
  })

  test('the constraints of a pair place its before part', () => {
    const { hooks } = bench()
    const pair = (name: string, options: object = {}) =>
      hooks.registerPair(
        { before: ['BeforeToolExecution', nothing], after: ['AfterToolExecution', nothing] },
        { name, ...options },
      )
    pair('a')
    pair('b', { before: ['a'] })
    const names = (point: string) => hooks.explain(point).hooks.map(({ name }) => name)
    expect(names('BeforeToolExecution')).toEqual(['b', 'a'])
    expect(names('AfterToolExecution')).toEqual(['a', 'b'])
  })

  test('one handle for both parts; a part that is refused takes the other with it', () => {
    const { hooks } = bench()
    const handle = hooks.registerPair(
      { before: ['BeforeToolExecution', nothing], after: ['AfterToolExecution', nothing] },
      { name: 'p' },
    )
    expect(handle.points).toEqual(['BeforeToolExecution', 'AfterToolExecution'])
    handle.disable()
    expect(hooks.explain('AfterToolExecution').hooks).toMatchObject([{ name: 'p', enabled: false }])
    expect(handle.unregister()).toBe(true)
    expect(handle.unregister()).toBe(false)
    expect(hooks.list()).toEqual([])
    expect(
      errorOf(() => hooks.registerPair({ before: ['BeforeToolExecution', nothing], after: ['Nowhere', nothing] })).code,
    ).toBe('UNKNOWN_POINT')
    expect(hooks.list()).toEqual([])
  })

  test('pairs that would unwind in a circle are refused', () => {
    const { hooks } = bench()
    const [a, b] = [definePoint('a', { phase: 'before' }), definePoint('b', { phase: 'before' })]
    hooks.registerPair({ before: [a, nothing], after: [b, nothing] })
    expect(errorOf(() => hooks.registerPair({ before: [b, nothing], after: [a, nothing] })).code).toBe(
      'HOOK_ORDER_CYCLE',
    )
    expect(errorOf(() => hooks.registerPair({ before: [a, nothing], after: [a, nothing] })).code).toBe(
      'HOOK_ORDER_CYCLE',
    )
    expect(hooks.list()).toHaveLength(2)
  })
})

describe('several at once', () => {
  test('registerAll registers all or none', () => {
    const { hooks } = bench()
    const handles = hooks.registerAll([
      ['BeforeToolExecution', nothing, { name: 'a' }],
      [['ToolError', 'AgentError'], nothing, { name: 'b', priority: 'high' }],
    ])
    expect(handles.map(({ name, points }) => [name, points])).toEqual([
      ['a', ['BeforeToolExecution']],
      ['b', ['AgentError', 'ToolError']],
    ])
    expect(
      errorOf(() =>
        hooks.registerAll([
          ['ToolError', nothing, { name: 'c' }],
          ['ToolError', nothing, { name: 'b' }],
        ]),
      ).code,
    ).toBe('DUPLICATE_HOOK')
    expect(hooks.list().map(({ name }) => name)).toEqual(['b', 'a'])
  })

  test('use registers defined hooks at their points', async () => {
    const { hooks } = bench()
    hooks.use([
      defineHook({ name: 'g', kind: 'guard', points: 'BeforeToolExecution', handler: () => hook.cancel('no') }),
      defineHook({ name: 'o', points: ['ToolError', 'AgentError'], kind: 'observe', handler: nothing }),
    ])
    expect(hooks.list().map(({ name, points }) => `${name}: ${points.join()}`)).toEqual([
      'g: BeforeToolExecution',
      'o: AgentError,ToolError',
    ])
    expect(await hooks.wrap({ name: 'work', ...TOOL }, () => 1)(undefined)).toMatchObject({ status: 'cancelled' })
    expect(errorOf(() => hooks.use(defineHook({ name: 'lost', handler: nothing }))).code).toBe('UNKNOWN_POINT')
  })
})

describe('points', () => {
  test('aliases are the point itself, at registration and in filters', async () => {
    const { hooks, seen } = bench()
    hooks.register('workflow:before_step', seen.handler('a'), { name: 'a' })
    hooks.register('before_step', seen.handler('b'), { name: 'b' })
    expect(hooks.list({ point: 'BeforeWorkflowStage' }).map(({ name }) => name)).toEqual(['a', 'b'])
    await hooks.wrap({ name: 'step', before: 'BeforeWorkflowStage' }, () => 1)(undefined)
    expect(seen.points).toEqual(['BeforeWorkflowStage', 'BeforeWorkflowStage'])
  })

  test('a glob is one hook at all its points, also those declared later; it passes over points that take no hook of its kind', async () => {
    const { hooks, seen } = bench({ points: [definePoint('first', { phase: 'before' })] })
    const handle = hooks.register('custom:*', seen.handler('all'), { kind: 'guard', name: 'all' })
    expect(handle.points).toEqual(['custom:first'])
    await hooks.run(definePoint('second', { phase: 'before' }), {})
    await hooks.run(definePoint('quiet', { phase: 'notify' }), {})
    expect(handle.points).toEqual(['custom:first', 'custom:second'])
    expect(seen.points).toEqual(['custom:second'])
    hooks.register('*', seen.handler('watch'), { name: 'watch' })
    expect(hooks.explain('custom:quiet').hooks).toMatchObject([{ name: 'watch', kind: 'observe' }])
    expect(hooks.explain('custom:first').hooks).toMatchObject([{ name: 'watch', kind: 'transform' }, { name: 'all' }])
    expect(errorOf(() => hooks.register('Session*', nothing, { kind: 'guard' })).code).toBe('HOOK_KIND')
  })

  test('a point at which globs would meet that cannot stand together is refused, and then does not exist', () => {
    const { hooks } = bench({
      points: [definePoint('a1', { phase: 'before' }), definePoint('1b', { phase: 'before' })],
    })
    const first = hooks.register('custom:a*', nothing, { name: 'x' })
    const second = hooks.register('custom:*b', nothing, { name: 'x' })
    const both = definePoint('ab', { phase: 'before' })
    expect(errorOf(() => hooks.register(both, nothing)).code).toBe('DUPLICATE_HOOK')
    expect(errorOf(() => hooks.register('custom:ab', nothing)).code).toBe('UNKNOWN_POINT')
    expect([first.points, second.points]).toEqual([['custom:a1'], ['custom:1b']])
    second.unregister()
    hooks.register(both, nothing, { name: 'y' })
    expect(first.points).toEqual(['custom:a1', 'custom:ab'])
  })

  test('a definition is declared where it is used', async () => {
    const { hooks, seen } = bench()
    const sent = definePoint('sent', { phase: 'after', schema: z.object({ to: z.string() }) })
    hooks.register(sent, seen.handler('log'))
    await hooks.run('custom:sent', { to: 'ann' })
    expect(seen.calls).toMatchObject([{ point: 'custom:sent', data: { to: 'ann' } }])
  })
})

describe('lists and switches', () => {
  test('filters by point, priority, tag and language', () => {
    const { hooks } = bench()
    hooks.register('BeforeToolExecution', nothing, {
      name: 'a',
      priority: 'high',
      tags: ['pii'],
      description: 'masks',
      version: '2.0.0',
    })
    hooks.register('ToolError', nothing, { name: 'b', language: 'lua' })
    const names = (filter: Parameters<typeof hooks.list>[0]) => hooks.list(filter).map(({ name }) => name)
    expect(names({ point: 'ToolError' })).toEqual(['b'])
    expect(names({ priority: 'high' })).toEqual(['a'])
    expect(names({ priority: 0 })).toEqual(['b'])
    expect(names({ tag: 'pii' })).toEqual(['a'])
    expect(names({ tag: 'pii', language: 'lua' })).toEqual([])
    expect(hooks.list({ tag: 'pii' })).toMatchObject([
      {
        name: 'a',
        priority: -100,
        description: 'masks',
        version: '2.0.0',
        enabled: true,
        points: ['BeforeToolExecution'],
      },
    ])
  })

  test('a hook, a point, or all hooks can be turned off and on', async () => {
    const { hooks } = bench()
    const handle = hooks.register('BeforeToolExecution', () => hook.cancel('no'), { kind: 'guard' })
    const work = hooks.wrap({ name: 'work', ...TOOL }, () => 1)
    const status = async () => (await work(undefined)).status
    expect(await status()).toBe('cancelled')
    handle.disable()
    expect(await status()).toBe('completed')
    handle.enable()
    hooks.setEnabled(false, 'BeforeToolExecution')
    expect(await status()).toBe('completed')
    hooks.setEnabled(true, 'BeforeToolExecution')
    expect(await status()).toBe('cancelled')
    hooks.setEnabled(false)
    expect(await status()).toBe('completed')
    hooks.setEnabled(true)
    expect(await status()).toBe('cancelled')
  })

  test('an aborted signal, a disposed handle and unregister take a hook away', () => {
    const { hooks } = bench()
    const controller = new AbortController()
    hooks.register('ToolError', nothing, { name: 'a', signal: controller.signal })
    hooks.register('ToolError', nothing, { name: 'b', signal: AbortSignal.abort() })
    const c = hooks.register('ToolError', nothing, { name: 'c' })
    expect(hooks.list().map(({ name }) => name)).toEqual(['a', 'c'])
    controller.abort()
    c[Symbol.dispose]()
    expect(hooks.list()).toEqual([])
    hooks.register('ToolError', nothing, { name: 'a' })
  })

  test('hooks without a name get one', () => {
    const { hooks } = bench()
    hooks.register('ToolError', function retryLater() {})
    hooks.register('ToolError', nothing)
    hooks.register('ToolError', () => undefined)
    expect(hooks.list().map(({ name }) => name)).toEqual(['retryLater#1', 'nothing#2', 'hook#3'])
  })
})

test('for() limits a hook to one component', async () => {
  const { hooks, seen } = bench()
  const one = hooks.wrap({ name: 'one', ...TOOL }, (n: number) => n)
  const two = hooks.wrap({ name: 'two', ...TOOL }, (n: number) => n)
  hooks.for(one.component).register('BeforeToolExecution', seen.handler('only'))
  await one(1)
  await two(2)
  expect(seen.calls.map(({ component }) => component)).toEqual(['one'])
})

test('for() tells a tool from what else has its name', async () => {
  const { hooks, seen } = bench()
  const points = { before: definePoint('any', { phase: 'before' }) }
  const tool = hooks.wrap({ name: 'same', type: 'tool', ...points }, (n: number) => n)
  const agent = hooks.wrap({ name: 'same', type: 'agent', ...points }, (n: number) => n)
  hooks.for(tool.component).register('custom:any', seen.handler('only'))
  await agent(1)
  expect(seen.calls).toHaveLength(0)
  await tool(1)
  expect(seen.calls).toHaveLength(1)
})

test.each([
  ['clock', { now: () => 0 }],
  ['journal', { open: () => undefined, append: () => undefined }],
  ['ids', {}],
  ['ids', null],
])('a %s that lacks methods is refused', (name, port) => {
  const error = errorOf(() => createHooks({ [name]: port }))
  expect([error.code, error.message]).toEqual(['INVALID_OPTIONS', expect.stringContaining(`createHooks: "${name}"`)])
})
