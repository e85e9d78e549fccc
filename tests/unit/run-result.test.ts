import { unwrap } from 'hookchart/hooks'
import type { RunResult } from 'hookchart/hooks'
import { describe, expect, test } from 'vitest'
import { HookchartError, isHookchartError } from '../../src/errors.ts'
import { errorOf } from '../support/refusal.ts'

const result = (fields: Partial<RunResult>): RunResult => ({
  status: 'completed',
  id: 'op-1',
  correlationId: 'run-1',
  durationMs: 0,
  attempts: 1,
  trace: [],
  metadata: {},
  ...fields,
})

describe('unwrap', () => {
  test.each(['completed', 'partial'] as const)('gives the output when %s', (status) => {
    expect(unwrap(result({ status, output: 3 }))).toBe(3)
    expect(unwrap(result({ status }))).toBeUndefined()
  })

  test.each(['failed', 'cancelled', 'timed_out'] as const)('throws the error itself when %s', (status) => {
    const error = new HookchartError('X', 'm')
    expect(errorOf(() => unwrap(result({ status, error, output: 3 })))).toBe(error)
  })

  test('throws an error with its code and details when the result went through JSON', () => {
    const error = new HookchartError('NET', 'no route', { name: 'NetError', retryable: true, details: { host: 'x' } })
    const copy = JSON.parse(JSON.stringify(result({ status: 'failed', error }))) as RunResult
    const thrown = errorOf(() => unwrap(copy))
    expect(thrown).toMatchObject({
      code: 'NET',
      name: 'NetError',
      message: 'no route',
      retryable: true,
      details: { host: 'x' },
    })
    expect(isHookchartError(thrown)).toBe(true)
  })

  test('an error without details has none after JSON either', () => {
    const copy = JSON.parse(JSON.stringify(result({ status: 'failed', error: new HookchartError('X', 'm') })))
    expect(errorOf(() => unwrap(copy as RunResult)).details).toEqual({})
  })

  test('of a suspended operation it says that there is no output yet', () => {
    expect(errorOf(() => unwrap(result({ status: 'suspended' }))).message).toBe(
      'Operation op-1 is suspended and has no output yet.',
    )
  })
})
