import { createHooks, createSelectiveHooks, definePoint, hook } from 'hookchart/hooks'
import type { DisposedInstance, HookContext, HookInstance, SelectiveHooksOptions } from 'hookchart/hooks'
import { createTestClock } from 'hookchart/testing'
import { describe, expect, test, vi } from 'vitest'
import { Instances } from '../../src/hooks/selective/instances.ts'
import { SelectiveHook } from '../../src/hooks/selective/selective-hook.ts'
import { deferred } from '../support/kernel.ts'

const POINT = 'BeforeToolExecution'

/** Selective hooks in front of a tool that counts what they do. */
function bench(options: SelectiveHooksOptions = {}) {
  const clock = createTestClock()
  const hooks = createHooks({ clock })
  const disposed: DisposedInstance[] = []
  const selective = createSelectiveHooks(hooks, { onDispose: (each) => disposed.push(each), ...options })
  const made: string[] = []
  const called: string[] = []
  /** A factory of hooks that say that they are made, called and disposed of. */
  const factory =
    (name: string, run: () => unknown = () => undefined) =>
    () => {
      made.push(name)
      return {
        handler: () => {
          called.push(name)
          return run() as undefined
        },
        dispose: () => {
          called.push(`${name} gone`)
        },
      }
    }
  const tool = hooks.wrap({ name: 'tool', before: POINT }, (input: unknown) => input)
  const fire = async (): Promise<unknown> => hooks.run<string>(POINT, { input: 1 })
  return { clock, hooks, selective, disposed, made, called, factory, tool, fire }
}

const refused = (code: string, message = ''): unknown =>
  expect.objectContaining({ code, message: expect.stringContaining(message) })

