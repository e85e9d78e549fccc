/** Composites whose children ask or fork: who waits where, and who is asked again when an answer changes something. */
import { compose, hook } from 'hookchart/hooks'
import type { CompositeChild, HookOptions, HookResult } from 'hookchart/hooks'
import { describe, expect, test } from 'vitest'
import { bench, TOOL } from '../support/kernel.ts'

const ask = (question: string) => hook.suspend({ question })
const edit = (patch: object) => hook.modified({ input: patch })
const sets = (name: string, value: unknown) => () =>
  hook.modified((draft: { input: Record<string, unknown> }) => {
    draft.input[name] = value
  })

/** A tool behind one hook; questions are answered one by one. */
function start(composite: CompositeChild, options: HookOptions = {}, input: unknown = { n: 1 }) {
  const all = bench()
  const { hooks, clock } = all
  hooks.register('BeforeToolExecution', composite as never, { name: 'all', ...options })
  const ran: unknown[] = []
  const other = () => 'forked'
  const work = hooks.wrap({ name: 'work', ...TOOL, targets: { other } }, (given: unknown) => {
    ran.push(given)
    return given
  })
  const running = Promise.resolve(work(input))
  const pending = () => hooks.approvals.pending().map(({ request, hook: name }) => `${name}: ${request.question}`)
  const answer = async (result?: HookResult) => {
    const [first] = hooks.approvals.pending()
    hooks.approvals.resume(first!.id, result).catch(() => {})
    await clock.settle()
  }
  return { ...all, running, ran, pending, answer }
}

/** A child that notes what it is called with, and gives what it is told, for each call another. */
function guards() {
  const calls: string[] = []
  const guard = (name: string, ...results: unknown[]) =>
    Object.defineProperty(
      (ctx: { readonly data: object; readonly proposal?: { readonly type: string } }) => {
        const { input } = ctx.data as { input?: unknown }
        calls.push(`${name} ${ctx.proposal!.type} ${JSON.stringify(input)}`)
        return results.length > 1 ? results.shift() : results[0]
      },
      'name',
      { value: name },
    ) as () => HookResult | undefined
  return { calls, guard }
}

describe('a sequence in another pattern', () => {
  const inside: [string, (sequence: CompositeChild) => CompositeChild][] = [
    ['parallel', (sequence) => compose.parallel(sequence)],
    ['first match', (sequence) => compose.firstMatch(sequence)],
    ['voting', (sequence) => compose.voting(sequence)],
    ['a vote in parallel', (sequence) => compose.parallel(compose.voting(sequence))],
  ]

  test.each(inside)('goes on behind a question: %s', async (_, around) => {
    const { calls, guard } = guards()
    const { running, answer, pending, ran } = start(
      around(compose.sequential(guard('asks', ask('?')), guard('denies', hook.cancel('no')))),
      { kind: 'guard' },
    )
    expect(calls).toEqual(['asks run {"n":1}'])
    expect(pending()).toHaveLength(1)
    await answer()
    expect(await running).toMatchObject({ status: 'cancelled', error: { details: { reason: 'no' } } })
    expect([calls.length, ran]).toEqual([2, []])
  })

  test.each(inside)('goes on behind a fork: %s', async (_, around) => {
    const fork = hook.fork([{ id: 'f', type: 'tool', target: 'other', input: 1 }])
    const { running } = start(around(compose.sequential(() => fork, sets('after', true))))
    expect(await running).toMatchObject({ status: 'completed', output: { n: 1, after: true } })
  })
})

