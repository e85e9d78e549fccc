/** `sequential`, `conditional`, `loop`, `parallel`: every option, its default and its refusal. */
import { conditional, loop, parallel, sequential, step } from 'hookchart/machines'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { errorOf } from '../support/refusal.ts'
import { changeable, one } from './define-samples.ts'

const two = step.run('two', () => 2)
const steps = [one]
const SHARED = {
  type: 'workflow',
  name: 'flow',
  component: { type: 'workflow', name: 'flow', id: 'flow' },
  description: '',
  version: '1.0.0',
  tags: [],
  input: undefined,
  output: undefined,
  metadata: {},
  timeoutMs: 300_000,
}
const ALWAYS = { type: 'always' } as const
const branches = [{ name: 'a', condition: ALWAYS, steps }]
const range = { range: { end: 3 } }

const patterns = {
  sequential: (options: object = {}) => sequential({ name: 'flow', steps, ...options }),
  conditional: (options: object = {}) => conditional({ name: 'flow', branches, ...options }),
  loop: (options: object = {}) => loop({ name: 'flow', iterator: range, body: steps, ...options }),
  parallel: (options: object = {}) => parallel({ name: 'flow', branches: [{ name: 'a', steps }], ...options }),
}

test('what is not given has its default', () => {
  expect(patterns.sequential()).toEqual({ ...SHARED, pattern: 'sequential', steps, onError: 'fail_fast' })
  expect(patterns.conditional()).toEqual({
    ...SHARED,
    pattern: 'conditional',
    branches: [{ name: 'a', condition: ALWAYS, isDefault: false, steps }],
    executeAllMatching: false,
  })
  expect(patterns.loop()).toEqual({
    ...SHARED,
    pattern: 'loop',
    iterator: { type: 'range', start: 0, end: 3, step: 1 },
    body: steps,
    breakConditions: [],
    aggregation: 'collect_all',
    iterationDelayMs: 0,
    onError: 'fail_fast',
  })
  expect(patterns.parallel()).toEqual({
    ...SHARED,
    timeoutMs: 3_600_000,
    pattern: 'parallel',
    branches: [{ name: 'a', steps, optional: false, timeoutMs: undefined }],
    maxConcurrency: 4,
    failFast: true,
    join: 'all',
    mergeState: undefined,
  })
})

const unfit: [string, object, string][] = [
  ['a name with a glob', { name: 'a*' }, '"name"'],
  ['an input that is no schema', { input: 1 }, '"input"'],
  ['an output that is no schema', { output: 1 }, '"output"'],
  ['no time', { timeoutMs: 0 }, '"timeoutMs"'],
  ['metadata that is not JSON', { metadata: { f: test } }, '"metadata": expected JSON'],
  ['a version that is no text', { version: 1 }, '"version"'],
  ['a description that is no text', { description: 1 }, '"description"'],
  ['a tag twice', { tags: ['a', 'a'] }, '"tags"'],
  ['an unknown option', { retries: 1 }, 'unknown option "retries"'],
]

describe.each(Object.entries(patterns))('%s', (pattern, make) => {
  test('keeps what all workflows take', () => {
    const given = {
      description: 'x',
      version: '2.0.0',
      tags: ['a'],
      input: z.string(),
      output: z.number(),
      metadata: { a: { b: 1 } },
    }
    const flow = make({ ...given, timeoutMs: '1s' })
    expect(flow).toMatchObject({ ...given, pattern, timeoutMs: 1_000 })
    expect(changeable(flow)).toEqual([])
    expect(make({ timeoutMs: false }).timeoutMs).toBeUndefined()
  })

  test.each(unfit)('refuses %s', (_, options, problem) => {
    const error = errorOf(() => make(options))
    expect(error.code).toBe('INVALID_OPTIONS')
    expect(error.message).toMatch(new RegExp(`^${pattern}\\("`))
    expect(error.message).toContain(problem)
  })

  test.each([undefined, null, 'flow'])('refuses %s as a description', (options) => {
    const maker = { sequential, conditional, loop, parallel }[pattern] as (options: unknown) => unknown
    expect(errorOf(() => maker(options)).code).toBe('INVALID_OPTIONS')
  })
})

