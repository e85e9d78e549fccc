import { HookchartError } from 'hookchart/hooks'
import { describe, expect, test } from 'vitest'
import { GateRecord } from '../../src/hooks/executor/gate-record.ts'
import { newOutcome } from '../../src/hooks/executor/outcome.ts'
import type { Outcome } from '../../src/hooks/executor/outcome.ts'
import type { Link } from '../../src/hooks/registry/link.ts'
import { chainOf, nothing, registryOf, unitOf } from './kernel-samples.ts'

const POINT = 'BeforeToolExecution'
const component = { type: 'tool', name: 'add', id: 'add' } as const
const error = new HookchartError('HOOK_FAILED', 'it broke')

/** A gate with hooks given by name and kind. */
function gate(hooks: Record<string, object>, decisionsOnly = false) {
  const registry = registryOf()
  for (const [name, options] of Object.entries(hooks))
    registry.register({ points: POINT, handler: nothing, options: { name, ...options } })
  const slot = registry.points.slot(POINT)
  const record = new GateRecord(undefined, chainOf(slot), 'op-1', component, 2, 10, decisionsOnly)
  const link = (name: string) => slot.links.find((each) => each.name === name) as Link
  const outcome = (name: string, more: Partial<Outcome> = {}): Outcome => ({
    ...newOutcome(link(name), 11),
    outcome: 'ok',
    type: 'continue',
    ...more,
  })
  return { record, slot, link, outcome }
}

const shown = (record: GateRecord) =>
  record.lines().map(({ hook, outcome, type, parent }) => [hook, outcome, type, parent])

