/** What a hook is called with, and what it may do with it. */
import { createHooks, definePoint, hook } from 'hookchart/hooks'
import type { HookContext } from 'hookchart/hooks'
import { afterEach, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { bench, deferred, TOOL } from '../support/kernel.ts'

afterEach(() => {
  process.env['NODE_ENV'] = 'test'
})

test('everything that the page of the API lists', async () => {
  const { hooks, clock } = bench()
  await clock.advance(1_500)
  let ctx: HookContext<'BeforeToolExecution'> | undefined
  hooks.register('BeforeToolExecution', (given) => void (ctx = given))
  await hooks.wrap({ name: 'fetch', ...TOOL }, () => 1)(
    { url: 'x' },
    {
      metadata: { userId: 'u1' },
      correlationId: 'corr',
    },
  )
  expect({ ...ctx }).toEqual({
    point: 'BeforeToolExecution',
    component: { type: 'tool', name: 'fetch', id: 'fetch' },
    data: {
      input: { url: 'x' },
      tool: { name: 'fetch', description: '', category: 'custom', level: 'safe', tags: [] },
    },
    proposal: { type: 'run' },
    state: {},
    metadata: { userId: 'u1' },
    correlationId: 'corr',
    operation: { id: 'id-1', attempt: 1, gatePass: 1 },
    language: 'native',
    timestamp: 1_500,
  })
  expect(ctx!.signal).toBeInstanceOf(AbortSignal)
  expect(ctx!.locals).toEqual({})
  expect(Object.keys(ctx!.run)).toEqual(['tool', 'agent', 'workflow'])
})

test('it survives structuredClone and JSON, apart from signal, locals and run', async () => {
  const { hooks } = bench()
  let clone: unknown
  let json: unknown
  hooks.register('BeforeToolExecution', (ctx) => {
    // Each comes into being when it is asked for.
    void [ctx.signal, ctx.locals, ctx.run]
    clone = structuredClone(ctx)
    json = JSON.parse(JSON.stringify(ctx))
  })
  await hooks.wrap({ name: 'work', ...TOOL }, () => 1)(5)
  expect(clone).toMatchObject({ point: 'BeforeToolExecution', data: { input: 5 }, operation: { attempt: 1 } })
  expect(json).toEqual(clone)
  expect(clone).not.toHaveProperty('signal')
  expect(clone).not.toHaveProperty('locals')
})

test('it never changes under a hook that has it', async () => {
  const { hooks } = bench()
  const kept: HookContext[] = []
  const keep = (ctx: HookContext<string, unknown>) => void kept.push(ctx)
  hooks.register('BeforeToolExecution', keep)
  hooks.register('BeforeToolExecution', () => hook.modified({ input: 2 }, { state: { s: 1 } }))
  hooks.register('BeforeToolExecution', keep)
  hooks.register('BeforeToolExecution', () => hook.replace(3))
  hooks.register('BeforeToolExecution', keep, { kind: 'guard' })
  await hooks.wrap({ name: 'work', ...TOOL }, () => 1)(1)
  expect(kept.map(({ data, state, proposal }) => [data.input, state, proposal?.type])).toEqual([
    [1, {}, 'run'],
    [2, { s: 1 }, 'run'],
    [2, { s: 1 }, 'replace'],
  ])
})

describe('data', () => {
  test.each(['test', 'development'])(
    'is frozen through and through with NODE_ENV %s; the caller’s own never is',
    async (environment) => {
      process.env['NODE_ENV'] = environment
      const hooks = createHooks()
      const mine = { list: [{ n: 1 }] }
      hooks.register(
        'BeforeToolExecution',
        (ctx) => {
          const { list } = ctx.data.input as typeof mine
          expect(() => (list[0]!.n = 2)).toThrow(TypeError)
        },
        { onFailure: 'closed' },
      )
      const result = await hooks.wrap({ name: 'work', ...TOOL }, (input: typeof mine) => {
        input.list.push({ n: 3 })
        return input
      })(mine)
      expect(result).toMatchObject({ status: 'completed', output: { list: [{ n: 1 }, { n: 3 }] } })
      expect(Object.isFrozen(mine.list)).toBe(false)
      expect(Object.isFrozen(result.output)).toBe(false)
    },
  )

  test('in production it is the caller’s own object, and with guards a copy that nobody else can change', async () => {
    process.env['NODE_ENV'] = 'production'
    const hooks = createHooks()
    const gate = deferred()
    const seen: unknown[] = []
    const slow = hooks.register('BeforeToolExecution', () => gate.promise, { priority: 'high' })
    const guard = hooks.register('BeforeToolExecution', (ctx) => void seen.push((ctx.data.input as { n: number }).n), {
      kind: 'guard',
    })
    const work = hooks.wrap({ name: 'work', ...TOOL }, (input: { n: number }) => input)
    const mine = { n: 1 }
    const running = work(mine)
    mine.n = 666
    gate.resolve()
    expect(await running).toMatchObject({ output: { n: 1 } })
    slow.unregister()
    mine.n = 2
    const { output } = await work(mine)
    expect(output).toEqual({ n: 2 })
    expect(output).not.toBe(mine)
    guard.unregister()
    expect((await work(mine)).output).toBe(mine)
    expect(seen).toEqual([1, 2])
  })

  test.each([
    ['a function', { f: () => 1 }, 'input.f'],
    ['a class instance', { d: new Date(0) }, 'Date'],
    ['a map', new Map(), 'Map'],
    ['NaN', [1, NaN], 'NaN'],
    ['a bigint', { n: 1n }, 'bigint'],
    ['a hole', [1, undefined], 'undefined'],
    ['a __proto__ key', JSON.parse('{"a":{"__proto__":1}}'), '__proto__'],
    ['a cycle', cycle(), 'deeper'],
  ])('%s is no JSON', async (_, input, says) => {
    const { hooks } = bench()
    hooks.register('BeforeToolExecution', () => undefined)
    const result = await hooks.wrap({ name: 'work', ...TOOL }, () => 1)(input as never)
    expect(result).toMatchObject({ status: 'failed', error: { code: 'DATA_NOT_JSON' } })
    expect(result.error?.message).toContain(says)
    expect(() => hooks.run('BeforeToolExecution', { input } as never)).toThrow(says)
  })

  test('an output that is no JSON fails behind the effect, and says so', async () => {
    const { hooks } = bench()
    hooks.register('AfterToolExecution', () => undefined)
    const result = await hooks.wrap({ name: 'work', ...TOOL }, () => new Date(0))(undefined)
    expect(result).toMatchObject({
      status: 'failed',
      error: { code: 'DATA_NOT_JSON', details: { effect: 'completed' } },
    })
  })

  test('undefined is fine as an input and an output, and as the value of a key', async () => {
    const { hooks, seen } = bench()
    hooks.register('*ToolExecution', seen.handler('any'))
    expect(await hooks.wrap({ name: 'work', ...TOOL }, () => undefined)(undefined)).toMatchObject({
      status: 'completed',
    })
    expect(await hooks.wrap({ name: 'work', ...TOOL }, (input: object) => input)({ a: undefined, b: 1 })).toMatchObject(
      { output: { b: 1 } },
    )
  })
})

describe('changes that cannot be accepted', () => {
  const before = definePoint('before', { phase: 'before', schema: z.object({ input: z.object({ n: z.number() }) }) })

  test.each([
    ['all of data, by a recipe', () => hook.modified(() => ({ input: 1 }) as never), 'replaces all of data'],
    ['all of data, by a list', () => ({ type: 'modified', patch: [1] }), 'plain object'],
    ['a __proto__ key', () => hook.modified(JSON.parse('{"__proto__":{"x":1}}') as object), '__proto__'],
    [
      'a __proto__ key inside',
      () => hook.modified({ input: JSON.parse('{"__proto__":{"x":1}}') as object }),
      '__proto__',
    ],
    ['what is no JSON', () => hook.modified({ input: { n: new Date(0) } }), 'Date'],
    [
      'what is no JSON, by a recipe',
      () =>
        hook.modified((draft: { input: { n: unknown } }) => {
          draft.input.n = () => 1
        }),
      'function',
    ],
    ['what does not fit the schema', () => hook.modified({ input: { n: 'x' } }), '"input.n"'],
    [
      'a recipe that throws',
      () =>
        hook.modified(() => {
          throw new Error('oops')
        }),
      'oops',
    ],
    ['an async recipe', () => hook.modified((async () => {}) as never), 'async'],
  ])('%s: the hook fails, the data stays', async (_, result, says) => {
    const { hooks } = bench()
    hooks.register(before, result as never, { name: 'bad' })
    const done = await hooks.wrap({ name: 'work', before, type: 'custom' }, (input: { n: number }) => input)({ n: 1 })
    expect(done).toMatchObject({ status: 'completed', output: { n: 1 } })
    expect(done.trace.find((entry) => entry.hook === 'bad')).toMatchObject({
      outcome: 'failed',
      message: expect.stringContaining(says) as string,
    })
    expect(({} as { x?: number }).x).toBeUndefined()
  })

  test('at a tool’s input it fails the operation, naming the hook: a tool never runs on less than its hooks meant', async () => {
    const { hooks } = bench()
    hooks.register('BeforeToolExecution', () => hook.modified({ input: { n: 'x' } }), { name: 'bad' })
    let ran = false
    const result = await hooks.wrap(
      { name: 'work', ...TOOL, input: z.object({ n: z.number() }) },
      () => (ran = true),
    )({ n: 1 })
    expect(result).toMatchObject({
      status: 'failed',
      error: { code: 'HOOK_INVALID_CHANGE', details: { hook: 'bad', point: 'BeforeToolExecution' } },
    })
    expect(ran).toBe(false)
  })

  test('keys that the point does not give to change', async () => {
    const { hooks } = bench()
    hooks.register('AfterToolExecution', () => hook.modified({ input: 2 } as never), { name: 'bad' })
    const result = await hooks.wrap({ name: 'work', ...TOOL }, () => 1)(undefined)
    expect(result.trace.find((entry) => entry.hook === 'bad')?.message).toContain(
      'changes "input", but here "output" may be changed',
    )
  })

  test('what a hook hands in is copied: changing it later changes nothing', async () => {
    const { hooks } = bench()
    const patch = { input: { n: 2 } }
    hooks.register('BeforeToolExecution', () => hook.modified(patch))
    hooks.register(
      'BeforeToolExecution',
      () => {
        patch.input.n = 666
      },
      { kind: 'guard' },
    )
    expect(await hooks.wrap({ name: 'work', ...TOOL }, (input: { n: number }) => input)({ n: 1 })).toMatchObject({
      output: { n: 2 },
    })
  })
})

describe('schemas of a wrapped function', () => {
  test('hooks see and change the raw input, the effect gets it parsed, once', async () => {
    const { hooks, seen } = bench()
    const input = z.object({ when: z.string().transform((text) => `${text}!`) })
    hooks.register(
      'BeforeToolExecution',
      seen.handler('a', (ctx) => hook.modified({ input: { when: `${(ctx.data.input as { when: string }).when}?` } })),
    )
    hooks.register('AfterToolExecution', seen.handler('b'))
    const work = hooks.wrap({ name: 'work', ...TOOL, input }, ({ when }) => when)
    expect(await work({ when: 'now' })).toMatchObject({ output: 'now?!' })
    expect(seen.calls.map(({ data }) => (data as { input: unknown }).input)).toEqual([
      { when: 'now' },
      { when: 'now?' },
    ])
  })

  test('input that never parsed passes no gate', async () => {
    const { hooks, seen } = bench()
    hooks.register('*', seen.handler('any'), { kind: 'observe' })
    const work = hooks.wrap({ name: 'work', ...TOOL, input: z.object({ n: z.number() }) }, () => 1)
    const result = await work({ n: 'x' } as never)
    expect(result).toMatchObject({
      status: 'failed',
      attempts: 0,
      error: { code: 'INVALID_INPUT', details: { issues: [{ path: 'n' }] } },
    })
    expect(seen.points).toEqual(['OperationSettled'])
  })

  test('output is parsed; a replacement that does not fit is the hook’s failure', async () => {
    const { hooks } = bench()
    const work = hooks.wrap({ name: 'work', ...TOOL, output: z.number() }, (given: unknown) => given as number)
    expect(await work('x')).toMatchObject({ status: 'failed', error: { code: 'INVALID_OUTPUT' } })
    hooks.register('BeforeToolExecution', () => hook.replace('x'), { name: 'bad' })
    const result = await work(1)
    expect(result).toMatchObject({ status: 'completed', output: 1 })
    expect(result.trace.find((entry) => entry.hook === 'bad')).toMatchObject({
      outcome: 'failed',
      code: 'HOOK_INVALID_CHANGE',
    })
  })

  test('schemas may be async', async () => {
    const { hooks } = bench()
    const input = z.object({ n: z.number() }).refine(async ({ n }) => n > 0)
    hooks.register('BeforeToolExecution', (ctx) =>
      hook.modified({ input: { n: (ctx.data.input as { n: number }).n - 2 } }),
    )
    const work = hooks.wrap({ name: 'work', before: 'BeforeAgentExecution', input }, ({ n }) => n)
    expect(await work({ n: 1 })).toMatchObject({ output: 1 })
    expect(await work({ n: 0 })).toMatchObject({ status: 'failed', error: { code: 'INVALID_INPUT' } })
  })
})

describe('locals', () => {
  test('are a hook’s own for one operation, shared by its before and its after', async () => {
    const { hooks } = bench()
    const seen: unknown[] = []
    for (const name of ['a', 'b']) {
      hooks.register(['BeforeToolExecution', 'AfterToolExecution'], (ctx) => {
        ctx.locals['calls'] = ((ctx.locals['calls'] as number | undefined) ?? 0) + 1
        seen.push(`${name}${String(ctx.locals['calls'])}`)
      })
    }
    const work = hooks.wrap({ name: 'work', ...TOOL }, () => 1)
    await work(undefined)
    await work(undefined)
    expect(seen).toEqual(['a1', 'b1', 'a2', 'b2', 'a1', 'b1', 'a2', 'b2'])
  })

  test('stay with a hook that waits, while others run', async () => {
    const { hooks, clock } = bench()
    const gate = deferred()
    const seen: unknown[] = []
    hooks.register(
      'BeforeToolExecution',
      async (ctx) => {
        await gate.promise
        ctx.locals['by'] = 'slow'
      },
      { timeoutMs: 10 },
    )
    hooks.register('BeforeToolExecution', (ctx) => void (ctx.locals['by'] = 'fast'))
    hooks.register('AfterToolExecution', (ctx) => void seen.push(ctx.locals))
    const running = hooks.wrap({ name: 'work', ...TOOL }, () => 1)(undefined)
    await clock.advance(10)
    gate.resolve()
    await running
    await clock.settle()
    expect(seen).toEqual([{}])
  })
})

describe('child operations', () => {
  test('ctx.run starts one with the correlation id, and a link to its parent', async () => {
    const { hooks, seen } = bench()
    const child = hooks.wrap({ name: 'child', before: 'BeforeAgentExecution' }, (n: number) => n + 1)
    const parents: unknown[] = []
    hooks.register(
      'BeforeAgentExecution',
      seen.handler('in child', (ctx) => {
        parents.push(ctx.parent)
      }),
    )
    hooks.register('BeforeToolExecution', async (ctx) => {
      const { output } = await ctx.run.agent('child', 1)
      return hook.modified({ input: output })
    })
    const result = await hooks.wrap({ name: 'work', ...TOOL, targets: { child } }, (n: number) => n * 10)(0)
    expect(result.output).toBe(20)
    expect(parents).toEqual([{ id: 'id-1', component: { type: 'tool', name: 'work', id: 'work' } }])
    expect(seen.calls).toMatchObject([{ correlationId: 'id-1' }])
    const inChild = result.trace.find((entry) => entry.component === 'child')
    expect(result.trace[inChild!.parent!]).toMatchObject({ kind: 'transform', point: 'BeforeToolExecution' })
  })

  test('the option parent does the same, from a hook and from an effect', async () => {
    const { hooks } = bench()
    const child = hooks.wrap({ name: 'child' }, (n: number) => n + 1)
    hooks.register('BeforeToolExecution', async (ctx) => void (await child(1, { parent: ctx })))
    const work = hooks.wrap(
      { name: 'work', ...TOOL },
      async (_: undefined, call) => (await child(2, { parent: call })).output,
    )
    const result = await work(undefined, { correlationId: 'c' })
    expect(result.output).toBe(3)
    const children = result.trace.filter(({ component, kind }) => component === 'child' && kind === 'operation')
    expect(children.map(({ parent }) => result.trace[parent!]?.kind)).toEqual(['transform', 'effect'])
  })

  test('a copied context lends its correlation id', async () => {
    const { hooks } = bench()
    const child = hooks.wrap({ name: 'child' }, () => 1)
    let of: string | undefined
    hooks.register('BeforeToolExecution', async (ctx) => {
      of = (await child(undefined, { parent: structuredClone({ ...ctx }) as never })).correlationId
    })
    await hooks.wrap({ name: 'work', ...TOOL }, () => 1)(undefined, { correlationId: 'c' })
    expect(of).toBe('c')
  })

  test('an unknown target rejects, and so fails the hook', async () => {
    const { hooks } = bench()
    hooks.register('BeforeToolExecution', async (ctx) => void (await ctx.run.tool('nope')), { name: 'x' })
    const result = await hooks.wrap({ name: 'work', ...TOOL }, () => 1)(undefined)
    expect(result.trace.find((entry) => entry.hook === 'x')).toMatchObject({
      code: 'HOOK_FAILED',
      message: expect.stringContaining('nope') as string,
    })
  })

  test('operations started from hooks nest 16 deep, then end in a named error', async () => {
    const { hooks, seen } = bench()
    const errors: unknown[] = []
    hooks.register(
      'BeforeToolExecution',
      seen.handler('again', async (ctx) => {
        const result = await ctx.run.tool('self')
        if (result.error?.code === 'DEPTH_LIMIT') errors.push(result.error.details)
      }),
    )
    const targets: Record<string, (input: never) => unknown> = {}
    const self = hooks.wrap({ name: 'self', ...TOOL, targets }, () => 'done')
    targets['self'] = self
    expect(await self(undefined)).toMatchObject({ status: 'completed', output: 'done' })
    expect(errors).toEqual([{ component: 'self', limit: 16 }])
    expect(seen.calls).toHaveLength(17)
  })

  test('aborting the parent aborts the child', async () => {
    const { hooks } = bench()
    const controller = new AbortController()
    const child = hooks.wrap({ name: 'child' }, () => new Promise(() => {}))
    let childResult: unknown
    hooks.register('BeforeToolExecution', async (ctx) => void (childResult = await child(undefined, { parent: ctx })))
    const running = hooks.wrap({ name: 'work', ...TOOL }, () => 1)(undefined, { signal: controller.signal })
    controller.abort()
    await running
    await null
    expect(childResult).toMatchObject({ status: 'cancelled', error: { code: 'RUN_ABORTED' } })
  })
})

function cycle() {
  const value: Record<string, unknown> = {}
  value['self'] = value
  return value
}
