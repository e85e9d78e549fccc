import { HookchartError } from 'hookchart/hooks'
import { describe, expect, test } from 'vitest'
import { voting } from '../../src/hooks/executor/patterns/voting.ts'
import { newOutcome } from '../../src/hooks/executor/outcome.ts'
import type { Outcome } from '../../src/hooks/executor/outcome.ts'
import type { Verdict } from '../../src/hooks/executor/verdict.ts'
import { drive } from '../../src/hooks/flow.ts'
import { changeData } from '../../src/hooks/change.ts'
import type { Change } from '../../src/hooks/change.ts'
import type { Unit } from '../../src/hooks/registry/unit.ts'
import { kindOf, nothing, passOf, scopeOf, unitOf } from './kernel-samples.ts'

type Ballot =
  | 'yes'
  | 'no'
  | 'replace'
  | 'redirect'
  | 'abstain'
  | 'fails'
  | 'edit'
  | 'other edit'
  | 'aborted'
  | 'invalid'
  | 'answered'
  | 'GUARD_FAILED'
  | 'GUARD_TIMED_OUT'
  | 'GUARD_UNAVAILABLE'

const refusal = (code: string) => (hook: string) => ({ type: 'cancel', hook, code, reason: 'refused' }) as const

const verdicts: Partial<Record<Ballot, (hook: string) => Verdict>> = {
  no: (hook) => ({ type: 'cancel', hook, code: 'HOOK_CANCELLED', reason: 'no' }),
  replace: (hook) => ({ type: 'replace', hook, value: hook }),
  redirect: (hook) => ({ type: 'redirect', hook, target: 'x' }),
  aborted: () => ({ type: 'cancel', hook: undefined, code: 'RUN_ABORTED', reason: 'aborted' }),
  invalid: (hook) => ({ type: 'fail', hook, error: new HookchartError('HOOK_INVALID_CHANGE', 'no') }),
  answered: (hook) => ({ type: 'restart', hook, exempt: undefined, replacement: undefined }),
  GUARD_FAILED: refusal('GUARD_FAILED'),
  GUARD_TIMED_OUT: refusal('GUARD_TIMED_OUT'),
  GUARD_UNAVAILABLE: refusal('GUARD_UNAVAILABLE'),
}

interface Options {
  threshold?: number
  minVotes?: number
  weights?: readonly number[]
  tieBreaker?: 'continue' | 'cancel' | 'first'
}

/** Lets children vote as they are told. */
function vote(ballots: readonly Ballot[], options: Options = {}, kind: 'transform' | 'guard' | 'mixed' = 'transform') {
  const scope = scopeOf({ input: 0 })
  const outcomes: Outcome[] = []
  const kindAt = (i: number) => (kind === 'mixed' ? (i % 2 === 0 ? 'guard' : 'transform') : kind)
  const children = ballots.map((_, i) => unitOf(`v${i}`, nothing, kindOf(kindAt(i))))
  const called: string[] = []
  const run = voting({
    type: 'voting',
    threshold: 0.5,
    minVotes: 1,
    weights: [],
    tieBreaker: undefined,
    ...options,
  })({
    outcome: newOutcome(unitOf('board', nothing), 0),
    children,
    scope,
    outcomes,
    pass: passOf(),
    runUnit: (unit: Unit, own) => {
      const ballot = ballots[children.indexOf(unit)] as Ballot
      called.push(unit.name)
      outcomes.push({
        ...newOutcome(unit, 0),
        outcome: ballot === 'fails' ? 'failed' : 'ok',
        type: ballot === 'abstain' ? 'skipped' : 'continue',
      })
      if (ballot.endsWith('edit')) {
        const change = changeData(own.data, { input: unit.name, by: ballot }, undefined) as Change
        own.accept(change)
        Object.assign(outcomes.at(-1) as Outcome, { change })
      }
      if (ballot === 'yes') own.setState({ by: unit.name })
      return verdicts[ballot]?.(unit.name)
    },
  })
  const verdict = drive(run) as Verdict | undefined
  return { verdict, scope, outcomes, called, result: verdict?.type ?? (scope.changes.length > 0 ? 'modified' : 'go') }
}

const result = (...[ballots, options, kind]: Parameters<typeof vote>) => vote(ballots, options, kind).result

