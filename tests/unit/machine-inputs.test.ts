/** What machines that may be run by hand are made from is checked: an actor fails with what is wrong. */
import { isHookchartError } from 'hookchart/hooks'
import {
  approvalMachine,
  breakerMachine,
  breakerPresets,
  compile,
  sheddingDefaults,
  sheddingMachine,
  supervisorMachine,
} from 'hookchart/machines'
import { describe, expect, test } from 'vitest'
import { createActor } from 'xstate'
import type { AnyStateMachine } from 'xstate'

interface Case {
  readonly machine: AnyStateMachine
  readonly input: object
  readonly bad: readonly (readonly [changed: object, problem: string])[]
}

const backoff = { delayMs: 1, multiplier: 2, maxDelayMs: 10, jitter: 0 }

const cases: Readonly<Record<string, Case>> = {
  approval: {
    machine: approvalMachine,
    input: { question: 'May it?', data: { path: '/' }, expiresInMs: 100, since: 0 },
    bad: [
      [{ question: undefined }, '"question"'],
      [{ expiresInMs: NaN }, '"expiresInMs"'],
      [{ expiresInMs: -5 }, '"expiresInMs"'],
      [{ expiresInMs: Infinity }, '"expiresInMs"'],
      [{ since: 'now' }, '"since"'],
      [{ escalateTo: 7 }, '"escalateTo"'],
      [{ data: { at: new Date(0) } }, '"data": expected JSON, but "at" is an instance of Date'],
      [{ expires: 5 }, 'unknown option "expires"'],
    ],
  },
  breaker: {
    machine: breakerMachine,
    input: breakerPresets.default,
    bad: [
      [{ failureThreshold: 'x' }, '"failureThreshold"'],
      [{ successThreshold: 0 }, '"successThreshold"'],
      [{ slowCallThreshold: 0.5 }, '"slowCallThreshold"'],
      [{ windowMs: 0 }, '"windowMs"'],
      [{ openMs: '1s' }, '"openMs"'],
      [{ openMultiplier: 0.5 }, '"openMultiplier"'],
      [{ maxOpenMs: NaN }, '"maxOpenMs"'],
      [{ slowCallMs: -1 }, '"slowCallMs"'],
      [{ threshold: 1 }, 'unknown option "threshold"'],
    ],
  },
  shedding: {
    machine: sheddingMachine,
    input: sheddingDefaults,
    bad: [
      [{ budget: -1 }, '"budget"'],
      [{ restoreRatio: 2 }, '"restoreRatio"'],
      [{ firstTrialWindows: 0 }, '"firstTrialWindows"'],
      [{ lastTrialWindows: undefined }, '"lastTrialWindows"'],
      [{ windowOperations: 1.5 }, '"windowOperations"'],
      [{ shortestMs: 0 }, '"shortestMs"'],
      [{ share: 1 }, 'unknown option "share"'],
    ],
  },
  supervisor: {
    machine: supervisorMachine,
    input: {
      ...{ strategy: 'one_for_one', maxRestarts: 3, periodMs: 1_000, backoff, at: 0 },
      children: [],
    },
    bad: [
      [{ strategy: 'one' }, '"strategy"'],
      [{ maxRestarts: -1 }, '"maxRestarts"'],
      [{ periodMs: 0 }, '"periodMs"'],
      [{ backoff: { ...backoff, jitter: 2 } }, '"backoff.jitter"'],
      [{ children: [{ id: 'a', restart: 'always' }] }, '"children.0.restart"'],
      [{ children: ['a', 'a'].map((id) => ({ id, restart: 'permanent' })) }, '"children": expected each id once'],
      [{ at: NaN }, '"at"'],
      [{ restarts: [] }, 'unknown option "restarts"'],
    ],
  },
}

describe.each(Object.entries(cases))('%s', (id, { machine, input, bad }) => {
  /** The error that an actor is made with, and that a compiled run throws. */
  const errorsOf = (given: unknown) => {
    const actor = createActor(machine, { input: given })
    let failure: unknown
    actor.subscribe({ error: (error) => (failure = error) })
    actor.start()
    let thrown: unknown
    try {
      const run = compile(machine).run({ input: given } as never)
      thrown = (run.snapshot as { readonly error?: unknown }).error
    } catch (error) {
      thrown = error
    }
    return [failure, thrown]
  }

  test.each([
    ...bad.map(([changed, problem]) => [{ ...input, ...changed }, problem] as const),
    [undefined, 'expected object'] as const,
    [{}, 'expected'] as const,
  ])('%j', (given, problem) => {
    for (const error of errorsOf(given)) {
      if (!isHookchartError(error)) throw new Error('not refused', { cause: error })
      expect(error.code).toBe('INVALID_OPTIONS')
      expect(error.message).toContain(`input of ${id}: `)
      expect(error.message).toContain(problem)
    }
  })

  test('what is right is taken', () => {
    expect(errorsOf(input)).toEqual([undefined, undefined])
  })
})
