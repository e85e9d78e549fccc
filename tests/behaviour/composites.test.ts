/** Several hooks as one: the four patterns, nested, at their bounds. */
import { compose, defineHook, hook } from 'hookchart/hooks'
import type { CompositeChild, HookOptions } from 'hookchart/hooks'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { bench, deferred, hangs, TOOL } from '../support/kernel.ts'

const set = (patch: object) => () => hook.modified({ input: patch })
const key = (name: string, value: unknown) => () =>
  hook.modified((draft: { input: Record<string, unknown> }) => {
    draft.input[name] = value
  })

async function run(composite: CompositeChild, options: HookOptions = {}, input: unknown = {}) {
  const all = bench()
  all.hooks.register('BeforeToolExecution', composite as never, { name: 'all', ...options })
  const work = all.hooks.wrap({ name: 'work', ...TOOL, targets: { other: () => 'other' } }, (given: unknown) => given)
  const running = work(input)
  await all.clock.advanceSteps(10_000)
  return { ...all, result: await running }
}

describe('sequential', () => {
  test('each child sees the changes before it; the first decision ends it', async () => {
    const { result } = await run(
      compose.sequential(set({ n: 1 }), (ctx) =>
        hook.modified({ input: { n: (ctx.data.input as { n: number }).n + 1 } }),
      ),
    )
    expect(result.output).toEqual({ n: 2 })
    const stopped = await run(compose.sequential([set({ n: 1 }), () => hook.replace('r'), () => hook.cancel('never')]))
    expect(stopped.result).toMatchObject({ status: 'completed', output: 'r' })
    expect(
      stopped.result.trace
        .filter((entry) => entry.hook?.startsWith('all/'))
        .map(({ outcome, type }) => `${outcome} ${type}`),
    ).toEqual(['ok modified', 'ok replace', 'not_run not_run'])
  })

  test('empty: nothing', async () => {
    expect((await run(compose.sequential())).result.status).toBe('completed')
  })

  test('a child that asks waits where it stands', async () => {
    const { hooks } = bench()
    hooks.register(
      'BeforeToolExecution',
      compose.sequential([set({ n: 1 }), () => hook.suspend({ question: '?' }), key('after', true)]),
    )
    const running = hooks.wrap({ name: 'work', ...TOOL }, (given: unknown) => given)({})
    await hooks.approvals.resume('id-1', hook.modified({ input: { n: 5 } }))
    expect(await running).toMatchObject({ output: { n: 5, after: true } })
  })
})