describe('an edited approval', () => {
  test('in a sequence is shown to the others in it, the one that asked is not asked again', async () => {
    const { calls, guard } = guards()
    const { running, answer } = start(compose.sequential(guard('a'), guard('b', ask('?')), guard('c')), {
      kind: 'guard',
    })
    await answer(edit({ n: 2 }))
    const result = await running
    expect(result).toMatchObject({ status: 'completed', output: { n: 2 } })
    expect(calls).toEqual(['a run {"n":1}', 'b run {"n":1}', 'a run {"n":2}', 'c run {"n":2}'])
    expect(result.trace.filter((entry) => entry.hook === 'all/b')).toMatchObject([
      { type: 'suspend', patches: [{ path: ['input'], value: { n: 2 } }] },
      { outcome: 'skipped', message: 'has decided: the answer it waited for brought the change' },
    ])
  })

  test('that a sibling refuses does not get through', async () => {
    const refusesTwo = (ctx: { readonly data: object }) =>
      (ctx.data as { input: { n: number } }).input.n === 2 ? hook.cancel('not 2') : undefined
    for (const pattern of [compose.sequential, compose.parallel]) {
      const { running, answer, ran } = start(
        pattern(refusesTwo, () => ask('?')),
        { kind: 'guard' },
      )
      await answer(edit({ n: 2 }))
      expect(await running).toMatchObject({ status: 'cancelled', error: { details: { reason: 'not 2' } } })
      expect(ran).toEqual([])
    }
  })

  test.each<[string, (...children: never[]) => CompositeChild, string[]]>([
    ['parallel', compose.parallel, ['a run {"n":2}', 'c run {"n":2}']],
    // The first with something to say decides; who stands behind it was not asked before either.
    ['first match', compose.firstMatch, ['a run {"n":2}']],
  ])('in %s exempts the child that was asked for', async (_, pattern, again) => {
    const { calls, guard } = guards()
    const children = [guard('a'), guard('b', ask('?')), guard('c')]
    const { running, answer, pending } = start(pattern(...(children as never[])), { kind: 'guard' })
    expect(pending()).toEqual(['all/b: ?'])
    calls.length = 0
    await answer(edit({ n: 2 }))
    expect(await running).toMatchObject({ status: 'completed', output: { n: 2 } })
    expect(calls).toEqual(again)
  })

  test('in a vote counts as the vote it was', async () => {
    const { calls, guard } = guards()
    const { running, answer } = start(compose.voting(guard('a', ask('?')), guard('b', ask('?')), guard('c')), {
      kind: 'guard',
    })
    calls.length = 0
    await answer(edit({ n: 2 }))
    expect(await running).toMatchObject({ status: 'completed', output: { n: 2 } })
    expect(calls).toEqual(['b run {"n":2}'])
  })

  test('two at once: neither knows of the other, so both are asked again', async () => {
    const { calls, guard } = guards()
    const { running, answer } = start(
      compose.parallel(
        compose.sequential(guard('a', ask('?'), undefined)),
        compose.sequential(guard('b', ask('?'), undefined)),
      ),
      { kind: 'guard' },
    )
    await answer(sets('a', 1)())
    await answer(sets('b', 2)())
    expect(await running).toMatchObject({ status: 'completed', output: { n: 1, a: 1, b: 2 } })
    expect(calls.slice(2)).toEqual(['a run {"n":1,"a":1,"b":2}', 'b run {"n":1,"a":1,"b":2}'])
  })
})

test('a replacement as an answer is shown to the guards behind it in the sequence', async () => {
  const { calls, guard } = guards()
  const { running, answer, ran } = start(compose.sequential(guard('a', ask('?')), guard('b')), { kind: 'guard' })
  await answer(hook.replace('r'))
  expect(await running).toMatchObject({ status: 'completed', output: 'r' })
  expect(calls).toEqual(['a run {"n":1}', 'b replace {"n":1}'])
  expect(ran).toEqual([])
})

describe('several children of a parallel composite that ask', () => {
  test('are asked one after another', async () => {
    const { running, answer, pending, ran } = start(
      compose.parallel([() => ask('1'), compose.parallel(() => ask('2')), () => undefined, () => ask('3')]),
      { kind: 'guard' },
    )
    expect(pending()).toEqual(['all/child#0: 1'])
    await answer()
    expect(pending()).toEqual(['all/parallel#1/child#0: 2'])
    await answer()
    expect([pending(), ran]).toEqual([['all/child#3: 3'], []])
    await answer(hook.cancel('the third says no'))
    expect(await running).toMatchObject({ status: 'cancelled', error: { details: { hook: 'all/child#3' } } })
  })

  test('what the others want is done behind them', async () => {
    const { running, answer } = start(compose.parallel([() => hook.replace('r'), () => ask('1'), () => ask('2')]))
    await answer()
    await answer(edit({ n: 2 }))
    expect(await running).toMatchObject({ status: 'completed', output: 'r' })
  })
})