describe('instances', () => {
  test('a hook is made at its first call, never earlier, and once', async () => {
    const { selective, made, called, factory, fire, hooks } = bench()
    selective.register(POINT, factory('a'), { name: 'a' })
    hooks.explain(POINT)
    selective.stats()
    expect(made).toEqual([])
    await fire()
    await fire()
    expect(made).toEqual(['a'])
    expect(called).toEqual(['a', 'a'])
  })

  test('a hook whose condition does not hold is not made', async () => {
    const { selective, made, factory, fire } = bench()
    selective.register(POINT, factory('a'), { name: 'a', when: () => false })
    selective.register(POINT, factory('b'), { name: 'b', match: { component: 'other' } })
    await fire()
    expect(made).toEqual([])
  })

  test('a hook keeps its options: name, kind, order, points', async () => {
    const { selective, hooks, called, factory, tool } = bench()
    const handle = selective.register([POINT, 'BeforeAgentExecution'], factory('late'), {
      name: 'late',
      priority: 'low',
    })
    selective.register(POINT, factory('early'), { name: 'early' })
    selective.register(POINT, () => () => hook.cancel('no'), { name: 'deny', kind: 'guard', tags: ['x'] })
    expect(await tool(1)).toMatchObject({ status: 'cancelled', error: { details: { reason: 'no' } } })
    expect(called).toEqual(['early', 'late'])
    expect(handle.points).toEqual(['BeforeAgentExecution', POINT])
    expect(hooks.list({ tag: 'x' })).toMatchObject([{ name: 'deny', kind: 'guard' }])
  })

  test('a sync factory of a sync hook keeps the point synchronous', () => {
    const { selective, tool } = bench()
    selective.register(POINT, () => () => hook.modified({ input: 2 }))
    expect(tool(1)).toMatchObject({ output: 2 })
  })

  test('a hook without a name is named after its factory', () => {
    const { selective } = bench()
    expect(
      selective.register(POINT, function makeAudit() {
        return () => undefined
      }).name,
    ).toMatch(/^makeAudit#/)
  })

  test('an instance is a function or an object whose handler keeps its this', async () => {
    const { selective, tool } = bench()
    class Counter {
      count = 0
      handler() {
        return hook.modified({ input: ++this.count })
      }
    }
    selective.register(POINT, () => new Counter())
    await tool(0)
    expect(await tool(0)).toMatchObject({ output: 2 })
  })

  test('an async factory makes one instance for all calls that wait for it', async () => {
    const { selective, fire, called } = bench()
    const gate = deferred<HookInstance<'BeforeToolExecution'>>()
    const factory = vi.fn(() => gate.promise)
    selective.register(POINT, factory, { name: 'a' })
    const running = [fire(), fire()]
    expect(selective.stats().instances).toBe(0)
    gate.resolve(() => {
      called.push('a')
    })
    await Promise.all(running)
    expect(factory).toHaveBeenCalledTimes(1)
    expect(called).toEqual(['a', 'a'])
    expect(selective.stats().instances).toBe(1)
  })

  test('when the factory takes longer than the deadline the hook is not called any more, and the instance is kept', async () => {
    const { selective, clock, tool, called } = bench()
    const gate = deferred<HookInstance<'BeforeToolExecution'>>()
    selective.register(POINT, () => gate.promise, { name: 'slow', kind: 'guard', timeoutMs: 100 })
    const running = tool(1)
    await clock.advance(100)
    expect(await running).toMatchObject({ error: { code: 'GUARD_TIMED_OUT' } })
    gate.resolve(() => {
      called.push('slow')
    })
    await clock.settle()
    expect(called).toEqual([])
    expect(await tool(1)).toMatchObject({ status: 'completed' })
    expect(called).toEqual(['slow'])
  })

  describe('a factory that fails', () => {
    const failures: Record<string, () => never> = {
      throws: () => {
        throw new Error('no model')
      },
      rejects: () => Promise.reject(new Error('no model')) as never,
      'makes no hook': () => ({ call: () => undefined }) as never,
      'makes nothing': () => undefined as never,
      'makes a promise of no hook': () => Promise.resolve(3) as never,
      'makes a hook with options': () => ({ kind: 'guard', handler: () => hook.cancel() }) as never,
    }
    test.each(Object.entries(failures))('%s: an open transform is skipped, a guard denies', async (_, factory) => {
      const open = bench()
      open.selective.register(POINT, factory, { name: 'a' })
      const { output, trace } = await open.tool(1)
      expect(output).toBe(1)
      expect(trace.find((entry) => entry.hook === 'a')).toMatchObject({ outcome: 'failed', code: 'HOOK_FAILED' })
      const closed = bench()
      closed.selective.register(POINT, factory, { name: 'a', kind: 'guard' })
      expect(await closed.tool(1)).toMatchObject({ status: 'cancelled', error: { code: 'GUARD_FAILED' } })
      expect(closed.selective.stats()).toMatchObject({ instances: 0, perHook: [{ failures: 1, live: false }] })
    })

    test.each<[string, () => never, object]>([
      ['what the factory throws', failures['throws']!, { message: 'no model' }],
      ['what it rejects with', failures['rejects']!, { message: 'no model' }],
      [
        'what it made instead of a hook',
        failures['makes no hook']!,
        {
          code: 'INVALID_HANDLER',
          message: 'The factory of hook "a" made an object, not a function or an object with a handler.',
          details: { hook: 'a' },
        },
      ],
      [
        'that it made nothing',
        failures['makes nothing']!,
        {
          code: 'INVALID_HANDLER',
          message: 'The factory of hook "a" made undefined, not a function or an object with a handler.',
        },
      ],
      [
        'that it made null',
        () => null as never,
        {
          code: 'INVALID_HANDLER',
          message: 'The factory of hook "a" made null, not a function or an object with a handler.',
        },
      ],
      [
        'the option that would have no effect',
        failures['makes a hook with options']!,
        {
          code: 'INVALID_HANDLER',
          message:
            'The factory of hook "a" made a hook with the option "kind", which would have no effect. Give it to register.',
          details: { hook: 'a', option: 'kind' },
        },
      ],
    ])('the cause is %s', async (_, factory, cause) => {
      const { selective, tool } = bench()
      selective.register(POINT, factory, { name: 'a', kind: 'guard' })
      expect((await tool(1)).error?.cause).toMatchObject({ cause })
    })

    test('the next call tries again', async () => {
      const { selective, tool } = bench()
      let calls = 0
      selective.register(POINT, () => {
        if (++calls < 3) throw new Error('not yet')
        return () => hook.modified({ input: 'made' })
      })
      expect([await tool(1), await tool(1), await tool(1), await tool(1)].map(({ output }) => output)).toEqual([
        1,
        1,
        'made',
        'made',
      ])
      expect(calls).toBe(3)
    })

    test('an async one tries again too', async () => {
      const { selective, tool } = bench()
      let calls = 0
      selective.register(POINT, async () => {
        if (++calls < 2) throw new Error('not yet')
        return () => hook.modified({ input: 'made' })
      })
      expect([await tool(1), await tool(1)].map(({ output }) => output)).toEqual([1, 'made'])
    })

    test('one that fires a point of its own hook is told so', async () => {
      const { selective, tool } = bench()
      const inner: unknown[] = []
      const factory = () => {
        inner.push(tool(2))
        return () => undefined
      }
      selective.register(POINT, factory, { name: 'a', kind: 'guard' })
      expect(await tool(1)).toMatchObject({ status: 'completed' })
      expect(await inner[0]).toMatchObject({
        status: 'cancelled',
        error: {
          code: 'GUARD_FAILED',
          cause: {
            cause: {
              code: 'HOOK_FAILED',
              message: 'The factory of hook "a" fires a point at which the hook itself stands.',
            },
          },
        },
      })
    })

    test('one that fires a point of its own hook fails instead of calling itself', async () => {
      const { selective, hooks, tool } = bench()
      const inner: unknown[] = []
      selective.register(
        POINT,
        () => {
          inner.push(hooks.run(POINT, { input: 0, tool: {} as never }))
          return () => hook.modified({ input: 'made' })
        },
        { kind: 'transform', onFailure: 'closed' },
      )
      expect(await tool(1)).toMatchObject({ output: 'made' })
      expect(inner).toMatchObject([{ type: 'cancel', code: 'GUARD_FAILED' }])
      selective.clear()
      expect(selective.stats().instances).toBe(0)
    })
  })
})

describe('the least recently called goes', () => {
  /** Three hooks at points of their own. */
  const points = ['a', 'b', 'c', 'd'].map((name) => definePoint(name, { phase: 'before' }))

  function three(options: SelectiveHooksOptions = {}, run?: (name: string) => unknown) {
    const own = bench({ maxInstances: 2, ...options })
    for (const point of points) {
      const name = point.id.slice('custom:'.length)
      own.selective.register(
        point,
        own.factory(name, () => run?.(name)),
        { name },
      )
    }
    return { ...own, call: async (name: string) => own.hooks.run(`custom:${name}`, {}) }
  }

  test('at most maxInstances live; the evicted is disposed of and made again when it is called', async () => {
    const { selective, disposed, made, called, call } = three()
    for (const name of ['a', 'b', 'a', 'c']) await call(name)
    expect(disposed).toEqual([{ hook: 'b', reason: 'evicted' }])
    expect(called.filter((each) => each.endsWith('gone'))).toEqual(['b gone'])
    expect(selective.stats()).toMatchObject({ instances: 2, evictions: 1 })
    await call('b')
    expect(made).toEqual(['a', 'b', 'c', 'b'])
    expect(disposed.map((each) => each.hook)).toEqual(['b', 'a'])
  })

  test('there is room before the new one is there', async () => {
    const counts: number[] = []
    const { selective, call } = three({
      maxInstances: 1,
      onDispose: () => {
        counts.push(selective.stats().instances)
      },
    })
    await call('a')
    await call('b')
    expect(counts).toEqual([0])
  })

  test('an instance in use by a running call is never evicted', async () => {
    const gate = deferred()
    const { selective, disposed, call } = three({}, (name) => (name === 'a' ? gate.promise : undefined))
    const running = call('a')
    for (const name of ['b', 'c', 'd', 'b']) await call(name)
    expect(disposed.map((each) => each.hook)).toEqual(['b', 'c', 'd'])
    gate.resolve()
    await running
    expect(selective.stats().instances).toBe(2)
    await call('c')
    // a was called before b, however long it ran.
    expect(disposed.map((each) => each.hook)).toEqual(['b', 'c', 'd', 'a'])
  })

  test('instances in use may be more than maxInstances, until their calls end', async () => {
    const gate = deferred()
    const { selective, disposed, call } = three({ maxInstances: 1 }, () => gate.promise)
    const running = ['a', 'b', 'c'].map(call)
    expect(selective.stats()).toMatchObject({ instances: 3, evictions: 0 })
    gate.resolve()
    await Promise.all(running)
    expect(selective.stats()).toMatchObject({ instances: 1, evictions: 2 })
    expect(disposed).toHaveLength(2)
  })

  test('a call that rejects gives its instance back', async () => {
    const { selective, call } = three({ maxInstances: 1 }, () => Promise.reject(new Error('x')))
    await call('a')
    await call('b')
    expect(selective.stats()).toMatchObject({ instances: 1, evictions: 1 })
  })

  test('calls that waited for one instance each keep it from going', async () => {
    const { selective, hooks, disposed, clock } = bench()
    const [made, first, second] = [deferred<() => Promise<void>>(), deferred(), deferred()]
    const gates = [first, second]
    selective.register(points[0]!, () => made.promise, { name: 'a' })
    const running = [hooks.run('custom:a', {}), hooks.run('custom:a', {})]
    made.resolve(() => gates.shift()!.promise)
    await clock.settle()
    selective.clear()
    expect(disposed).toEqual([])
    first.resolve()
    await running[0]
    expect(disposed).toEqual([])
    second.resolve()
    await running[1]
    expect(disposed).toEqual([{ hook: 'a', reason: 'cleared' }])
  })

  test('a guard that throws denies, and its error is the cause', async () => {
    const { selective, tool } = bench()
    const error = new Error('broken')
    const handler = () => {
      throw error
    }
    selective.register(POINT, () => handler, { name: 'a', kind: 'guard' })
    expect(await tool(1)).toMatchObject({
      status: 'cancelled',
      error: { code: 'GUARD_FAILED', cause: { cause: error } },
    })
  })

  test('a call that throws gives its instance back', async () => {
    const { selective, call } = three({ maxInstances: 1 }, () => {
      throw new Error('x')
    })
    await call('a')
    await call('b')
    expect(selective.stats()).toMatchObject({ instances: 1, evictions: 1 })
  })
})

describe('disposal', () => {
  test('[Symbol.dispose] goes before dispose, and functions may carry them too', async () => {
    const { selective, fire } = bench()
    const calls: string[] = []
    const note = (what: string) => () => {
      calls.push(what)
    }
    selective.register(POINT, () => ({
      handler: () => undefined,
      dispose: note('never'),
      [Symbol.dispose]: note('symbol'),
    }))
    selective.register(POINT, () => Object.assign(() => undefined, { dispose: note('function') }))
    await fire()
    selective.clear()
    expect(calls).toEqual(['symbol', 'function'])
  })

  test('clear disposes of all; what is in use goes when its call ends', async () => {
    const { selective, factory, fire, disposed, made } = bench()
    const gate = deferred()
    selective.register(
      POINT,
      factory('a', () => gate.promise),
      { name: 'a' },
    )
    selective.register(POINT, factory('b'), { name: 'b', priority: 'high' })
    const running = fire()
    selective.clear()
    expect(disposed).toEqual([{ hook: 'b', reason: 'cleared' }])
    expect(selective.stats()).toMatchObject({ registered: 2, instances: 1, evictions: 0 })
    gate.resolve()
    await running
    expect(disposed).toEqual([
      { hook: 'b', reason: 'cleared' },
      { hook: 'a', reason: 'cleared' },
    ])
    await fire()
    expect(made).toEqual(['b', 'a', 'b', 'a'])
  })

  test('unregister disposes, and is false the second time', async () => {
    const { selective, factory, fire, disposed, hooks } = bench()
    const handle = selective.register(POINT, factory('a'), { name: 'a' })
    await fire()
    expect(handle.unregister()).toBe(true)
    expect(handle.unregister()).toBe(false)
    expect(disposed).toEqual([{ hook: 'a', reason: 'unregistered' }])
    expect(hooks.list()).toEqual([])
    expect(selective.stats()).toMatchObject({ registered: 0, instances: 0 })
  })

  test('a handle disposes by using', () => {
    const { selective, factory, hooks } = bench()
    {
      using _handle = selective.register(POINT, factory('a'))
      expect(hooks.list()).toHaveLength(1)
    }
    expect(hooks.list()).toEqual([])
  })

  test('what is made too late is used by those who wait for it, and by nobody else', async () => {
    const disposed: DisposedInstance[] = []
    const gates = [deferred<HookInstance>(), deferred<HookInstance>()]
    let calls = 0
    const late = new SelectiveHook(() => gates[calls++]!.promise, new Instances(10, (each) => disposed.push(each)))
    const ctx = { signal: new AbortController().signal } as HookContext
    const first = late.call(ctx, false)
    late.retire()
    gates[0]!.resolve(() => hook.replace(1))
    expect(await first).toMatchObject({ value: 1 })
    expect(disposed).toHaveLength(1)
    expect(late.live).toBe(false)
    const second = late.call(ctx, false)
    gates[1]!.resolve(() => hook.replace(2))
    expect(await second).toMatchObject({ value: 2 })
    expect(disposed).toHaveLength(2)
  })

  test('what is unregistered while its factory is at work serves the call and goes', async () => {
    const { selective, fire, disposed, called } = bench()
    const gate = deferred<HookInstance<'BeforeToolExecution'>>()
    const handle = selective.register(POINT, () => gate.promise, { name: 'a' })
    const running = fire()
    handle.unregister()
    gate.resolve(() => {
      called.push('a')
    })
    await running
    expect(called).toEqual(['a'])
    expect(disposed).toEqual([{ hook: 'a', reason: 'unregistered' }])
    expect(selective.stats().instances).toBe(0)
  })

  test('a hook that runs once goes with its call', async () => {
    const { selective, factory, fire, called, disposed } = bench()
    selective.register(POINT, factory('a'), { name: 'a', once: true })
    await fire()
    await fire()
    expect(called).toEqual(['a', 'a gone'])
    expect(disposed).toEqual([{ hook: 'a', reason: 'unregistered' }])
    expect(selective.stats()).toMatchObject({ registered: 0, instances: 0 })
  })

  test('a hook goes with its signal', async () => {
    const { selective, factory, fire, disposed } = bench()
    const controller = new AbortController()
    selective.register(POINT, factory('a'), { name: 'a', signal: controller.signal })
    selective.register(POINT, factory('b'), { name: 'b', signal: AbortSignal.abort() })
    expect(selective.stats().registered).toBe(1)
    await fire()
    controller.abort()
    expect(disposed).toEqual([{ hook: 'a', reason: 'unregistered' }])
    expect(selective.stats()).toMatchObject({ registered: 0, instances: 0 })
  })

  test('a dispose that throws or rejects is counted and told, and fails nobody', async () => {
    const { selective, fire, disposed, clock } = bench()
    const failing = (dispose: () => unknown) => () => ({ handler: () => undefined, dispose })
    const [thrown, rejected] = [new Error('thrown'), new Error('rejected')]
    selective.register(
      POINT,
      failing(() => {
        throw thrown
      }),
      { name: 'a' },
    )
    selective.register(
      POINT,
      failing(() => Promise.reject(rejected)),
      { name: 'b' },
    )
    selective.register(
      POINT,
      failing(() => Promise.resolve()),
      { name: 'c' },
    )
    await fire()
    selective.clear()
    await clock.settle()
    expect(disposed).toHaveLength(3)
    expect(disposed).toEqual(
      expect.arrayContaining([
        { hook: 'a', reason: 'cleared', error: thrown },
        { hook: 'b', reason: 'cleared', error: rejected },
        { hook: 'c', reason: 'cleared' },
      ]),
    )
    expect(selective.stats()).toMatchObject({ instances: 0, disposeFailures: 2 })
  })

  test('what onDispose throws reaches nobody’s call', async () => {
    const { selective, factory, tool } = bench({
      maxInstances: 1,
      onDispose: () => {
        throw new Error('observer')
      },
    })
    selective.register(POINT, factory('a'), { kind: 'guard' })
    selective.register(POINT, factory('b'), { kind: 'guard' })
    expect(await tool(1)).toMatchObject({ status: 'completed' })
    expect(selective.stats().evictions).toBe(1)
  })
})

describe('features', () => {
  const graph = { features: { base: {}, net: { dependsOn: ['base'] }, web: { dependsOn: ['net'] }, other: {} } }

  test('core is on from the start, and what names no features needs it', async () => {
    const { selective, factory, fire, called } = bench()
    selective.register(POINT, factory('a'))
    expect(selective.features.list()).toEqual([{ name: 'core', enabled: true, dependsOn: [] }])
    await fire()
    selective.features.disable('core')
    await fire()
    expect(called).toEqual(['a'])
  })

  test('enable turns on what it depends on, disable what depends on it, and both say what changed', () => {
    const { features } = bench(graph).selective
    expect(features.enable('web')).toEqual(['base', 'net', 'web'])
    expect(features.enable('web')).toEqual([])
    expect(
      features
        .list()
        .filter(({ enabled }) => enabled)
        .map(({ name }) => name),
    ).toEqual(['core', 'base', 'net', 'web'])
    expect(features.disable('base')).toEqual(['web', 'net', 'base'])
    expect(features.disable('base')).toEqual([])
    expect(features.enable('net')).toEqual(['base', 'net'])
    expect(features.isEnabled('web')).toBe(false)
  })

  test('the list tells what each depends on', () => {
    expect(bench(graph).selective.features.list()).toEqual([
      { name: 'core', enabled: true, dependsOn: [] },
      { name: 'base', enabled: false, dependsOn: [] },
      { name: 'net', enabled: false, dependsOn: ['base'] },
      { name: 'web', enabled: false, dependsOn: ['net'] },
      { name: 'other', enabled: false, dependsOn: [] },
    ])
  })

  test('one that is reached in two ways is turned on once, behind both', () => {
    const features = {
      top: { dependsOn: ['left', 'right'] },
      left: { dependsOn: ['base'] },
      right: { dependsOn: ['base'] },
      base: {},
    }
    const { selective } = bench({ features })
    expect(selective.features.enable('top')).toEqual(['base', 'left', 'right', 'top'])
    expect(selective.features.disable('base')).toEqual(['top', 'right', 'left', 'base'])
  })

  test('while a feature is off its hooks are disabled in the registry and its point has nothing to call', async () => {
    const { selective, hooks, factory, made, fire } = bench(graph)
    selective.register(POINT, factory('a'), { name: 'a', features: ['web', 'other'] })
    const state = () => hooks.list()[0]?.enabled
    expect(state()).toBe(false)
    const nothing = await fire()
    expect(await fire()).toBe(nothing)
    selective.features.enable('web')
    expect(state()).toBe(false)
    selective.features.enable('other')
    expect(state()).toBe(true)
    await fire()
    expect(made).toEqual(['a'])
    selective.features.disable('net')
    expect(state()).toBe(false)
    expect(await fire()).toBe(nothing)
  })

  test('the handle comes on top of the features', async () => {
    const { selective, hooks, factory } = bench(graph)
    const handle = selective.register(POINT, factory('a'), { features: ['base'] })
    const state = () => hooks.list()[0]?.enabled
    handle.enable()
    expect(state()).toBe(false)
    selective.features.enable('base')
    expect(state()).toBe(true)
    handle.disable()
    selective.features.disable('base')
    selective.features.enable('base')
    expect(state()).toBe(false)
    handle.enable()
    expect(state()).toBe(true)
  })

  test('a hook that needs no features is always on', async () => {
    const { selective, factory, fire, called } = bench()
    selective.register(POINT, factory('a'), { features: [] })
    selective.features.disable('core')
    await fire()
    expect(called).toEqual(['a'])
  })

  test('what is declared enabled is on, with what it depends on; a default feature may say that it is off', () => {
    const { features } = bench({
      features: {
        a: {},
        b: { dependsOn: ['a'], enabled: true },
        core: { enabled: false },
        d: { dependsOn: ['c'] },
        c: {},
      },
      defaultFeatures: ['core', 'd'],
    }).selective
    expect(
      features
        .list()
        .filter(({ enabled }) => enabled)
        .map(({ name }) => name),
    ).toEqual(['a', 'b', 'd', 'c'])
  })

  test('defaultFeatures are what hooks need that name none', async () => {
    const { selective, factory, fire, called } = bench({ features: { a: { enabled: false } }, defaultFeatures: ['a'] })
    selective.register(POINT, factory('x'))
    await fire()
    selective.features.enable('a')
    await fire()
    expect(called).toEqual(['x'])
  })

  test('what is on cannot depend on what is declared off', () => {
    expect(() => bench({ features: { a: { enabled: false }, b: { dependsOn: ['a'], enabled: true } } })).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPTIONS',
        message: 'createSelectiveHooks: "features.a.enabled" is false, but "b" is on and depends on it.',
        details: {
          where: 'createSelectiveHooks',
          flaws: [{ path: 'features.a.enabled', problem: 'is false, but "b" is on and depends on it' }],
        },
      }),
    )
  })

  test('a cycle is refused with the smallest there is', () => {
    const features = {
      a: { dependsOn: ['b'] },
      b: { dependsOn: ['c'] },
      c: { dependsOn: ['a', 'd'] },
      d: { dependsOn: ['e'] },
      e: { dependsOn: ['d'] },
      f: { dependsOn: ['a'] },
    }
    expect(() => bench({ features })).toThrow(
      expect.objectContaining({ code: 'FEATURE_CYCLE', details: { features: ['d', 'e', 'd'] } }),
    )
    expect(() => bench({ features: { a: { dependsOn: ['a'] } } })).toThrow(refused('FEATURE_CYCLE', 'a → a'))
  })

  test('a cycle is shown without the detours that there are as well', () => {
    const features = {
      s: { dependsOn: ['a'] },
      a: { dependsOn: ['p', 't'] },
      p: { dependsOn: ['t'] },
      t: { dependsOn: ['b'] },
      b: { dependsOn: ['q', 's'] },
      q: { dependsOn: ['s'] },
    }
    expect(() => bench({ features })).toThrow(
      expect.objectContaining({ code: 'FEATURE_CYCLE', details: { features: ['s', 'a', 't', 'b', 's'] } }),
    )
  })

  test('a chain of many features is no problem', () => {
    const names = Array.from({ length: 3_000 }, (_, i) => `f${i}`)
    const features = Object.fromEntries(names.map((name, i) => [name, i === 0 ? {} : { dependsOn: [`f${i - 1}`] }]))
    const { selective } = bench({ features })
    expect(selective.features.enable('f2999')).toEqual(names)
    expect(selective.features.disable('f0')).toHaveLength(3_000)
  })

  test.each([
    ['in dependsOn', () => bench({ features: { a: { dependsOn: ['x'] } } })],
    ['in defaultFeatures', () => bench({ defaultFeatures: ['x'] })],
    ['at registration', () => bench().selective.register(POINT, () => () => undefined, { features: ['x'] })],
    ['at enable', () => bench().selective.features.enable('x')],
    ['at disable', () => bench().selective.features.disable('x')],
    ['at isEnabled', () => bench().selective.features.isEnabled('toString')],
  ])('an unknown name %s is UNKNOWN_FEATURE', (_, act) => {
    expect(act).toThrow(
      expect.objectContaining({
        code: 'UNKNOWN_FEATURE',
        details: expect.objectContaining({ known: expect.arrayContaining(['core']) }),
      }),
    )
  })
})