describe('parallel', () => {
  test('each child works on its own copy; changes of different paths are merged in declaration order', async () => {
    const { result } = await run(compose.parallel([key('a', 1), key('b', 2)]), {}, { c: 3 })
    expect(result.output).toEqual({ a: 1, b: 2, c: 3 })
  })

  test('two children that change one path are a conflict, unless there is a merge', async () => {
    const conflict = await run(compose.parallel([key('a', 1), key('a', 2)]))
    expect(conflict.result).toMatchObject({ status: 'completed', output: {} })
    expect(conflict.result.trace.find((entry) => entry.hook === 'all')).toMatchObject({
      outcome: 'failed',
      code: 'HOOK_CONFLICT',
      message: expect.stringContaining('"input.a"') as string,
    })
    const closed = await run(compose.parallel([key('a', 1), key('a', 2)]), { onFailure: 'closed' })
    expect(closed.result).toMatchObject({ status: 'cancelled', error: { code: 'GUARD_FAILED' } })
  })

  test('with a merge function its result counts', async () => {
    const merge = (_base: unknown, changed: readonly Readonly<Record<string, unknown>>[]) => ({
      input: changed.map(({ input }) => input),
    })
    const { result } = await run(compose.parallel({ merge }, [key('a', 1), key('a', 2)]))
    expect(result.output).toEqual([{ a: 1 }, { a: 2 }])
    const bad = await run(compose.parallel({ merge: () => 3 as never }, [key('a', 1), key('a', 2)]))
    expect(bad.result.trace.find((entry) => entry.hook === 'all')).toMatchObject({
      outcome: 'failed',
      code: 'HOOK_CONFLICT',
    })
  })

  test('the strongest result wins, the first declared among equals', async () => {
    const strength: [string, () => unknown][] = [
      ['cancel', () => hook.cancel('c')],
      ['replace', () => hook.replace('p')],
      ['redirect', () => hook.redirect('other')],
      ['retry', () => hook.retry({ maxAttempts: 1 })],
      ['modified', set({ m: 1 })],
    ]
    const outcome = async (children: (() => unknown)[]) => {
      const { result } = await run(compose.parallel(children as never))
      return result.trace.find((entry) => entry.hook === 'all')?.type
    }
    for (const [i, [name, strong]] of strength.entries()) {
      for (const [, weak] of strength.slice(i + 1)) {
        expect(await outcome([weak, strong])).toBe(name)
        expect(await outcome([strong, weak])).toBe(name)
      }
    }
    const { result } = await run(compose.parallel([() => hook.cancel('first'), () => hook.cancel('second')]))
    expect(result.error?.details['reason']).toBe('first')
  })

  test('a suspend of one waits with the changes of the others taken', async () => {
    const { hooks } = bench()
    hooks.register('BeforeToolExecution', compose.parallel([key('a', 1), () => hook.suspend({ question: '?' })]))
    const running = hooks.wrap({ name: 'work', ...TOOL }, (given: unknown) => given)({})
    expect(hooks.approvals.pending()).toHaveLength(1)
    await hooks.approvals.resume('id-1')
    expect(await running).toMatchObject({ output: { a: 1 } })
  })

  test('as many at once as concurrency allows, started in order', async () => {
    const { hooks, seen, clock } = bench()
    const gates = [deferred(), deferred(), deferred()]
    hooks.register(
      'BeforeToolExecution',
      compose.parallel(
        { concurrency: 2 },
        gates.map(({ promise }, i) => seen.handler(`${i}`, () => promise)),
      ),
    )
    const running = hooks.wrap({ name: 'work', ...TOOL }, () => 1)(undefined)
    expect(seen.order).toEqual(['0', '1'])
    gates[1]!.resolve()
    await clock.settle()
    expect(seen.order).toEqual(['0', '1', '2'])
    gates[0]!.resolve()
    gates[2]!.resolve()
    expect(await running).toMatchObject({ status: 'completed' })
  })

  test('a child that hangs is abandoned at its deadline, the others count', async () => {
    const { result } = await run(
      compose.parallel([defineHook({ name: 'hung', handler: hangs, timeoutMs: 100 }), key('b', 2)]),
    )
    expect(result.output).toEqual({ b: 2 })
    expect(result.trace.find((entry) => entry.hook === 'all/hung')).toMatchObject({
      outcome: 'timed_out',
      durationMs: 100,
    })
    expect(result.trace.filter((entry) => entry.hook?.startsWith('all/')).map(({ hook: name }) => name)).toEqual([
      'all/hung',
      'all/child#1',
    ])
  })
})

describe('first match', () => {
  test('the first child whose condition holds and that has something to say', async () => {
    const { result, seen } = await run(
      compose.firstMatch([
        defineHook({ name: 'not me', when: () => false, handler: () => hook.cancel('never') }),
        () => hook.skipped('nor me'),
        () => undefined,
        set({ mine: true }),
        () => hook.cancel('too late'),
      ]),
    )
    expect(result.output).toEqual({ mine: true })
    expect(seen.order).toEqual([])
    expect(result.trace.filter((entry) => entry.hook?.startsWith('all/')).map(({ outcome }) => outcome)).toEqual([
      'skipped',
      'ok',
      'ok',
      'ok',
      'not_run',
    ])
  })

  test('a change that changes nothing is something to say', async () => {
    const same = set({ n: 1 })
    const never = () => hook.cancel('never')
    for (const first of [same, compose.sequential(same), compose.parallel(same), compose.firstMatch(same)]) {
      const { result } = await run(compose.firstMatch([first, never]), {}, { n: 1 })
      expect(result).toMatchObject({ status: 'completed', output: { n: 1 } })
      expect(result.trace.find((entry) => entry.hook === 'all')?.type).toBe('modified')
    }
  })

  test('nobody: go on', async () => {
    expect((await run(compose.firstMatch(() => undefined))).result.status).toBe('completed')
  })
})

