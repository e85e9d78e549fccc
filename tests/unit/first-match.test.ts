import { hook } from 'hookchart/hooks'
import { describe, expect, test } from 'vitest'
import { runFirstMatch } from '../../src/hooks/executor/patterns/first-match.ts'
import { runSequential } from '../../src/hooks/executor/patterns/sequential.ts'
import { newOutcome } from '../../src/hooks/executor/outcome.ts'
import type { Outcome } from '../../src/hooks/executor/outcome.ts'
import { runUnit } from '../../src/hooks/executor/run-unit.ts'
import type { PatternRunner } from '../../src/hooks/executor/verdict.ts'
import { drive } from '../../src/hooks/flow.ts'
import { passOf, unitOf } from './kernel-samples.ts'

type Handler = (ctx: { data: Readonly<Record<string, number>> }) => unknown

function run(runner: PatternRunner, handlers: readonly Handler[]) {
  const pass = passOf({}, { n: 0 })
  const outcomes: Outcome[] = []
  const end = drive(
    runner({
      outcome: newOutcome(
        unitOf('all', () => undefined),
        0,
      ),
      children: handlers.map((handler, i) => unitOf(`c${i}`, handler)),
      scope: pass.scope,
      outcomes,
      pass,
      runUnit: (unit, scope, list) => runUnit(pass, unit, scope, list),
    }),
  )
  return { end, scope: pass.scope, shown: () => outcomes.map(({ outcome, type }) => `${outcome} ${type}`) }
}

const add =
  (n: number): Handler =>
  (ctx) =>
    hook.modified({ n: ctx.data['n']! + n })
const fails: Handler = () => {
  throw new Error('broken')
}

describe('first match', () => {
  test.each<[string, Handler, object | undefined, string]>([
    ['a decision', () => hook.cancel('no'), { type: 'cancel', reason: 'no', hook: 'c3' }, 'ok cancel'],
    ['a change', add(2), undefined, 'ok modified'],
    ['a cache note', () => hook.cache({ key: 'k' }), undefined, 'ok cache'],
  ])('%s is something to say; who continues, skips or fails has nothing', (_, handler, end, shown) => {
    const found = run(runFirstMatch, [() => undefined, () => hook.skipped(), fails, handler, add(9), add(9)])
    if (end === undefined) expect(found.end).toBeUndefined()
    else expect(found.end).toMatchObject(end)
    expect(found.shown()).toEqual([
      'ok continue',
      'ok skipped',
      'failed failed',
      shown,
      'not_run not_run',
      'not_run not_run',
    ])
  })

  test('what it changed, noted and set is taken over', () => {
    expect(run(runFirstMatch, [add(2), add(9)]).scope.data).toEqual({ n: 2 })
    expect(run(runFirstMatch, [() => hook.cache({ key: 'k' })]).scope.cache?.key).toBe('k')
    expect(run(runFirstMatch, [() => hook.cancel('no', { state: { a: 1 } })]).scope.statePatch).toEqual({ a: 1 })
  })

  test('nobody, and no children', () => {
    expect(run(runFirstMatch, [() => undefined, () => hook.skipped()]).end).toBeUndefined()
    expect(run(runFirstMatch, []).end).toBeUndefined()
  })

  test('waits for each in turn', async () => {
    const { end } = run(runFirstMatch, [async () => undefined, async () => hook.replace(1)])
    expect(await end).toMatchObject({ type: 'replace', value: 1 })
  })
})

describe('sequential', () => {
  test('each sees what those before it changed', () => {
    const { end, scope, shown } = run(runSequential, [add(1), () => undefined, add(1)])
    expect(end).toBeUndefined()
    expect(scope.data).toEqual({ n: 2 })
    expect(shown()).toEqual(['ok modified', 'ok continue', 'ok modified'])
  })

  test('the first decision ends it; changes so far stay', () => {
    const { end, scope, shown } = run(runSequential, [add(1), () => hook.replace('x'), add(1), () => hook.cancel()])
    expect(end).toMatchObject({ type: 'replace', value: 'x' })
    expect(scope.data).toEqual({ n: 1 })
    expect(shown().slice(2)).toEqual(['not_run not_run', 'not_run not_run'])
  })

  test('one that fails does not end it', () => {
    expect(run(runSequential, [fails, add(1)]).scope.data).toEqual({ n: 1 })
  })

  test('waits for each in turn', async () => {
    const { end, scope } = run(runSequential, [async (ctx) => add(1)(ctx), async (ctx) => add(1)(ctx)])
    await end
    expect(scope.data).toEqual({ n: 2 })
  })
})
