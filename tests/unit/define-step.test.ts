/** `step`: the four kinds of steps, every option, its default and its refusal. */
import { step } from 'hookchart/machines'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { errorOf } from '../support/refusal.ts'
import { changeable, reader, report, wordCount } from './define-samples.ts'

const mapInput = () => ({ text: 'a b' })
const execute = () => 1
const DEFAULTS = { input: undefined, timeoutMs: 30_000, retry: undefined, metadata: {}, compensate: undefined }

describe('each kind', () => {
  test('has its component and the defaults', () => {
    expect(step.tool('a', wordCount)).toEqual({
      ...DEFAULTS,
      type: 'tool',
      name: 'a',
      tool: wordCount,
      mapInput: undefined,
    })
    expect(step.tool('a', 'search', mapInput)).toEqual({
      ...DEFAULTS,
      type: 'tool',
      name: 'a',
      tool: 'search',
      mapInput,
    })
    expect(step.agent('a', reader, mapInput)).toEqual({
      ...DEFAULTS,
      type: 'agent',
      name: 'a',
      agent: reader,
      mapInput,
    })
    expect(step.agent('a', 'writer')).toMatchObject({ agent: 'writer' })
    expect(step.run('a', execute)).toEqual({ ...DEFAULTS, type: 'run', name: 'a', execute })
    // A workflow has a time limit of its own.
    expect(step.workflow('a', report, mapInput)).toEqual({
      ...DEFAULTS,
      timeoutMs: undefined,
      type: 'workflow',
      name: 'a',
      workflow: report,
      mapInput,
    })
  })

  test('keeps its options, and nothing of it can be changed', () => {
    const metadata = { owner: { team: 'a' } }
    const compensate = () => undefined
    const input = z.string()
    const options = { input, timeoutMs: '5s', retry: { maxAttempts: 2 }, metadata, compensate } as const
    const kept = {
      input,
      timeoutMs: 5_000,
      retry: { maxAttempts: 2, backoff: { delayMs: 1_000, multiplier: 2, maxDelayMs: 60_000 } },
      metadata: { owner: { team: 'a' } },
      compensate,
    }
    const steps = [
      step.tool('a', wordCount, mapInput, options),
      step.agent('a', reader, mapInput, options),
      step.workflow('a', report, mapInput, options),
      step.run('a', execute, options),
    ]
    metadata.owner.team = 'b'
    for (const each of steps) {
      expect(each).toMatchObject(kept)
      expect(changeable(each)).toEqual([])
    }
    expect(step.run('a', execute, { timeoutMs: false }).timeoutMs).toBeUndefined()
  })
})

describe('retry', () => {
  const retryOf = (retry: object) => step.run('a', execute, { retry }).retry

  test('has the defaults of the reference', () => {
    expect(retryOf({})).toEqual({ maxAttempts: 3, backoff: { delayMs: 1_000, multiplier: 2, maxDelayMs: 60_000 } })
  })

  test('a duration alone is the first wait', () => {
    expect(retryOf({ backoff: '2s' })?.backoff).toEqual({ delayMs: 2_000, multiplier: 2, maxDelayMs: 60_000 })
    expect(retryOf({ backoff: 0 })?.backoff).toMatchObject({ delayMs: 0 })
    expect(retryOf({ backoff: '5m' })?.backoff).toMatchObject({ delayMs: 300_000, maxDelayMs: 300_000 })
  })

  test('takes all parts of a backoff', () => {
    const backoff = { delayMs: 10, multiplier: 1, maxDelayMs: '1s' }
    expect(retryOf({ maxAttempts: 1, backoff })).toEqual({ maxAttempts: 1, backoff: { ...backoff, maxDelayMs: 1_000 } })
  })
})

const bad: [string, object, string][] = [
  ['an input that is no schema', { input: 'string' }, '"input"'],
  ['no time', { timeoutMs: 0 }, '"timeoutMs": expected a duration greater than 0'],
  ['a time of true', { timeoutMs: true }, '"timeoutMs"'],
  ['no attempt', { retry: { maxAttempts: 0 } }, '"retry.maxAttempts"'],
  ['more attempts than a run may have', { retry: { maxAttempts: 101 } }, '"retry.maxAttempts"'],
  ['an unknown part of a retry', { retry: { times: 1 } }, '"retry": unknown option "times"'],
  ['a backoff that is no duration', { retry: { backoff: 'soon' } }, '"retry.backoff.delayMs"'],
  ['a backoff that shrinks', { retry: { backoff: { multiplier: 0.5 } } }, '"retry.backoff.multiplier"'],
  ['a longest wait below 0', { retry: { backoff: { maxDelayMs: -1 } } }, '"retry.backoff.maxDelayMs"'],
  ['an unknown part of a backoff', { retry: { backoff: { jitter: 1 } } }, '"retry.backoff": unknown option "jitter"'],
  ['metadata that is no object', { metadata: ['a'] }, '"metadata": expected a JSON object, not an array'],
  ['metadata that is not JSON', { metadata: { f: execute } }, '"metadata": expected JSON, but "f" is a function'],
  ['a compensation that is no function', { compensate: 'undo' }, '"compensate": expected a function'],
  ['an unknown option', { retries: 1 }, 'unknown option "retries"'],
]

test.each(bad)('%s is refused', (_, options, problem) => {
  const makers: (() => unknown)[] = [
    () => step.tool('a', wordCount, undefined, options),
    () => step.agent('a', reader, undefined, options),
    () => step.workflow('a', report, undefined, options),
    () => step.run('a', execute, options),
  ]
  for (const make of makers) {
    const error = errorOf(make)
    expect(error.code).toBe('INVALID_OPTIONS')
    expect(error.message).toMatch(/^step\.(tool|agent|workflow|run)\("a"\): /)
    expect(error.message).toContain(problem)
  }
})

test('what is no component is refused, with what would be one', () => {
  const refused: [() => unknown, string][] = [
    [() => step.tool('a', reader as never), 'Give what defineTool gave, or the name of a tool.'],
    [() => step.tool('a', { ...wordCount }), 'the tool is an object'],
    [() => step.tool('a', ''), '"tool": expected a name that is not empty'],
    [() => step.agent('a', undefined as never), 'Give what defineAgent gave, or the name of an agent.'],
    [() => step.workflow('a', 'report' as never), 'Give what sequential, conditional, loop or parallel gave.'],
    [() => step.tool('', wordCount), '"name"'],
    [() => step.run('__proto__', execute), '"name"'],
  ]
  for (const [make, problem] of refused) {
    const error = errorOf(make)
    expect(error.code).toBe('INVALID_OPTIONS')
    expect(error.message).toContain(problem)
  }
})

test('what is no function is refused', () => {
  const late = errorOf(() => step.tool('a', wordCount, { timeoutMs: 1 } as never))
  expect(late).toMatchObject({ code: 'INVALID_HANDLER', details: { where: 'step.tool("a")' } })
  expect(late.message).toContain('pass undefined before them')
  const none = errorOf(() => step.run('a', undefined as never))
  expect(none).toMatchObject({ code: 'INVALID_HANDLER', details: { where: 'step.run("a")' } })
})