describe('a type wins at ceil(threshold × votes cast)', () => {
  test.each<[number, Ballot[], string]>([
    [0.5, ['no'], 'cancel'],
    [0.5, ['no', 'yes', 'replace'], 'go'],
    [0.5, ['no', 'no', 'yes'], 'cancel'],
    [0.6, ['no', 'no', 'no', 'yes', 'yes'], 'cancel'],
    [0.61, ['no', 'no', 'no', 'yes', 'yes'], 'go'],
    [2 / 3, ['no', 'no', 'yes'], 'cancel'],
    [1, ['no', 'no', 'no'], 'cancel'],
    [1, ['no', 'no', 'yes'], 'go'],
    [0.01, ['no', 'no', 'yes'], 'cancel'],
    [0.25, ['no', 'yes', 'replace', 'replace'], 'replace'],
  ])('threshold %d, %j: %s', (threshold, ballots, expected) => {
    expect(result(ballots, { threshold })).toBe(expected)
  })
})

describe('votes', () => {
  test('those that abstain or fail are not cast', () => {
    expect(result(['no', 'abstain', 'fails'], { threshold: 1 })).toBe('cancel')
    expect(result(['abstain', 'fails'])).toBe('go')
  })

  test('with fewer than asked for nobody wins', () => {
    expect(result(['no', 'abstain'], { minVotes: 2 })).toBe('go')
    expect(result(['no', 'no'], { minVotes: 2 })).toBe('cancel')
    expect(result(['no', 'no'], { minVotes: 3 })).toBe('go')
  })

  test('count by type, whatever is in them; the first voter’s counts', () => {
    const { verdict } = vote(['replace', 'replace', 'yes'])
    expect(verdict).toMatchObject({ type: 'replace', value: 'v0' })
  })

  test('weigh 1 unless said otherwise', () => {
    expect(result(['no', 'yes', 'yes'], { weights: [2.5] })).toBe('cancel')
    expect(result(['no', 'yes', 'yes'], { weights: [2] })).toBe('go')
    expect(result(['yes', 'yes', 'no'], { weights: [1, 1, 3] })).toBe('cancel')
  })

  test('sums of fractions that are equal count as equal', () => {
    expect(result(['no', 'no', 'replace'], { weights: [0.1, 0.2, 0.3] })).toBe('go')
    expect(result(['no', 'no', 'replace', 'replace'], { weights: [0.1, 0.2, 0.15, 0.15], tieBreaker: 'first' })).toBe(
      'cancel',
    )
    expect(result(['no', 'no', 'yes'], { weights: [0.1, 0.2, 0.7], threshold: 0.3 })).toBe('go')
    expect(result(['no', 'no', 'yes'], { weights: [0.7, 0.1, 0.2], threshold: 0.8 })).toBe('cancel')
  })
})

describe('ties and no winner', () => {
  test.each<[Ballot[], Options, 'transform' | 'guard' | 'mixed', string]>([
    [['no', 'replace'], {}, 'transform', 'go'],
    [['yes', 'no'], {}, 'mixed', 'go'],
    [['no', 'replace'], { tieBreaker: 'continue' }, 'guard', 'go'],
    [['no', 'replace'], { tieBreaker: 'cancel' }, 'transform', 'cancel'],
    [['replace', 'no'], { tieBreaker: 'first' }, 'transform', 'replace'],
    [['abstain', 'replace', 'no'], { tieBreaker: 'first' }, 'transform', 'replace'],
    [['abstain'], { tieBreaker: 'first' }, 'transform', 'go'],
    [['yes', 'no'], {}, 'guard', 'cancel'],
    [['abstain'], {}, 'guard', 'cancel'],
  ])('%j with %j among %ss: %s', (ballots, options, kind, expected) => {
    expect(result(ballots, options, kind)).toBe(expected)
  })

  test('without children there is nothing to refuse', () => {
    expect(result([])).toBe('go')
  })

  test('a refusal says how the votes fell', () => {
    expect(vote(['no', 'yes'], {}, 'guard').verdict).toEqual({
      type: 'cancel',
      hook: 'board',
      code: 'HOOK_CANCELLED',
      reason: 'the vote had no winner: 1 × cancel, 1 × continue',
    })
    expect(vote(['no', 'no', 'yes'], { threshold: 1, tieBreaker: 'cancel' }).verdict).toMatchObject({
      reason: 'the vote had no winner: 2 × cancel, 1 × continue',
    })
    expect(vote(['abstain'], { tieBreaker: 'cancel' }).verdict).toMatchObject({
      reason: 'the vote had no winner: no votes',
    })
  })
})