describe('steps', () => {
  const places: [string, (steps: unknown) => unknown][] = [
    ['sequential', (steps) => patterns.sequential({ steps })],
    ['conditional', (steps) => patterns.conditional({ branches: [{ name: 'a', condition: ALWAYS, steps }] })],
    ['loop', (body) => patterns.loop({ body })],
    ['parallel', (steps) => patterns.parallel({ branches: [{ name: 'a', steps }] })],
  ]

  test.each(places)('of %s: at least one, made by step, each name once', (_, make) => {
    expect(errorOf(() => make([])).message).toContain('expected at least one step')
    expect(errorOf(() => make(undefined)).code).toBe('INVALID_OPTIONS')
    expect(errorOf(() => make([{ ...one }])).message).toContain('expected what step.tool')
    expect(errorOf(() => make([one, two, one]))).toMatchObject({ code: 'DUPLICATE_NAME', details: { name: 'one' } })
  })

  test('a list that is changed later changes nothing', () => {
    const list = [one]
    const flow = patterns.sequential({ steps: list })
    list.push(two)
    expect(flow).toMatchObject({ steps: [{ name: 'one' }] })
  })

  test('the same name may stand in two branches', () => {
    expect(
      patterns.parallel({
        branches: [
          { name: 'a', steps },
          { name: 'b', steps },
        ],
      }),
    ).toMatchObject({
      pattern: 'parallel',
    })
  })
})

test.each(['sequential', 'loop'] as const)('%s: what a failed step does', (pattern) => {
  expect(patterns[pattern]({ onError: 'continue' })).toMatchObject({ onError: 'continue' })
  expect(patterns[pattern]({ onError: { retry: { maxAttempts: 2, backoff: 100 } } })).toMatchObject({
    onError: { retry: { maxAttempts: 2, backoff: { delayMs: 100, multiplier: 2, maxDelayMs: 60_000 } } },
  })
  for (const [onError, problem] of [
    ['stop', "expected 'fail_fast'"],
    [{ retry: { maxAttempts: 0 } }, '"onError.retry.maxAttempts"'],
    [{ retries: 1 }, 'unknown option "retries"'],
  ] as const) {
    expect(errorOf(() => patterns[pattern]({ onError })).message).toContain(problem)
  }
})

describe('conditional', () => {
  test('the default branch stands anywhere', () => {
    const flow = conditional({
      name: 'flow',
      branches: [
        { name: 'other', isDefault: true, steps: [one] },
        { name: 'a', condition: ALWAYS, isDefault: false, steps: [one] },
      ],
      executeAllMatching: true,
    })
    expect(flow.branches.map(({ isDefault }) => isDefault)).toEqual([true, false])
    expect(flow.executeAllMatching).toBe(true)
  })

  const refusals: [string, unknown, string][] = [
    ['no branch', [], 'expected at least one branch'],
    ['a branch without a condition', [{ name: 'a', steps }], '"a" has no condition'],
    [
      'a default branch with a condition',
      [{ name: 'a', isDefault: true, condition: ALWAYS, steps }],
      'has a condition',
    ],
    [
      'two default branches',
      [
        { name: 'a', isDefault: true, steps },
        { name: 'b', isDefault: true, steps },
      ],
      '"a" and "b" are both the default branch',
    ],
    [
      'an unknown condition',
      [{ name: 'a', condition: { type: 'maybe' }, steps }],
      'branch "a": no condition has the type "maybe"',
    ],
    ['an unknown key', [{ name: 'a', condition: ALWAYS, when: 1, steps }], 'unknown option "when"'],
    ['__proto__ as a name', [{ name: '__proto__', condition: ALWAYS, steps }], '"branches.0.name"'],
  ]

  test.each(refusals)('refuses %s', (_, branches, problem) => {
    const error = errorOf(() => patterns.conditional({ branches }))
    expect(error.code).toBe('INVALID_OPTIONS')
    expect(error.message).toContain(problem)
  })

  test('refuses two branches of one name, and what is no boolean', () => {
    expect(errorOf(() => patterns.conditional({ branches: [...branches, ...branches] })).code).toBe('DUPLICATE_NAME')
    expect(errorOf(() => patterns.conditional({ executeAllMatching: 1 })).code).toBe('INVALID_OPTIONS')
  })
})

