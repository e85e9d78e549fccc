import { createMemoryJournal, HookchartError } from 'hookchart/hooks'
import { describe, expect, test } from 'vitest'
import {
  EffectRecord,
  EffectSettledRecord,
  GateRecord,
  LateRecord,
  newOutcome,
  OperationRecord,
  recordLate,
  SettledRecord,
  under,
} from '../../src/hooks/executor/records.ts'
import type { Outcome } from '../../src/hooks/executor/records.ts'
import { Run } from '../../src/hooks/executor/run.ts'
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

describe('an operation', () => {
  const operation = (status: string, failure?: HookchartError) => {
    const record = new OperationRecord('op-1', component, 5, undefined, undefined)
    record.status = status
    record.error = failure
    record.durationMs = 7
    return record
  }

  test.each([
    ['running', undefined, 'ok'],
    ['completed', undefined, 'ok'],
    ['cancelled', new HookchartError('HOOK_CANCELLED', 'm'), 'ok'],
    ['cancelled', new HookchartError('RUN_ABORTED', 'm'), 'aborted'],
    ['failed', error, 'failed'],
    ['failed', new HookchartError('RUN_ABORTED', 'm'), 'failed'],
    ['timed_out', new HookchartError('OPERATION_TIMED_OUT', 'm'), 'timed_out'],
  ])('that is %s: %s', (status, failure, outcome) => {
    expect(operation(status, failure).lines()).toEqual([
      {
        at: 5,
        point: null,
        component: 'add',
        hook: null,
        kind: 'operation',
        type: status,
        durationMs: 7,
        outcome,
        ...(failure && { message: failure.message, code: failure.code }),
        parent: null,
      },
    ])
  })

  test('as a record it names its parent, if it has one', () => {
    const cause = under(operation('running'))
    expect(operation('running').toRecord()).toEqual({ type: 'operation', at: 5, operation: 'op-1', component })
    expect(new OperationRecord('op-2', component, 5, cause, 'op-1').toRecord()).toMatchObject({ parent: 'op-1' })
    expect(cause.line()).toBe(0)
  })

  test('its end is a record of its own, without a line', () => {
    const record = operation('failed', error)
    const settled = new SettledRecord(record, 9)
    expect(settled.lines()).toEqual([])
    expect(settled.cause.record).toBe(record)
    expect(settled.toRecord()).toEqual({
      type: 'settled',
      at: 9,
      operation: 'op-1',
      status: 'failed',
      error: error.toJSON(),
    })
    expect(new SettledRecord(operation('completed'), 9).toRecord()).toEqual({
      type: 'settled',
      at: 9,
      operation: 'op-1',
      status: 'completed',
    })
  })
})

describe('an effect', () => {
  const start = () => new EffectRecord(new OperationRecord('op-1', component, 5, undefined, undefined), 2, 'key', 6)

  test.each([
    ['started', 'pending'],
    ['completed', 'ok'],
    ['failed', 'failed'],
    ['timed_out', 'timed_out'],
    ['aborted', 'aborted'],
  ])('that is %s: %s', (status, outcome) => {
    const record = start()
    record.status = status
    record.durationMs = 3
    expect(record.lines()).toEqual([
      {
        at: 6,
        point: null,
        component: 'add',
        hook: null,
        kind: 'effect',
        type: status,
        durationMs: 3,
        outcome,
        attempt: 2,
        parent: null,
      },
    ])
  })

  test('has what it failed of', () => {
    const record = start()
    record.error = error
    expect(record.lines()[0]).toMatchObject({ message: 'it broke', code: 'HOOK_FAILED' })
  })

  test('as a record', () => {
    expect(start().toRecord()).toEqual({
      type: 'effect',
      at: 6,
      operation: 'op-1',
      component,
      attempt: 2,
      idempotencyKey: 'key',
    })
  })
})

test('the end of an effect is a record of its own, without a line', () => {
  const effect = new EffectRecord(new OperationRecord('op-1', component, 5, undefined, undefined), 2, 'key', 6)
  const settled = new EffectSettledRecord(effect)
  Object.assign(effect, { status: 'failed', durationMs: 3, error })
  expect(settled.lines()).toEqual([])
  expect(settled.cause).toBe(effect.cause)
  expect(settled.toRecord()).toEqual({
    type: 'effect_settled',
    at: 9,
    operation: 'op-1',
    attempt: 2,
    status: 'failed',
    error: error.toJSON(),
  })
  effect.error = undefined
  expect(settled.toRecord()).not.toHaveProperty('error')
})

describe('what comes late', () => {
  const late = () =>
    new LateRecord(undefined, 'op-1', {
      at: 9,
      point: POINT,
      component: 'add',
      hook: 'slow',
      kind: 'transform',
      type: 'cancel',
      durationMs: 0,
    })

  test('has a line and a record', () => {
    expect(late().lines()).toMatchObject([{ hook: 'slow', type: 'cancel', outcome: 'late', parent: null }])
    expect(late().toRecord()).toEqual({
      type: 'late',
      at: 9,
      operation: 'op-1',
      point: POINT,
      hook: 'slow',
      kind: 'transform',
      result: 'cancel',
    })
  })

  test('is in the trace as long as the run goes on, in the journal always', () => {
    const journal = createMemoryJournal()
    const run = new Run({}, 'op-1', 'c', true, journal.open('op-1', 'c'))
    recordLate(run, late())
    expect(run.records).toHaveLength(1)
    void run.end()
    recordLate(run, late())
    expect(run.records).toHaveLength(1)
    expect(journal.read('op-1')).toHaveLength(2)
  })

  test('a run that keeps no records takes none', () => {
    const run = new Run({}, 'op-1', 'c', false, undefined)
    recordLate(run, late())
    expect([run.records, run.recording]).toEqual([undefined, false])
  })
})