describe('it ends as soon as the rest cannot change the winner', () => {
  test.each<[Ballot[], Options, number]>([
    [['no', 'no', 'no', 'yes', 'yes'], {}, 3],
    [['no', 'no', 'yes'], {}, 2],
    [['no', 'no', 'yes', 'yes'], {}, 4],
    [['no', 'no', 'no', 'yes'], {}, 3],
    [['no', 'no', 'no', 'yes'], { threshold: 0.75 }, 3],
    [['no', 'no', 'no', 'yes'], { threshold: 0.76 }, 4],
    [['no', 'yes', 'no', 'no', 'yes'], {}, 4],
    [['no', 'yes'], { weights: [2, 1] }, 1],
    [['no', 'yes'], { weights: [1, 1] }, 2],
    [['no', 'yes', 'yes'], { weights: [2, 1, 1] }, 3],
    [['no', 'yes', 'yes'], { weights: [3, 1, 1] }, 1],
    [['no', 'abstain', 'yes'], { weights: [3, 9, 1] }, 2],
    [['no', 'abstain', 'yes'], { weights: [3, 9, 3] }, 3],
    [['no', 'no', 'yes'], { minVotes: 3 }, 3],
    [['no', 'no', 'no', 'yes'], { minVotes: 3 }, 3],
    [['abstain', 'abstain', 'no'], {}, 3],
  ])('%j with %j: after %i', (ballots, options, asked) => {
    const { called, outcomes } = vote(ballots, options)
    expect(called).toHaveLength(asked)
    expect(outcomes).toHaveLength(ballots.length)
    expect(outcomes.slice(asked).map(({ outcome, message }) => [outcome, message])).toEqual(
      ballots.slice(asked).map(() => ['not_run', 'the vote was decided']),
    )
  })
})

describe('what the winner proposed', () => {
  test('is taken over, and nothing of the others', () => {
    const { scope } = vote(['edit', 'yes', 'edit'])
    expect(scope.data).toEqual({ input: 'v0', by: 'edit' })
    expect(scope.statePatch).toBeUndefined()
    expect(vote(['yes', 'edit', 'yes']).scope.statePatch).toEqual({ by: 'v0' })
  })

  test('changes are one type, whatever they change', () => {
    expect(vote(['edit', 'other edit', 'yes']).scope.data).toEqual({ input: 'v0', by: 'edit' })
  })

  test('without a winner nothing is', () => {
    expect(vote(['edit', 'yes']).scope.changes).toEqual([])
  })

  test('changes that were outvoted are no changes in the trace, and say so', () => {
    const { outcomes } = vote(['edit', 'other edit', 'no', 'no', 'no'])
    expect(outcomes.map(({ change, message }) => [change, message])).toEqual([
      [undefined, 'outvoted'],
      [undefined, 'outvoted'],
      [undefined, undefined],
      [undefined, undefined],
      [undefined, undefined],
    ])
    const won = vote(['edit', 'other edit', 'no']).outcomes
    expect(won.map(({ change, message }) => [change?.data['by'], message])).toEqual([
      ['edit', undefined],
      [undefined, 'outvoted'],
      [undefined, 'the vote was decided'],
    ])
  })

  test('nobody sees what another proposes', () => {
    const { scope } = vote(['edit', 'edit'])
    expect(scope.data).toEqual({ input: 'v0', by: 'edit' })
  })
})

describe('what nobody can outvote', () => {
  test.each<[string, Ballot, object]>([
    ['an abort', 'aborted', { code: 'RUN_ABORTED' }],
    ['an invalid change of a tool’s input', 'invalid', { type: 'fail' }],
    ['an answer for which guards must be asked again', 'answered', { type: 'restart' }],
    ['a guard that failed', 'GUARD_FAILED', { code: 'GUARD_FAILED' }],
    ['a guard that hung', 'GUARD_TIMED_OUT', { code: 'GUARD_TIMED_OUT' }],
    ['a guard whose breaker is open', 'GUARD_UNAVAILABLE', { code: 'GUARD_UNAVAILABLE' }],
  ])('%s has decided', (_, ballot, expected) => {
    const { verdict, called } = vote(['yes', ballot, 'yes', 'yes'])
    expect(verdict).toMatchObject(expected)
    expect(called).toEqual(['v0', 'v1'])
  })
})
