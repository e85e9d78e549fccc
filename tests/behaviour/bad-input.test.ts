/** Arguments that make no sense: each is refused with a code, says where and what to do, and leaves everything as it was. */
import { catalogue, compose, createHooks, defineHook, definePoint, hook } from 'hookchart/hooks'
import { describe, expect, test } from 'vitest'
import { bench, TOOL } from '../support/kernel.ts'
import { errorOf } from '../support/refusal.ts'

const nothing = () => undefined

const { hooks } = bench()
hooks.register('ToolError', nothing, { name: 'there' })
const mine = definePoint('mine', { phase: 'before' })
const never = undefined as never

describe('registering', () => {
  test.each<[string, () => unknown, string, string[]]>([
    [
      'register()',
      () => hooks.register(never, never),
      'UNKNOWN_POINT',
      ['points are undefined', 'what definePoint gave'],
    ],
    ['register(7)', () => hooks.register(7 as never, nothing), 'UNKNOWN_POINT', ['points are 7', 'Give the id of one']],
    ['no points', () => hooks.register([], nothing), 'UNKNOWN_POINT', ['an empty list', 'Give']],
    [
      'a list with a hole',
      () => hooks.register(['ToolError', never], nothing),
      'UNKNOWN_POINT',
      ['the point is undefined'],
    ],
    [
      'options that are a text',
      () => hooks.register('ToolError', nothing, 'x' as never),
      'INVALID_OPTIONS',
      ['A hook without a name', 'the options are "x"', 'Give an object'],
    ],
    [
      'options that are null',
      () => hooks.register('ToolError', nothing, null as never),
      'INVALID_OPTIONS',
      ['the options are null'],
    ],
    [
      'an unknown option of a hook without a name',
      () => hooks.register('ToolError', nothing, { prio: 1 } as never),
      'INVALID_OPTIONS',
      ['A hook without a name', '"prio"'],
    ],
    [
      'registerAll()',
      () => hooks.registerAll(never),
      'INVALID_OPTIONS',
      ['hooks.registerAll', 'undefined', '[points, handler, options]'],
    ],
    ['registerAll([5])', () => hooks.registerAll([5] as never), 'INVALID_OPTIONS', ['element 0 is 5', 'defineHook']],
    ['registerAll([[]])', () => hooks.registerAll([[]] as never), 'INVALID_OPTIONS', ['element 0 is a list of 0']],
    [
      'registerAll of four',
      () => hooks.registerAll([['ToolError', nothing, {}, 1]] as never),
      'INVALID_OPTIONS',
      ['a list of 4'],
    ],
    [
      'registerPair()',
      () => hooks.registerPair(never),
      'INVALID_OPTIONS',
      ['hooks.registerPair', 'undefined', 'before: [points, handler]'],
    ],
    [
      'registerPair({})',
      () => hooks.registerPair({} as never),
      'INVALID_OPTIONS',
      ['"before" is undefined', 'after: [points, handler]'],
    ],
    [
      'a pair without an after part',
      () => hooks.registerPair({ before: ['ToolError', nothing] } as never),
      'INVALID_OPTIONS',
      ['"after" is undefined'],
    ],
    [
      'a pair with a third part',
      () => hooks.registerPair({ before: ['ToolError', nothing], after: ['ToolError', nothing], error: 1 } as never),
      'INVALID_OPTIONS',
      ['"error"'],
    ],
    [
      'a pair that runs once',
      () => hooks.registerPair({ before: [TOOL.before, nothing], after: [TOOL.after, nothing] }, { once: true }),
      'INVALID_OPTIONS',
      ['"once" is not for pairs', 'by its handle'],
    ],
    [
      'for()',
      () => hooks.for(never),
      'INVALID_OPTIONS',
      ['hooks.for', 'undefined', '"component" of a wrapped function'],
    ],
    ['for({})', () => hooks.for({} as never), 'INVALID_OPTIONS', ['hooks.for', 'an object', '"type"']],
    ['for of an unknown type', () => hooks.for({ type: 'tol', name: 'x' } as never), 'INVALID_OPTIONS', ['"type"']],
    [
      'for of a function',
      () => hooks.for(hooks.wrap({ name: 'x' }, nothing) as never),
      'INVALID_OPTIONS',
      ['a function', '"component"'],
    ],
    ['use()', () => hooks.use(never), 'INVALID_OPTIONS', ['hooks.use', 'undefined', 'defineHook']],
    ['use of a function', () => hooks.use(nothing as never), 'INVALID_OPTIONS', ['a function', 'defineHook']],
    [
      'use of a hook without points',
      () => hooks.use(defineHook({ name: 'lost', handler: nothing })),
      'UNKNOWN_POINT',
      ['hooks.use', '"lost" names no points', 'Give it points'],
    ],
    [
      'use of a hook without points or name',
      () => hooks.use(defineHook({ handler: nothing })),
      'UNKNOWN_POINT',
      ['without a name names no points'],
    ],
    ['defineHook()', () => defineHook(never), 'INVALID_OPTIONS', ['defineHook', 'undefined', 'Give an object']],
    ['defineHook(f)', () => defineHook(nothing as never), 'INVALID_OPTIONS', ['a function']],
    [
      'an observer that fails closed',
      () => hooks.register('ToolError', nothing, { kind: 'observe', onFailure: 'closed' }),
      'INVALID_OPTIONS',
      ['an observer', 'leave out "onFailure"'],
    ],
    [
      'an observer that fails open',
      () => defineHook({ kind: 'observe', onFailure: 'open', handler: nothing }),
      'INVALID_OPTIONS',
      ['an observer'],
    ],
    [
      'a composite of guards that fails open',
      () =>
        hooks.register('ToolError', compose.sequential(defineHook({ kind: 'guard', handler: nothing })), {
          onFailure: 'open',
        }),
      'INVALID_OPTIONS',
      ['a guard always fails closed'],
    ],
    [
      'compose.sequential(undefined)',
      () => compose.sequential(never),
      'INVALID_HANDLER',
      ['compose.sequential', 'undefined'],
    ],
    [
      'fewer weights than children',
      () => compose.voting({ weights: [1] }, [nothing, nothing]),
      'INVALID_OPTIONS',
      ['"weights" has 1 for 2 children'],
    ],
    [
      'setEnabled()',
      () => {
        hooks.setEnabled(never)
      },
      'INVALID_OPTIONS',
      ['hooks.setEnabled', 'true or false'],
    ],
    [
      'setEnabled at no point',
      () => {
        hooks.setEnabled(true, {} as never)
      },
      'UNKNOWN_POINT',
      ['hooks.setEnabled', 'an object'],
    ],
    ['explain()', () => hooks.explain(never), 'UNKNOWN_POINT', ['hooks.explain', 'undefined', 'Give']],
    ['list of what is no point', () => hooks.list({ point: {} as never }), 'INVALID_OPTIONS', ['"point"']],
  ])('%s', (_, work, code, says) => {
    const before = JSON.stringify(hooks.stats())
    const error = errorOf(work)
    expect(error.code).toBe(code)
    for (const text of says) expect(error.message).toContain(text)
    expect(JSON.stringify(hooks.stats())).toBe(before)
  })
})