describe('loop', () => {
  const iteratorOf = (iterator: unknown) => patterns.loop({ iterator }).iterator

  test('goes over numbers, also down', () => {
    expect(iteratorOf({ range: { start: 5, end: 0, step: -2 } })).toEqual({ type: 'range', start: 5, end: 0, step: -2 })
  })

  test('goes over a copy of a list, or over what can be gone over again', () => {
    const list = [{ a: 1 }]
    const copy = iteratorOf({ collection: list })
    list[0]!.a = 2
    expect(copy).toEqual({ type: 'collection', collection: [{ a: 1 }] })
    const set = new Set([1])
    expect(iteratorOf({ collection: set })).toEqual({ type: 'collection', collection: set })
    const made = function* () {
      yield 1
    }
    expect(iteratorOf({ collection: made })).toEqual({ type: 'collection', collection: made })
    const lines = {
      async *[Symbol.asyncIterator]() {
        yield 'a'
      },
    }
    expect(iteratorOf({ collection: lines })).toEqual({ type: 'collection', collection: lines })
  })

  test('goes on while or until something holds, a bounded number of times', () => {
    expect(iteratorOf({ while: '$iteration < 3' })).toMatchObject({
      type: 'while',
      test: { type: 'expression', text: '$iteration < 3', expression: { type: 'compare' } },
      maxIterations: 10_000,
    })
    const until = () => true
    expect(iteratorOf({ until, maxIterations: 5 })).toEqual({
      type: 'until',
      test: { type: 'condition', condition: until },
      maxIterations: 5,
    })
  })

  const badIterators: [string, unknown, string][] = [
    ['nothing', undefined, '"iterator"'],
    ['an empty one', {}, 'names none of them'],
    ['two at once', { range: { end: 1 }, collection: [] }, 'names range and collection'],
    ['an unknown one', { times: 3 }, 'unknown option "times"'],
    ['a step of 0', { range: { end: 3, step: 0 } }, '"range.step": expected another step than 0'],
    ['a step too small to count', { range: { end: 1e300, step: 1e-300 } }, '"range.step"'],
    ['no end', { range: { start: 1 } }, '"range.end"'],
    ['an end of Infinity', { range: { end: Infinity } }, '"range.end"'],
    ['a start that is no number', { range: { start: 'a', end: 1 } }, '"range.start"'],
    ['an unknown key of a range', { range: { end: 1, by: 2 } }, '"range": unknown option "by"'],
    ['a text', { collection: 'abc' }, 'collection is "abc"'],
    ['an object', { collection: {} }, 'collection is an object'],
    ['values that are not JSON', { collection: [1, new Date(0)] }, 'collection.1 is an instance of Date'],
    ['an iterator', { collection: [1].values() }, 'which the first run would use up'],
    ['a bound of numbers', { range: { end: 1 }, maxIterations: 3 }, 'maxIterations does not go with range'],
    ['a bound of a list', { collection: [], maxIterations: 3 }, 'maxIterations does not go with collection'],
    ['no iteration', { while: () => true, maxIterations: 0 }, '"maxIterations"'],
    ['a condition that is none', { until: 1 }, 'the condition is 1'],
  ]

  test.each(badIterators)('refuses to go over %s', (_, iterator, problem) => {
    const error = errorOf(() => patterns.loop({ iterator }))
    expect(error.code).toBe('INVALID_OPTIONS')
    expect(error.message).toContain(problem)
  })

  test('an expression that does not parse is refused with its place and position', () => {
    const error = errorOf(() => patterns.loop({ breakConditions: ['true', '$iteration >'] }))
    expect(error.code).toBe('EXPRESSION_INVALID')
    expect(error.message).toMatch(/^loop\("flow"\): "breakConditions.1": .*position 12 is the end/)
    expect(error.details).toMatchObject({ position: 12, where: 'loop("flow"): "breakConditions.1"' })
    expect(errorOf(() => patterns.loop({ iterator: { while: '((' } })).message).toContain('"iterator", while')
  })

  test('break conditions say why they end the loop', () => {
    const done = () => true
    const flow = loop({
      name: 'flow',
      iterator: range,
      body: [one],
      breakConditions: ['$iteration >= 5', done, () => true, ALWAYS, { test: 'true', message: 'enough' }],
    })
    expect(flow.breakConditions.map(({ message }) => message)).toEqual([
      'Break condition met: $iteration >= 5',
      'Break condition met: done',
      'Break condition met: a function',
      'Break condition met: always',
      'enough',
    ])
    expect(flow.breakConditions[1]!.test).toEqual({ type: 'condition', condition: done })
    expect(changeable(flow)).toEqual([])
  })

  test('keeps its other options', () => {
    const options = { aggregation: { type: 'last_n', n: 2 }, iterationDelayMs: '1s' }
    expect(patterns.loop(options)).toMatchObject({ aggregation: { type: 'last_n', n: 2 }, iterationDelayMs: 1_000 })
    for (const aggregation of ['collect_all', 'last_only', 'none', { type: 'first_n', n: 1 }]) {
      expect(patterns.loop({ aggregation })).toMatchObject({ aggregation })
    }
  })

  const refusals: [string, object, string][] = [
    [
      'a message without a test',
      { breakConditions: [{ message: 'x' }] },
      '"breakConditions.0": the condition is undefined',
    ],
    ['a test without a message', { breakConditions: [{ test: 'true' }] }, '"message"'],
    ['an empty message', { breakConditions: [{ test: 'true', message: '' }] }, '"message"'],
    ['conditions that are no list', { breakConditions: 'true' }, '"breakConditions"'],
    ['an unknown aggregation', { aggregation: 'sum' }, '"aggregation": expected \'collect_all\''],
    ['the first 0', { aggregation: { type: 'first_n', n: 0 } }, '"aggregation.n"'],
    ['the first without a number', { aggregation: 'first_n' }, '"aggregation"'],
    ['a delay below 0', { iterationDelayMs: -1 }, '"iterationDelayMs"'],
  ]

  test.each(refusals)('refuses %s', (_, options, problem) => {
    const error = errorOf(() => patterns.loop(options))
    expect(error.code).toBe('INVALID_OPTIONS')
    expect(error.message).toContain(problem)
  })
})

