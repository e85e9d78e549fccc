import { HookchartError } from 'hookchart/hooks'
import { describe, expect, test } from 'vitest'
import { changeData } from '../../src/hooks/change.ts'
import type { Change } from '../../src/hooks/change.ts'
import { meet, strongest, typeOf } from '../../src/hooks/executor/patterns/precedence.ts'
import type { Met } from '../../src/hooks/executor/patterns/precedence.ts'
import { newOutcome } from '../../src/hooks/executor/outcome.ts'
import type { Outcome } from '../../src/hooks/executor/outcome.ts'
import type { Verdict } from '../../src/hooks/executor/verdict.ts'
import { nothing, scopeOf, unitOf } from './kernel-samples.ts'

const asker = newOutcome(unitOf('h', nothing), 0)
const verdicts = {
  fail: { type: 'fail', hook: 'h', error: new HookchartError('X', 'm') },
  cancel: { type: 'cancel', hook: 'h', code: 'HOOK_CANCELLED', reason: 'no' },
  restart: { type: 'restart', hook: 'h', exempt: undefined, replacement: undefined },
  suspend: { type: 'suspend', hook: 'h', ask: { type: 'suspend', question: 'q', expiresInMs: 1 }, asker },
  replace: { type: 'replace', hook: 'h', value: 1 },
  redirect: { type: 'redirect', hook: 'h', target: 't' },
  fork: { type: 'fork', hook: 'h', operations: [], asker },
  retry: { type: 'retry', hook: 'h', delayMs: 0, maxAttempts: 1 },
} satisfies Record<string, Verdict>

const met = (verdict?: Verdict, more: Partial<Met> = {}): Met => ({
  verdict,
  scope: scopeOf({ input: 0 }),
  outcome: undefined,
  abstains: false,
  ...more,
})

const change = (data: object, patch: object) => changeData(data as never, patch, undefined) as Change

describe('the strongest', () => {
  const order = Object.values(verdicts)

  test.each(order.slice(1).map((weaker, i) => [order[i]!, weaker] as const))('%o before %o', (stronger, weaker) => {
    expect(strongest([met(weaker), met(stronger)])).toMatchObject(stronger)
    expect(strongest([met(stronger), met(weaker)])).toMatchObject(stronger)
  })

  test('among equals the first declared', () => {
    const again = { ...verdicts.replace, hook: 'second' }
    expect(strongest([met(), met(verdicts.replace), met(again)])).toBe(verdicts.replace)
  })

  test('what is waited for comes with what is due behind it', () => {
    const { suspend, fork, replace, redirect } = verdicts
    const second = { ...suspend, hook: 'second', next: redirect }
    expect(strongest([met(fork), met(suspend), met(second), met(replace)])).toEqual({
      ...suspend,
      next: { ...second, next: replace },
    })
  })

  test('one answer exempts who was asked; several exempt nobody', () => {
    const restart = { ...verdicts.restart, exempt: unitOf('asked', nothing) }
    expect(strongest([met(restart)])).toBe(restart)
    expect(strongest([met(verdicts.replace), met(restart)])).toBe(restart)
    expect(strongest([met(restart), met(verdicts.cancel)])).toBe(verdicts.cancel)
    expect(strongest([met(restart), met({ ...restart, hook: 'second' })])).toEqual({ ...restart, exempt: undefined })
  })

  test('nobody wants anything', () => {
    expect(strongest([])).toBeUndefined()
    expect(strongest([met(), met()])).toBeUndefined()
  })
})

describe('the type that a child stands for', () => {
  test.each(Object.entries(verdicts))('is that of its verdict: %s', (type, verdict) => {
    expect(typeOf(met(verdict, { abstains: true }))).toBe(type)
  })

  test('else modified, cache, skipped, continue', () => {
    const changed = scopeOf({ input: 0 })
    changed.accept(change({ input: 0 }, { input: 1 }))
    changed.cache = { key: 'k', ttlMs: 1, hook: 'h' }
    const cached = scopeOf()
    cached.cache = { key: 'k', ttlMs: 1, hook: 'h' }
    expect(typeOf(met(undefined, { scope: changed, abstains: true }))).toBe('modified')
    expect(typeOf(met(undefined, { scope: cached, abstains: true }))).toBe('cache')
    expect(typeOf(met(undefined, { abstains: true }))).toBe('skipped')
    expect(typeOf(met())).toBe('continue')
  })
})

describe('meeting', () => {
  const unit = unitOf('child', nothing)
  const meeting = (outcome: Partial<Outcome> | undefined, verdict?: Verdict) => {
    const scope = scopeOf({ input: 0 })
    const outcomes: Outcome[] = [newOutcome(unit, 0)]
    const result = meet(unit, scope, outcomes, (_, own, list) => {
      own.accept(change({ input: 0 }, { input: 1 }))
      if (outcome !== undefined) list.push({ ...newOutcome(unit, 0), ...outcome })
      return verdict
    }) as Met
    return { scope, result }
  }

  test('happens on a copy', () => {
    const { scope, result } = meeting({ outcome: 'ok', type: 'continue' })
    expect(scope.data).toEqual({ input: 0 })
    expect(scope.changes).toEqual([])
    expect(result.scope.data).toEqual({ input: 1 })
    expect([scope.waits, result.scope.waits]).toEqual([true, false])
  })

  test.each<[Partial<Outcome> | undefined, boolean]>([
    [{ outcome: 'ok', type: 'continue' }, false],
    [{ outcome: 'ok', type: 'cancel' }, false],
    [{ outcome: 'ok', type: 'skipped' }, true],
    [{ outcome: 'failed', type: 'failed' }, true],
    [{ outcome: 'timed_out', type: 'failed' }, true],
    [{ outcome: 'skipped', type: 'skipped' }, true],
    [{ outcome: 'unavailable', type: 'failed' }, true],
    [undefined, true],
  ])('%j abstains: %s', (outcome, abstains) => {
    expect(meeting(outcome).result.abstains).toBe(abstains)
  })

  test('gives its verdict, now or later', async () => {
    expect(meeting({ outcome: 'ok' }, verdicts.retry).result.verdict).toBe(verdicts.retry)
    const later = meet(unit, scopeOf(), [], async () => verdicts.cancel)
    expect(later).toBeInstanceOf(Promise)
    expect((await later).verdict).toBe(verdicts.cancel)
  })
})