describe('points', () => {
  const handMade = { id: 'custom:x', phase: 'before', decisions: [] } as never

  test.each([
    ['register', () => hooks.register(handMade, nothing)],
    ['run', () => hooks.run(handMade, {} as never)],
    ['a copy of a defined point', () => hooks.register({ ...mine }, nothing)],
  ])('a point that definePoint did not make is refused: %s', (_, work) => {
    expect(errorOf(work)).toMatchObject({ code: 'UNKNOWN_POINT', message: expect.stringContaining('definePoint') })
  })

  test('createHooks and wrap refuse it too, and take a point of the catalogue', () => {
    expect(errorOf(() => createHooks({ points: [handMade] })).code).toBe('INVALID_OPTIONS')
    expect(errorOf(() => hooks.wrap({ name: 'x', before: handMade }, nothing)).code).toBe('INVALID_OPTIONS')
    expect(hooks.register(catalogue.AgentError, nothing).unregister()).toBe(true)
  })

  test.each(['BeforeToolExecutoin', 'Nope*', 'tool:*', 'ToolErorr'])('executor.points: %s matches none', (point) => {
    const error = errorOf(() => createHooks({ executor: { points: { [point]: { timeoutMs: 1 } } } }))
    expect(error.code).toBe('UNKNOWN_POINT')
    expect(error.message).toContain(`executor.points: There is no hook point "${point}"`)
  })

  test('executor.points names what may be meant, and takes ids, aliases, globs, and points defined later', () => {
    const error = errorOf(() => createHooks({ executor: { points: { BeforeToolExecutoin: {} } } }))
    expect(error.message).toContain('Did you mean BeforeToolExecution?')
    const points = {
      ToolError: {},
      'tool:error': {},
      before_step: {},
      'Before*': {},
      'custom:*': {},
      'custom:later': {},
    }
    expect(() => createHooks({ executor: { points } })).not.toThrow()
  })

  test('a name may have the prefix already', () => {
    const point = definePoint('custom:ready', { phase: 'before' })
    expect(point.id).toBe('custom:ready')
    expect(definePoint('ready', { phase: 'before' }).id).toBe(point.id)
    expect(errorOf(() => definePoint('custom:', { phase: 'before' })).code).toBe('INVALID_OPTIONS')
  })

  test('an option "name" does not stand in for the name', () => {
    expect(errorOf(() => definePoint('bad*', { phase: 'before', name: 'good' } as never)).message).toContain(
      'without *',
    )
    expect(errorOf(() => definePoint('good', { phase: 'before', name: 'x' } as never)).message).toContain('"name"')
  })
})