describe('voting', () => {
  const yes = () => hook.continue()
  const no = () => hook.cancel('no')
  const abstain = () => hook.skipped()
  const vote = async (options: object, votes: (() => unknown)[], kind: 'guard' | 'transform' = 'transform') =>
    (await run(compose.voting(options, votes as never), { kind })).result.status

  test('a type wins at ceil(threshold × votes cast), exactly', async () => {
    expect(await vote({ threshold: 2 / 3 }, [no, no, yes])).toBe('cancelled')
    expect(await vote({ threshold: 0.67 }, [no, no, yes])).toBe('completed')
    expect(await vote({ threshold: 0.5 }, [no, yes, yes, no, no])).toBe('cancelled')
    expect(await vote({ threshold: 1 }, [no, no, no])).toBe('cancelled')
    expect(await vote({ threshold: 1 }, [no, no, yes])).toBe('completed')
  })

  test('who abstains, fails open or is skipped casts no vote', async () => {
    expect(
      await vote({ threshold: 1 }, [
        abstain,
        no,
        () => {
          throw new Error()
        },
      ]),
    ).toBe('cancelled')
    expect(await vote({ minVotes: 2 }, [abstain, no, abstain])).toBe('completed')
  })

  test('weights, by place', async () => {
    expect(await vote({ weights: [3, 1, 1] }, [no, yes, yes])).toBe('cancelled')
    expect(await vote({ weights: [0.1, 0.2, 0.3], threshold: 0.5 }, [no, no, yes])).toBe('completed')
    expect(await vote({ weights: [1, 1, 1] }, [no, yes, yes])).toBe('completed')
  })

  test('ties and no winner go to the tie-breaker: continue, and cancel where all are guards', async () => {
    expect(await vote({}, [no, yes])).toBe('completed')
    expect(await vote({}, [no, yes], 'guard')).toBe('cancelled')
    expect(await vote({ tieBreaker: 'cancel' }, [yes, no])).toBe('cancelled')
    expect(await vote({ tieBreaker: 'first' }, [no, yes])).toBe('cancelled')
    expect(await vote({ tieBreaker: 'first' }, [yes, no])).toBe('completed')
    expect(await vote({ tieBreaker: 'continue' }, [no, yes], 'guard')).toBe('completed')
    expect(await vote({}, [abstain, abstain], 'transform')).toBe('completed')
    expect(await vote({ tieBreaker: 'first' }, [])).toBe('completed')
  })

  test('it stops as soon as the rest cannot change the winner; dissent is in the trace', async () => {
    const { result } = await run(compose.voting([no, yes, no, no, yes]))
    const votes = result.trace.filter((entry) => entry.hook?.startsWith('all/'))
    expect(votes.map(({ outcome, type }) => `${outcome} ${type}`)).toEqual([
      'ok cancel',
      'ok continue',
      'ok cancel',
      'ok cancel',
      'not_run not_run',
    ])
    expect(votes.at(-1)?.message).toBe('the vote was decided')
  })

  test('the winner’s change is taken, the losers’ are not', async () => {
    const { result } = await run(compose.voting([set({ by: 1 }), () => hook.replace('x'), set({ by: 3 })]))
    expect(result.output).toEqual({ by: 1 })
  })

  test('nobody outvotes a guard that fails, is late or is not called', async () => {
    const ok = () => undefined
    const broken = () => {
      throw new Error('x')
    }
    for (const children of [
      [broken, ok, ok],
      [ok, broken, ok],
      [compose.parallel(broken, ok), ok, ok],
    ] as CompositeChild[][]) {
      const { result } = await run(compose.voting(children), { kind: 'guard' })
      expect(result).toMatchObject({ status: 'cancelled', error: { code: 'GUARD_FAILED' } })
    }
    const late = await run(compose.voting([defineHook({ name: 'late', handler: hangs, timeoutMs: 10 }), ok, ok]), {
      kind: 'guard',
    })
    expect(late.result.error).toMatchObject({ code: 'GUARD_TIMED_OUT', details: { hook: 'all/late' } })
    const { hooks } = bench()
    const flaky = defineHook({ name: 'flaky', handler: broken, breaker: { failureThreshold: 1 } })
    hooks.register('BeforeToolExecution', compose.voting([flaky, ok, ok]), { kind: 'guard' })
    const work = hooks.wrap({ name: 'work', ...TOOL }, () => 1)
    await work(undefined)
    expect(await work(undefined)).toMatchObject({ error: { code: 'GUARD_UNAVAILABLE' } })
  })

  test('nobody outvotes a transform that fails closed, or whose change a tool cannot take', async () => {
    const broken = defineHook({
      name: 'broken',
      onFailure: 'closed',
      handler: () => {
        throw new Error('x')
      },
    })
    expect((await run(compose.voting([broken, yes, yes]))).result).toMatchObject({ error: { code: 'GUARD_FAILED' } })
    const invalid = () => hook.modified({ input: new Date(0) as never })
    expect((await run(compose.voting([invalid, yes, yes]))).result).toMatchObject({
      status: 'failed',
      error: { code: 'HOOK_INVALID_CHANGE' },
    })
  })

  test('without children: nothing', async () => {
    for (const kind of ['guard', 'transform'] as const) {
      expect(await vote({}, [], kind)).toBe('completed')
      expect(await vote({ tieBreaker: 'cancel' }, [], kind)).toBe('completed')
    }
  })
})

