import { breakerPresets } from 'hookchart/hooks'
import { describe, expect, test } from 'vitest'
import { parseExecutorOptions } from '../../src/hooks/executor-options.ts'
import { errorOf } from '../support/refusal.ts'

const DEFAULTS = {
  timeoutMs: 5_000,
  gateTimeoutMs: 30_000,
  breaker: breakerPresets.default,
  overheadBudget: 0.05,
  maxDepth: 16,
  maxRedirects: 8,
}

const settings = (options: unknown, id = 'BeforeToolExecution', aliases: readonly string[] = []) =>
  parseExecutorOptions(options)(id, aliases)

test('the defaults are those of the contract', () => {
  expect(settings(undefined)).toEqual(DEFAULTS)
  expect(settings({})).toEqual(DEFAULTS)
  expect(settings({ timeoutMs: undefined, points: undefined })).toEqual(DEFAULTS)
})

test('each option is read', () => {
  expect(
    settings({
      timeoutMs: '1s',
      gateTimeoutMs: 2,
      breaker: 'conservative',
      overheadBudget: 1,
      maxDepth: 1,
      maxRedirects: 0,
    }),
  ).toEqual({
    timeoutMs: 1_000,
    gateTimeoutMs: 2,
    breaker: breakerPresets.conservative,
    overheadBudget: 1,
    maxDepth: 1,
    maxRedirects: 0,
  })
  expect(settings({ breaker: false, overheadBudget: false })).toMatchObject({ breaker: false, overheadBudget: false })
})

describe('points have their own', () => {
  const options = {
    timeoutMs: 1,
    points: {
      'Before*': { timeoutMs: 2, maxDepth: 2 },
      before_tool_execution: { maxRedirects: 3 },
      BeforeToolExecution: { timeoutMs: 4, maxDepth: undefined },
    },
  }

  test('by glob, alias and id; later ones win, key by key', () => {
    expect(settings(options, 'BeforeToolExecution', ['before_tool_execution'])).toMatchObject({
      timeoutMs: 4,
      maxDepth: 2,
      maxRedirects: 3,
    })
    expect(settings(options, 'BeforeChain', ['before_chain'])).toMatchObject({
      timeoutMs: 2,
      maxDepth: 2,
      maxRedirects: 8,
    })
    expect(settings(options, 'AfterChain')).toMatchObject({ timeoutMs: 1, maxDepth: 16 })
  })

  test.each(['tool:*', 'Nope*', 'BeforeToolExecutoin', 'tool:erorr', ''])('%j is no point, and refused', (point) => {
    const error = errorOf(() => parseExecutorOptions({ points: { [point]: { maxDepth: 1 } } }))
    expect(error.code).toBe('UNKNOWN_POINT')
    expect(error.message).toContain(`executor.points: There is no hook point "${point}".`)
  })

  test('those of your own may be declared later', () => {
    const options = { points: { 'custom:send': { maxDepth: 1 }, 'custom:*': { maxRedirects: 1 } } }
    expect(settings(options, 'custom:send')).toMatchObject({ maxDepth: 1, maxRedirects: 1 })
    expect(settings(options, 'custom:other')).toMatchObject({ maxDepth: 16, maxRedirects: 1 })
  })
})

test.each<[string, object, string]>([
  ['no time for a hook', { timeoutMs: 0 }, '"timeoutMs"'],
  ['no time for a gate', { gateTimeoutMs: 0 }, '"gateTimeoutMs"'],
  ['no depth', { maxDepth: 0 }, '"maxDepth"'],
  ['a broken depth', { maxDepth: 1.5 }, '"maxDepth"'],
  ['fewer redirects than none', { maxRedirects: -1 }, '"maxRedirects"'],
  ['a budget of 0', { overheadBudget: 0 }, '"overheadBudget"'],
  ['a budget over 1', { overheadBudget: 1.001 }, '"overheadBudget"'],
  ['a budget of true', { overheadBudget: true }, '"overheadBudget"'],
  ['an unknown breaker', { breaker: 'fast' }, '"breaker"'],
  ['an unknown option', { timeout: 1 }, 'unknown option "timeout"'],
  ['an unknown option of a point', { points: { ToolError: { timeout: 1 } } }, '"points.ToolError"'],
  ['points in points', { points: { ToolError: { points: {} } } }, 'unknown option "points"'],
  ['no object', [] as object, 'expected object'],
])('%s is refused', (_, options, says) => {
  const error = errorOf(() => parseExecutorOptions(options))
  expect(error.code).toBe('INVALID_OPTIONS')
  expect(error.message).toMatch(/^executor: /)
  expect(error.message).toContain(says)
})

test.each([[0.000_1], [1]])('a budget of %d is fine', (overheadBudget) => {
  expect(settings({ overheadBudget }).overheadBudget).toBe(overheadBudget)
})