describe('run', () => {
  test.each<[string, unknown]>([
    ['undefined', undefined],
    ['null', null],
    ['"x"', 'x'],
    ['an array', []],
    ['a function', nothing],
  ])('data that is %s is no data, with hooks there or not, and declares no point', (text, data) => {
    const { hooks: own } = bench()
    for (const point of ['ToolError', mine, 'BeforeChain'] as const) {
      own.register('BeforeChain', nothing).unregister()
      const error = errorOf(() => own.run(point, data as never))
      expect(error.code).toBe('INVALID_OPTIONS')
      expect(error.message).toContain(`the data is ${text}. Give an object`)
    }
    expect(errorOf(() => own.run('custom:mine', {})).code).toBe('UNKNOWN_POINT')
  })

  test.each<[string, unknown, string]>([
    ['an unknown one', { corelationId: 'x' }, '"corelationId"'],
    ['no object', 'x', 'expected object'],
    ['null', null, 'expected object'],
    ['a component that is a text', { component: 'x' }, '"component"'],
    ['a component without a name', { component: { type: 'tool' } }, '"component.name"'],
    ['a component of an unknown type', { component: { type: 'tol', name: 'x' } }, '"component.type"'],
    ['metadata that is not JSON', { metadata: { at: new Date(0) } }, '"metadata": expected JSON'],
    ['a signal that is none', { signal: {} }, '"signal": expected an AbortSignal'],
    ['a correlation id that is empty', { correlationId: '' }, '"correlationId"'],
  ])('options: %s', (_, options, says) => {
    for (const point of ['ToolError', 'BeforeChain'] as const) {
      const error = errorOf(() => hooks.run(point, { input: 1 }, options as never))
      expect(error.code).toBe('INVALID_OPTIONS')
      expect(error.message).toContain(`hooks.run("${point}"): `)
      expect(error.message).toContain(says)
    }
  })

  test('what is right goes through', async () => {
    const { hooks: own, seen } = bench()
    own.register(mine, seen.handler('h'))
    const { component } = own.wrap({ name: 'work', ...TOOL }, nothing)
    const { signal } = new AbortController()
    await own.run(mine, { n: 1 }, { component, signal, correlationId: 'c', metadata: { user: 'ann' } })
    expect(seen.calls).toMatchObject([{ component: 'work', correlationId: 'c', data: { n: 1 } }])
  })
})

describe('changes', () => {
  const change = async (recipe: (draft: { input: { list: unknown[] } }) => void) => {
    const { hooks: own } = bench()
    own.register(TOOL.before, () => hook.modified(recipe), { name: 'bad' })
    const work = own.wrap({ name: 'work', ...TOOL }, (input: { list: number[] }) => input.list)
    return work({ list: [1, 2, 3] })
  }

  test.each<[string, (draft: { input: { list: unknown[] } }) => void, string]>([
    ['undefined as an element', ({ input }) => void (input.list[1] = undefined), '"input.list.1" is undefined'],
    ['undefined pushed', ({ input }) => void input.list.push(undefined), '"input.list.3" is undefined'],
    ['a deleted element', ({ input }) => void Reflect.deleteProperty(input.list, 0), '"input.list.0" is undefined'],
    ['a list made longer', ({ input }) => void (input.list.length = 5), 'is undefined'],
    ['a symbol key', ({ input }) => void Object.assign(input, { [Symbol('s')]: 1 }), 'symbol key'],
    ['a symbol key of data', (draft) => void Object.assign(draft, { [Symbol('s')]: 1 }), 'symbol key'],
  ])('%s is no change', async (_, recipe, says) => {
    const { status, error } = await change(recipe)
    expect([status, error?.code]).toEqual(['failed', 'HOOK_INVALID_CHANGE'])
    expect(error?.message).toContain(says)
  })

  test('elements may be taken away, and keys be undefined', async () => {
    expect((await change(({ input }) => void input.list.splice(0, 1))).output).toEqual([2, 3])
    expect((await change((draft) => void Object.assign(draft.input, { more: undefined }))).status).toBe('completed')
  })
})