describe('a gate', () => {
  test('in which nobody said anything has a line for itself and each hook', () => {
    const { record } = gate({ t: {}, g: { kind: 'guard' }, o: { kind: 'observe' } })
    record.endedAt = 14
    expect(record.lines()[0]).toEqual({
      at: 10,
      point: POINT,
      component: 'add',
      hook: null,
      kind: 'gate',
      type: 'continue',
      durationMs: 4,
      outcome: 'ok',
      parent: null,
    })
    expect(shown(record).slice(1)).toEqual([
      ['t', 'ok', 'continue', 0],
      ['g', 'ok', 'continue', 0],
      ['o', 'ok', 'observe', 0],
    ])
    expect(record.lines().map(({ durationMs }) => durationMs)).toEqual([4, 0, 0, 0])
  })

  test('a lone hook has taken all the time of its pass', () => {
    const { record } = gate({ t: {} })
    record.endedAt = 14
    expect(record.lines()[1]).toMatchObject({ at: 10, durationMs: 4 })
  })

  test('says how it ended', () => {
    const { record } = gate({ t: {} })
    record.end = { type: 'cancel', hook: 't', message: 'no', code: 'HOOK_CANCELLED' }
    expect(record.lines()[0]).toMatchObject({ type: 'cancel', outcome: 'ok', message: 'no', code: 'HOOK_CANCELLED' })
    record.end = { type: 'cancel', hook: undefined, message: undefined, code: 'RUN_ABORTED' }
    expect(record.lines()[0]).toMatchObject({ outcome: 'aborted', code: 'RUN_ABORTED' })
    expect(record.lines()[0]).not.toHaveProperty('message')
  })

  test('a hook’s line has its change, its message, its error', () => {
    const { record, outcome } = gate({ a: {}, b: {}, c: {}, d: {} })
    const patches = [{ op: 'replace' as const, path: ['input'], value: 2 }]
    const inversePatches = [{ op: 'replace' as const, path: ['input'], value: 1 }]
    record.outcomes = [
      outcome('a', { type: 'modified', change: { data: {}, patches, inversePatches }, message: 'm', durationMs: 3 }),
      outcome('b', { type: 'modified', change: { data: {}, patches: [], inversePatches: [] } }),
      outcome('c', { outcome: 'failed', type: 'failed', error, message: 'not this one' }),
    ]
    const [, a, b, c] = record.lines()
    expect(a).toEqual({
      at: 11,
      point: POINT,
      component: 'add',
      hook: 'a',
      kind: 'transform',
      type: 'modified',
      durationMs: 3,
      outcome: 'ok',
      patches,
      inversePatches,
      message: 'm',
      parent: 0,
    })
    expect(b).not.toHaveProperty('patches')
    expect(b).not.toHaveProperty('message')
    expect(c).toMatchObject({ outcome: 'failed', message: 'it broke', code: 'HOOK_FAILED' })
  })

  test('children of composites stand behind them, under them', () => {
    const { record, outcome } = gate({ a: {}, b: {} })
    const child = (name: string, more: Partial<Outcome> = {}): Outcome => ({
      ...newOutcome(unitOf(name, nothing), 11),
      outcome: 'ok',
      type: 'continue',
      ...more,
    })
    record.outcomes = [
      outcome('a', { children: [child('a/x', { children: [child('a/x/1')] }), child('a/y')] }),
      outcome('b'),
    ]
    expect(shown(record).slice(1)).toEqual([
      ['a', 'ok', 'continue', 0],
      ['a/x', 'ok', 'continue', 1],
      ['a/x/1', 'ok', 'continue', 2],
      ['a/y', 'ok', 'continue', 1],
      ['b', 'ok', 'continue', 0],
    ])
    expect(record.lineOf(record.outcomes[0]!.children![1]!.unit)).toBe(4)
    expect(record.lineOf(record.outcomes[1]!.unit)).toBe(5)
    expect(record.lineOf(unitOf('stranger', nothing))).toBe(0)
  })

  test('hooks that were shed come last, and say so', () => {
    const { record, slot, link } = gate({ a: {}, b: {} })
    link('a').shed = true
    slot.invalidate()
    const after = new GateRecord(undefined, chainOf(slot), 'op-1', component, 1, 10, false)
    expect(shown(after).slice(1)).toEqual([
      ['b', 'ok', 'continue', 0],
      ['a', 'skipped', 'skipped', 0],
    ])
    expect(after.lines()[2]?.message).toBe('shed: hooks cost more than their budget')
    expect(shown(record)).toHaveLength(3)
  })

  test.each<[string, Partial<Outcome>, boolean]>([
    ['continues', {}, false],
    ['is skipped', { outcome: 'skipped', type: 'skipped' }, false],
    ['is not run', { outcome: 'not_run', type: 'not_run' }, false],
    ['observes', { type: 'observe' }, false],
    ['observes and fails', { type: 'observe', outcome: 'failed' }, true],
    ['observes and hangs', { type: 'observe', outcome: 'timed_out' }, true],
    ['fails', { outcome: 'failed', type: 'failed' }, true],
    ['cancels', { type: 'cancel' }, true],
    ['changes something', { change: { data: {}, patches: [], inversePatches: [] } }, true],
    [
      'has a child that decides',
      { children: [{ ...newOutcome(unitOf('x', nothing), 0), outcome: 'ok', type: 'cancel' }] },
      true,
    ],
    ['has a child that does not', { children: [newOutcome(unitOf('x', nothing), 0)] }, false],
  ])('with decisions only, a hook that %s: %s', (_, more, listed) => {
    const { record, outcome } = gate({ a: {} }, true)
    record.outcomes = [outcome('a', more)]
    expect(record.lines().some(({ hook }) => hook === 'a')).toBe(listed)
  })

  test('as a record it has its hooks and its decision', () => {
    const { record } = gate({ a: {} })
    expect(record.toRecord()).toEqual({
      type: 'gate',
      at: 10,
      operation: 'op-1',
      point: POINT,
      component,
      gatePass: 2,
      decision: 'continue',
      hooks: [record.lines()[1]],
    })
    record.end = { type: 'cancel', hook: 'a', message: 'no', code: 'HOOK_CANCELLED' }
    expect(record.toRecord()).toMatchObject({ decision: 'cancel', hook: 'a' })
  })
})