describe('preloading', () => {
  test('hooks at these points are made with their registration', async () => {
    const { selective, factory, made, fire } = bench({ preloadPoints: ['before_tool_execution'] })
    selective.register(['BeforeAgentExecution', POINT], factory('a'), { name: 'a' })
    selective.register('BeforeAgentExecution', factory('b'), { name: 'b' })
    selective.register('Before*Execution', factory('c'), { name: 'c' })
    expect(made).toEqual(['a', 'c'])
    await fire()
    expect(made).toEqual(['a', 'c'])
    expect(selective.stats()).toMatchObject({
      instances: 2,
      perHook: [{ accesses: 1 }, { accesses: 0 }, { accesses: 1 }],
    })
  })

  test('a hook whose feature is off is made when it comes on', () => {
    const { selective, factory, made } = bench({ preloadPoints: [POINT], features: { x: {} } })
    selective.register(POINT, factory('a'), { features: ['x'] })
    expect(made).toEqual([])
    selective.features.enable('x')
    expect(made).toEqual(['a'])
  })

  test('only a change of features makes hooks again that were cleared', () => {
    const { selective, factory, made } = bench({ preloadPoints: [POINT], features: { x: {} } })
    selective.register(POINT, factory('a'), { name: 'a' })
    selective.clear()
    expect(selective.features.enable('core')).toEqual([])
    expect(selective.features.disable('x')).toEqual([])
    expect(made).toEqual(['a'])
    selective.features.enable('x')
    expect(made).toEqual(['a', 'a'])
  })

  test('a hook with a signal is preloaded, unless the signal has come already', () => {
    const { selective, factory, made } = bench({ preloadPoints: [POINT] })
    selective.register(POINT, factory('a'), { name: 'a', signal: AbortSignal.abort() })
    expect(made).toEqual([])
    selective.register(POINT, factory('b'), { name: 'b', signal: new AbortController().signal })
    expect(made).toEqual(['b'])
  })

  test('what is preloaded is evicted like any other', async () => {
    const { selective, hooks, factory, disposed } = bench({ preloadPoints: [POINT], maxInstances: 1 })
    selective.register(POINT, factory('a'), { name: 'a' })
    selective.register(definePoint('own', { phase: 'before' }), factory('b'), { name: 'b' })
    await hooks.run('custom:own', {})
    expect(disposed).toEqual([{ hook: 'a', reason: 'evicted' }])
  })

  test('a change of features is no call: who was called longest ago still goes first', async () => {
    const points = ['a', 'b', 'c', 'd'].map((name) => definePoint(name, { phase: 'before' }))
    const { selective, hooks, factory, disposed } = bench({
      preloadPoints: [points[0]!],
      maxInstances: 3,
      features: { x: {} },
    })
    for (const point of points) selective.register(point, factory(point.id), { name: point.id })
    await hooks.run('custom:b', {})
    selective.features.enable('x')
    await hooks.run('custom:c', {})
    await hooks.run('custom:d', {})
    expect(disposed).toEqual([{ hook: 'custom:a', reason: 'evicted' }])
  })

  test('preloading evicts nothing', () => {
    const { selective, factory, made } = bench({ preloadPoints: [POINT], maxInstances: 2 })
    for (const name of ['a', 'b', 'c']) selective.register(POINT, factory(name), { name })
    expect(made).toEqual(['a', 'b'])
    expect(selective.stats()).toMatchObject({ instances: 2, evictions: 0 })
  })

  test('an async factory is preloaded too; calls wait for it', async () => {
    const { selective, fire } = bench({ preloadPoints: [POINT] })
    const gate = deferred<HookInstance<'BeforeToolExecution'>>()
    const factory = vi.fn(() => gate.promise)
    const handler = vi.fn()
    selective.register(POINT, factory)
    const running = fire()
    gate.resolve(handler)
    await running
    expect(factory).toHaveBeenCalledTimes(1)
    expect(handler).toHaveBeenCalledTimes(1)
  })

  test('a factory that fails then is tried again at the first call', async () => {
    const { selective, tool, clock } = bench({ preloadPoints: [POINT] })
    const tries = { sync: 0, async: 0 }
    selective.register(POINT, () => {
      if (++tries.sync === 1) throw new Error('not yet')
      return () => undefined
    })
    selective.register(POINT, async () => {
      if (++tries.async === 1) throw new Error('not yet')
      return () => undefined
    })
    await clock.settle()
    expect(selective.stats().perHook).toMatchObject([{ failures: 1 }, { failures: 1 }])
    await tool(1)
    expect(tries).toEqual({ sync: 2, async: 2 })
    expect(selective.stats().instances).toBe(2)
  })

  test('a point that does not exist is refused', () => {
    expect(() => bench({ preloadPoints: ['BeforeToolExecutoin'] })).toThrow(refused('UNKNOWN_POINT'))
  })

  test('a point of one’s own may be given as its definition', () => {
    const point = definePoint('own', { phase: 'before' })
    const { selective, factory, made } = bench({ preloadPoints: [point] })
    selective.register(point, factory('a'))
    expect(made).toEqual(['a'])
  })

  test('a hook that is gone is not preloaded', () => {
    const { selective, factory, made } = bench({ preloadPoints: [POINT] })
    const handle = selective.register(POINT, factory('a'))
    handle.unregister()
    handle.disable()
    handle.enable()
    expect(made).toEqual(['a'])
  })
})

