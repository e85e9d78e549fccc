import { createMemoryJournal, HookchartError } from 'hookchart/hooks'
import { describe, expect, test } from 'vitest'
import {
  EffectRecord,
  EffectSettledRecord,
  LateRecord,
  OperationRecord,
  SettledRecord,
  under,
} from '../../src/hooks/executor/records.ts'
import { Run } from '../../src/hooks/executor/run.ts'

const POINT = 'BeforeToolExecution'
const component = { type: 'tool', name: 'add', id: 'add' } as const
const error = new HookchartError('HOOK_FAILED', 'it broke')

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
    const run = new Run({}, 'op-1', 'c', true, journal)
    run.record(late())
    expect(run.records).toHaveLength(1)
    void run.end(component)
    run.record(late())
    expect(run.records).toHaveLength(1)
    expect(journal.read('op-1')).toHaveLength(2)
  })

  test('a run that keeps no records takes none', () => {
    const run = new Run({}, 'op-1', 'c', false, undefined)
    run.record(late())
    expect([run.records, run.recording]).toEqual([undefined, false])
  })
})