describe('guards that abstain', () => {
  const abstains = () => hook.skipped('not mine')

  test('may do so in a vote and in a first match', async () => {
    const voted = await run(compose.voting({ threshold: 1 }, [abstains as never, () => undefined]), { kind: 'guard' })
    expect(voted.result.status).toBe('completed')
    const matched = await run(compose.firstMatch([abstains as never, () => hook.cancel('mine')]), { kind: 'guard' })
    expect(matched.result).toMatchObject({ error: { code: 'HOOK_CANCELLED', details: { reason: 'mine' } } })
  })

  test('may not do so where every guard must allow it', async () => {
    for (const composite of [abstains, compose.sequential(abstains), compose.parallel(abstains)]) {
      expect((await run(composite as never, { kind: 'guard' })).result.error).toMatchObject({ code: 'GUARD_FAILED' })
    }
  })
})

test('they nest', async () => {
  const { result } = await run(
    compose.sequential([
      set({ a: 1 }),
      compose.parallel([key('b', 2), compose.firstMatch([() => undefined, key('c', 3)])]),
      compose.voting([compose.sequential([key('d', 4), key('e', 5)]), () => undefined, abstainTwice()]),
    ]),
  )
  expect(result.output).toEqual({ a: 1, b: 2, c: 3 })
  expect(result.trace.find((entry) => entry.hook === 'all/parallel#1/first_match#1/child#1')).toMatchObject({
    type: 'modified',
  })
})

function abstainTwice() {
  return compose.firstMatch([() => hook.skipped(), () => hook.skipped()])
}