describe('figures', () => {
  test('stats tell of hooks, calls and features', async () => {
    const { selective, factory, fire } = bench({ features: { x: {}, y: { enabled: true } } })
    const a = selective.register(POINT, factory('a'), { name: 'a' })
    const b = selective.register(POINT, factory('b'), { name: 'b', features: ['core', 'y'] })
    const c = selective.register(POINT, factory('c'), { name: 'c', features: ['x'] })
    await fire()
    await fire()
    expect(selective.stats()).toEqual({
      registered: 3,
      instances: 2,
      evictions: 0,
      disposeFailures: 0,
      perHook: [
        { id: a.id, hook: 'a', accesses: 2, live: true, failures: 0 },
        { id: b.id, hook: 'b', accesses: 2, live: true, failures: 0 },
        { id: c.id, hook: 'c', accesses: 0, live: false, failures: 0 },
      ],
      features: [
        { name: 'core', enabled: true, hooks: 2, accesses: 4 },
        { name: 'x', enabled: false, hooks: 1, accesses: 0 },
        { name: 'y', enabled: true, hooks: 1, accesses: 2 },
      ],
    })
  })

  test('memoryEstimate sums what instances declare and counts the others', async () => {
    const { selective, fire } = bench()
    expect(selective.memoryEstimate()).toEqual({ knownBytes: 0, measured: 0, unmeasured: 0 })
    const sized = (sizeBytes: unknown) => () => ({ handler: () => undefined, sizeBytes: sizeBytes as number })
    const sizes = [
      100,
      () => 20,
      0,
      undefined,
      NaN,
      Infinity,
      -1,
      '7',
      () => {
        throw new Error('unknown')
      },
    ]
    for (const size of sizes) selective.register(POINT, sized(size))
    selective.register(POINT, () => Object.assign(() => undefined, { sizeBytes: 3 }))
    selective.register('BeforeAgentExecution', sized(1_000))
    await fire()
    expect(selective.memoryEstimate()).toEqual({ knownBytes: 123, measured: 4, unmeasured: 6 })
    selective.clear()
    expect(selective.memoryEstimate()).toEqual({ knownBytes: 0, measured: 0, unmeasured: 0 })
  })

  test('a size may be a method that needs its this', async () => {
    const { selective, fire } = bench()
    class Table {
      rows = [1, 2, 3]
      handler() {
        return undefined
      }
      sizeBytes() {
        return this.rows.length * 8
      }
    }
    selective.register(POINT, () => new Table() as unknown as HookInstance<'BeforeToolExecution'>)
    await fire()
    expect(selective.memoryEstimate().knownBytes).toBe(24)
  })
})

