/** What composites are made of: their arguments, what they refuse, and what they and their children are called. */
import { compose, createHooks, defineHook, hook } from 'hookchart/hooks'
import type { CompositeChild, HookOptions } from 'hookchart/hooks'
import { createTestClock, createTestIds } from 'hookchart/testing'
import { describe, expect, test, vi } from 'vitest'
import { compileComposite } from '../../src/hooks/compose/composite.ts'
import { localsKeysOf } from '../../src/hooks/compose/locals-keys.ts'
import { TOOL } from '../support/kernel.ts'
import { errorOf } from '../support/refusal.ts'
import { nothing } from './kernel-samples.ts'

const set = (key: string, value: unknown) => () =>
  hook.modified((draft: { input: Record<string, unknown> }) => {
    draft.input[key] = value
  })

function bench() {
  return createHooks({ clock: createTestClock(), ids: createTestIds() })
}

function register(composite: CompositeChild, options: HookOptions = {}) {
  return bench().register(TOOL.before, composite as never, { name: 'all', ...options })
}

/** Runs a tool behind one composite. */
async function run(composite: CompositeChild, options: HookOptions = {}, hooks = bench()) {
  hooks.register(TOOL.before, composite as never, { name: 'all', ...options })
  const result = await hooks.wrap({ name: 'tool', ...TOOL }, (input: unknown) => input)({ n: 1 })
  return { ...result, entry: (name: string) => result.trace.find((each) => each.hook === name) }
}

describe('arguments', () => {
  const [a, b, c] = [() => undefined, () => undefined, () => undefined]

  test('lists and single children may be mixed; none is lost', () => {
    expect(compose.sequential([a, b], [c]).children).toEqual([a, b, c])
    expect(compose.sequential([a], b, c).children).toEqual([a, b, c])
    expect(compose.sequential().children).toEqual([])
  })

  test('one list is kept as it is, so that it may grow until it is registered', () => {
    const list = [a]
    expect(compose.sequential(list).children).toBe(list)
  })

  test('options come once', () => {
    const error = errorOf(() => compose.voting({ threshold: 1 }, { minVotes: 2 }, [a]))
    expect(error.code).toBe('INVALID_HANDLER')
    expect(error.message).toContain('compose.voting: an object is no hook.')
  })

  test.each([
    ['sequential', 'none'],
    ['parallel', 'concurrency, merge'],
    ['firstMatch', 'none'],
    ['voting', 'threshold, minVotes, weights, tieBreaker'],
  ] as const)('compose.%s names itself', (name, known) => {
    const made = compose[name] as (...given: unknown[]) => unknown
    const noHook = errorOf(() => made([a, 3]))
    expect(noHook.code).toBe('INVALID_HANDLER')
    expect(noHook.message).toBe(`compose.${name}: 3 is no hook. Pass functions, defineHook values or composites.`)
    expect(noHook.details).toEqual({ where: `compose.${name}` })
    const noOption = errorOf(() => made({ colour: 'red' }, [a]))
    expect(noOption.code).toBe('INVALID_OPTIONS')
    expect(noOption.message).toBe(`compose.${name}: unknown option "colour"; known: ${known}.`)
  })

  test('merge is a function', () => {
    const error = errorOf(() => compose.parallel({ merge: 'last' as never }, [a, b]))
    expect(error.code).toBe('INVALID_OPTIONS')
    expect(error.message).toBe('compose.parallel: "merge": expected a function.')
  })

  test('there is a weight for each child or for none', () => {
    const error = errorOf(() => compose.voting({ weights: [1] }, [a, b]))
    expect(error.code).toBe('INVALID_OPTIONS')
    expect(error.details).toEqual({ where: 'compose.voting', weights: 1, children: 2 })
  })
})

describe('refused at registration', () => {
  test.each<[string, object]>([
    ['once', { once: true }],
    ['signal', { signal: new AbortController().signal }],
  ])('a child with %s, which is for the whole', (option, options) => {
    const error = errorOf(() => register(compose.sequential(defineHook({ name: 'c', handler: nothing, ...options }))))
    expect(error.code).toBe('INVALID_OPTIONS')
    expect(error.message).toBe('Hook "all/c": "once" and "signal" are for the composite as a whole, not for a child.')
    expect(error.details).toEqual({
      where: 'Hook "all/c"',
      flaws: [{ path: option, problem: 'not for a child of a composite' }],
    })
  })

  test('children of several kinds, each by its name', () => {
    const children = [
      defineHook({ name: 'checks', kind: 'guard', handler: nothing }),
      defineHook({ kind: 'transform', handler: nothing }),
    ]
    const error = errorOf(() => register(compose.sequential(children)))
    expect(error.code).toBe('HOOK_KIND')
    expect(error.message).toBe(
      'Hook "all": a composite acts in one stage, but checks is a guard, child#1 is a transform. ' +
        'A guard among transforms would decide on data that can still change; register it on its own.',
    )
    expect(error.details).toEqual({ where: 'Hook "all"', kinds: { guard: 'checks', transform: 'child#1' } })
  })

  test('a child whose own children are of another kind than it says', () => {
    const inner = compose.sequential(defineHook({ name: 'changes', kind: 'transform', handler: nothing }))
    const error = errorOf(() => register(compose.sequential({ name: 'checks', kind: 'guard', handler: inner })))
    expect(error.code).toBe('HOOK_KIND')
    expect(error.message).toBe('Hook "all": checks is of kind guard, but its children are of kind transform.')
    expect(error.details).toEqual({ where: 'Hook "all": checks', kind: 'guard', children: 'transform' })
  })

  test.each([
    ['a number', 3, 'number'],
    ['null', null, 'null'],
    ['a definition without a function', { handler: 'later' }, 'string'],
  ])('%s that came into the list of children later', (_, child, type) => {
    const children: unknown[] = [nothing]
    const composite = compose.sequential(children)
    children[0] = child
    const error = errorOf(() => register(composite))
    expect(error.code).toBe('INVALID_HANDLER')
    expect(error.message).toBe(`Hook "all/child#0": the handler is ${type}, not a function.`)
  })

  test('more than 16 composites inside each other, and not one less', () => {
    const nested = (depth: number): CompositeChild =>
      depth === 1 ? compose.sequential(nothing) : compose.firstMatch(nested(depth - 1))
    expect(register(nested(16)).name).toBe('all')
    expect(errorOf(() => register(nested(17))).code).toBe('COMPOSITE_DEPTH')
  })
})