describe('parallel', () => {
  const three = ['a', 'b', 'c'].map((name) => ({ name, steps }))

  test('keeps its options', () => {
    const mergeState = () => 1
    const flow = patterns.parallel({
      branches: [{ name: 'a', steps, optional: true, timeoutMs: '1s' }],
      maxConcurrency: 1,
      failFast: false,
      join: 'any',
      mergeState,
    })
    expect(flow).toMatchObject({
      branches: [{ name: 'a', optional: true, timeoutMs: 1_000 }],
      maxConcurrency: 1,
      failFast: false,
      join: 'any',
      mergeState,
    })
    expect(patterns.parallel({ branches: three, join: { atLeast: 3 } })).toMatchObject({ join: { atLeast: 3 } })
  })

  const refusals: [string, object, string][] = [
    ['no branch', { branches: [] }, 'expected at least one branch'],
    ['more than there are', { branches: three, join: { atLeast: 4 } }, '4 of 3 branches can never complete'],
    ['less than one', { branches: three, join: { atLeast: 0 } }, '"join.atLeast"'],
    ['one and a half', { branches: three, join: { atLeast: 1.5 } }, '"join.atLeast"'],
    ['an unknown join', { join: 'some' }, "\"join\": expected 'all', 'any' or { atLeast }"],
    ['no slot', { maxConcurrency: 0 }, '"maxConcurrency"'],
    ['a failFast that is no boolean', { failFast: 'yes' }, '"failFast"'],
    ['a merge that is no function', { mergeState: 'last' }, '"mergeState": expected a function'],
    ['an optional that is no boolean', { branches: [{ name: 'a', steps, optional: 1 }] }, '"branches.0.optional"'],
    ['no time for a branch', { branches: [{ name: 'a', steps, timeoutMs: 0 }] }, '"branches.0.timeoutMs"'],
    ['an unknown key of a branch', { branches: [{ name: 'a', steps, required: true }] }, 'unknown option "required"'],
  ]

  test.each(refusals)('refuses %s', (_, options, problem) => {
    const error = errorOf(() => patterns.parallel(options))
    expect(error.code).toBe('INVALID_OPTIONS')
    expect(error.message).toContain(problem)
  })

  test('refuses two branches of one name', () => {
    expect(errorOf(() => patterns.parallel({ branches: [...three, ...three] })).code).toBe('DUPLICATE_NAME')
  })
})