describe('bad input', () => {
  test.each([
    [{ maxInstance: 1 }, 'unknown option "maxInstance"'],
    [{ maxInstances: 0 }, 'maxInstances'],
    [{ maxInstances: 1.5 }, 'maxInstances'],
    [{ features: { a: { dependson: [] } } }, 'unknown option "dependson"'],
    [{ features: { a: { dependsOn: 'core' } } }, 'features.a.dependsOn'],
    [{ features: { a: { enabled: 1 } } }, 'features.a.enabled'],
    [{ features: { '': {} } }, 'features'],
    [{ features: [] }, 'features'],
    [{ defaultFeatures: 'core' }, 'defaultFeatures'],
    [{ preloadPoints: POINT }, 'preloadPoints'],
    [{ preloadPoints: [1] }, 'expected a hook point'],
    [{ preloadPoints: [null] }, 'expected a hook point'],
    [{ onDispose: true }, 'expected a function'],
    [3, 'createSelectiveHooks'],
  ])('options %j are refused', (options, message) => {
    expect(() => createSelectiveHooks(createHooks(), options as never)).toThrow(refused('INVALID_OPTIONS', message))
  })

  test('a registration is refused as by the registry, and leaves nothing', () => {
    const { selective, hooks } = bench()
    const make = () => () => undefined
    expect(() => selective.register('BeforeToolExecutoin' as never, make)).toThrow(refused('UNKNOWN_POINT'))
    expect(() => selective.register(POINT, {} as never)).toThrow(refused('INVALID_HANDLER'))
    expect(() => selective.register(POINT, make, { prio: 1 } as never)).toThrow(refused('INVALID_OPTIONS', '"prio"'))
    expect(() => selective.register(POINT, make, { name: 'x', features: 'core' } as never)).toThrow(
      refused('INVALID_OPTIONS', 'Hook "x": "features": '),
    )
    expect(() => selective.register(POINT, make, null as never)).toThrow(refused('INVALID_OPTIONS'))
    selective.register(POINT, make, { name: 'a' })
    expect(() => selective.register(POINT, make, { name: 'a' })).toThrow(refused('DUPLICATE_HOOK'))
    expect(hooks.list()).toHaveLength(1)
    expect(selective.stats().registered).toBe(1)
  })
})