describe('children', () => {
  test('are called by their names, else by their places', async () => {
    const { trace } = await run(
      compose.sequential(
        function named() {
          return undefined
        },
        () => undefined,
        defineHook({ name: 'defined', handler: nothing }),
        defineHook({ handler: nothing }),
        compose.parallel(),
      ),
    )
    expect(trace.filter((each) => each.hook?.startsWith('all/')).map((each) => each.hook)).toEqual([
      'all/named',
      'all/child#1',
      'all/defined',
      'all/child#3',
      'all/parallel#4',
    ])
  })

  test('have no breaker unless they ask for one', () => {
    const breakers = vi.fn()
    const parent = {
      name: 'all',
      kind: 'transform',
      failsClosed: false,
      timeoutMs: 1,
      localsKeyOf: () => ({}),
    } as const
    const asking = defineHook({ name: 'asks', handler: nothing, breaker: 'production' })
    compileComposite(compose.sequential(nothing, asking), parent, breakers)
    expect(breakers).toHaveBeenCalledTimes(1)
  })

  test('that stand in several places note each their own, the same at every point of the hook', () => {
    const whole = {}
    const places = () => {
      const keyOf = localsKeysOf(whole)
      return [keyOf(nothing), keyOf(nothing), keyOf(nothing)]
    }
    const [first, second] = [places(), places()]
    expect(new Set(first).size).toBe(3)
    for (const [i, key] of first.entries()) expect(second[i]).toBe(key)
  })
})

describe('what a composite came to, in the trace', () => {
  const cached = () => hook.cache({ key: 'k' })

  test.each<[string, CompositeChild, string]>([
    ['nothing', compose.sequential(nothing), 'continue'],
    ['a change', compose.sequential(set('a', 1)), 'modified'],
    ['a cache note', compose.sequential(cached), 'cache'],
    ['a decision', compose.sequential(() => hook.replace(1)), 'replace'],
  ])('%s', async (_, composite, type) => {
    expect((await run(composite)).entry('all')).toMatchObject({ outcome: 'ok', type })
  })

  test('a cache note of somebody before it is not its own', async () => {
    const hooks = bench()
    hooks.register(TOOL.before, cached, { name: 'before', priority: 'high' })
    expect((await run(compose.sequential(nothing), {}, hooks)).entry('all')?.type).toBe('continue')
  })

  test('an observer observes', async () => {
    const { entry } = await run(compose.parallel(nothing, nothing), { kind: 'observe' })
    expect(entry('all')).toMatchObject({ outcome: 'ok', type: 'observe' })
  })

  test('guards that are asked again because of an answer: a question was asked', async () => {
    const hooks = bench()
    const asks = defineHook({ name: 'asks', handler: () => hook.suspend({ question: '?' }) })
    hooks.register(TOOL.before, compose.sequential(asks, nothing), { name: 'all', kind: 'guard' })
    const running = hooks.wrap({ name: 'tool', ...TOOL }, (input: unknown) => input)({ n: 1 })
    const [pending] = hooks.approvals.pending()
    void hooks.approvals.resume(pending!.id, hook.modified({ input: { n: 2 } }))
    const { trace, output } = await running
    expect(output).toEqual({ n: 2 })
    expect(trace.filter((each) => each.hook === 'all').map(({ type }) => type)).toEqual(['suspend', 'continue'])
  })

  test('changes of different paths stay those of the children that made them', async () => {
    const { entry } = await run(compose.parallel(set('a', 1), set('b', 2)))
    expect(entry('all')).not.toHaveProperty('patches')
    expect(entry('all/child#0')).toMatchObject({ patches: [{ path: ['input', 'a'], value: 1 }] })
    expect(entry('all/child#1')).toMatchObject({ patches: [{ path: ['input', 'b'], value: 2 }] })
    for (const name of ['all/child#0', 'all/child#1']) expect(entry(name)).not.toHaveProperty('message')
  })

  test('only what was a change is discarded in a conflict', async () => {
    const { entry } = await run(compose.parallel(set('a', 1), set('a', 2), nothing))
    expect(entry('all')).toMatchObject({ outcome: 'failed', code: 'HOOK_CONFLICT' })
    expect(entry('all/child#1')?.message).toBe('discarded: all failed')
    expect(entry('all/nothing')).not.toHaveProperty('message')
  })

  test('a change that fails the operation counts more than a conflict of changes', async () => {
    const invalid = () => hook.modified({ input: new Date(0) })
    const { status, error } = await run(compose.parallel([set('a', 1), set('a', 2), invalid]))
    expect([status, error?.code]).toEqual(['failed', 'HOOK_INVALID_CHANGE'])
  })
})