test('children are closed or open by themselves, or by what holds them', async () => {
  const broken = () => {
    throw new Error('broken')
  }
  expect((await run(compose.sequential(broken))).result.status).toBe('completed')
  expect((await run(compose.sequential(broken), { onFailure: 'closed' })).result).toMatchObject({
    status: 'cancelled',
    error: { code: 'GUARD_FAILED' },
  })
  expect((await run(compose.sequential(broken), { kind: 'guard' })).result.status).toBe('cancelled')
  expect(
    (await run(compose.sequential(defineHook({ name: 'x', handler: broken, onFailure: 'closed' })))).result.status,
  ).toBe('cancelled')
})

test('the deadline of the composite is for all its children together', async () => {
  const { result } = await run(compose.sequential([hangs, hangs, hangs]), { timeoutMs: 150, name: 'all' })
  const children = result.trace.filter((entry) => entry.hook?.startsWith('all/'))
  expect(children.map(({ durationMs }) => durationMs)).toEqual([150, 0, 0])
  expect(result.status).toBe('completed')
})

test('a replacement that does not fit is the failure of the hook alone', async () => {
  const { hooks } = bench()
  const bad = () => hook.replace('not a number')
  hooks.register('BeforeToolExecution', bad, { name: 'bad' })
  hooks.register('BeforeToolExecution', compose.sequential(bad), { name: 'all' })
  const work = hooks.wrap({ name: 'work', ...TOOL, output: z.number() }, (n: number) => n)
  const { status, output, trace } = await work(1)
  expect([status, output]).toEqual(['completed', 1])
  expect(trace.filter((entry) => entry.code === 'HOOK_INVALID_CHANGE').map((entry) => entry.hook)).toEqual([
    'bad',
    'all/bad',
  ])
})

test('locals of a child are one at all points of its hook, and in both parts of a pair', async () => {
  const { hooks } = bench()
  const seen: unknown[] = []
  const count = (ctx: { readonly locals: Record<string, unknown> }) => {
    seen.push((ctx.locals['n'] = Number(ctx.locals['n'] ?? 0) + 1))
  }
  hooks.register(['BeforeToolExecution', 'AfterToolExecution'], compose.parallel(count, compose.sequential(count)))
  hooks.registerPair({
    before: ['BeforeToolExecution', compose.sequential(count)],
    after: ['AfterToolExecution', compose.firstMatch(() => undefined, count)],
  })
  await hooks.wrap({ name: 'work', ...TOOL }, () => 1)(undefined)
  expect(seen).toEqual([1, 1, 1, 2, 2, 2])
})

test('explain tells of parallel children that say they change the same path', () => {
  const { hooks } = bench()
  const writes = (name: string, ...paths: string[]) => defineHook({ name, writes: paths, handler: () => undefined })
  hooks.register(
    'BeforeToolExecution',
    compose.sequential(
      writes('before', 'input.url'),
      compose.parallel(
        writes('a', 'input.url'),
        compose.sequential(writes('b', 'input'), writes('c', 'input.url.host')),
      ),
    ),
    { name: 'all' },
  )
  expect(hooks.explain('BeforeToolExecution').overlaps).toEqual([
    { hooks: ['all/parallel#1/a', 'all/parallel#1/sequential#1/b'], path: 'input.url' },
    { hooks: ['all/parallel#1/a', 'all/parallel#1/sequential#1/c'], path: 'input.url.host' },
  ])
})

test('a composite can stand in a defined hook, and observe', async () => {
  const { hooks, seen } = bench()
  hooks.use(
    defineHook({
      name: 'watchers',
      kind: 'observe',
      points: 'BeforeToolExecution',
      handler: compose.parallel(seen.handler('a'), seen.handler('b', hook.cancel('ignored'))),
    }),
  )
  expect(await hooks.wrap({ name: 'work', ...TOOL }, () => 1)(undefined)).toMatchObject({ status: 'completed' })
  expect(seen.order).toEqual(['a', 'b'])
})
