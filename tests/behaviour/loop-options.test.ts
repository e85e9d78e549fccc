/** The options of loops: of each, two values that come to two outcomes. */
import { loop, step } from 'hookchart'
import { describe, expect, test } from 'vitest'
import { outcomesOf } from '../support/outcomes.ts'
import { bench } from '../support/workflows.ts'

const same = step.run('same', ({ input }) => input ?? 'x')

async function run(options: object) {
  const given = { name: 'w', iterator: { range: { end: 4 } }, body: [same], ...options }
  return bench({}, []).system.workflows.execute(loop(given as never), 'go')
}
const outputOf = async (options: object) => (await run(options)).output

describe('loop options', () => {
  test('iterator: what it goes over', async () => {
    const output = (end: number) => outputOf({ iterator: { range: { end } } })
    expect(await outcomesOf(output, 1, 2)).toEqual([[0], [0, 1]])
  })

  test('body: what is done', async () => {
    const output = (value: string) => outputOf({ body: [step.run('give', () => value)], aggregation: 'last_only' })
    expect(await outcomesOf(output, 'a', 'b')).toEqual(['a', 'b'])
  })

  test('breakConditions: when it ends early', async () => {
    const output = (at: number) => outputOf({ breakConditions: [`$iteration >= ${at}`] })
    expect(await outcomesOf(output, 1, 2)).toEqual([[0], [0, 1]])
  })

  test('aggregation: what is kept', async () => {
    const output = (aggregation: string) => outputOf({ aggregation })
    expect(await outcomesOf(output, 'collect_all', 'last_only')).toEqual([[0, 1, 2, 3], 3])
  })

  test('iterationDelayMs: the wait between two', async () => {
    const begun = async (iterationDelayMs: number) => {
      const { system, clock } = bench({}, [])
      let count = 0
      const body = [step.run('count', () => ++count)]
      void system.workflows.execute(loop({ name: 'w', iterator: { range: { end: 4 } }, body, iterationDelayMs }), 'go')
      await clock.advanceSteps(100)
      return count
    }
    expect(await outcomesOf(begun, 50, 100)).toEqual([3, 2])
  })
})

describe('iterator', () => {
  const over = (iterator: object) => outputOf({ iterator })

  test('range: numbers', async () => {
    expect(await outcomesOf((range: object) => over({ range }), { end: 1 }, { end: 2 })).toEqual([[0], [0, 1]])
  })

  test('collection: values', async () => {
    const output = (collection: string[]) => over({ collection })
    expect(await outcomesOf(output, ['a'], ['b', 'c'])).toEqual([['a'], ['b', 'c']])
  })

  test('while: as long as it holds', async () => {
    const output = (at: number) => over({ while: `$iteration < ${at}` })
    expect(await outcomesOf(output, 1, 2)).toEqual([['x'], ['x', 'x']])
  })

  test('until: as long as it does not hold', async () => {
    const output = (at: number) => over({ until: `$iteration >= ${at}` })
    expect(await outcomesOf(output, 1, 2)).toEqual([['x'], ['x', 'x']])
  })

  test('maxIterations: how often at most', async () => {
    const output = (maxIterations: number) => over({ while: () => true, maxIterations })
    expect(await outcomesOf(output, 1, 2)).toEqual([['x'], ['x', 'x']])
  })
})

describe('range', () => {
  test.each([
    [
      'start',
      [0, 2],
      [
        [0, 1, 2, 3],
        [2, 3],
      ],
    ],
    ['end', [1, 2], [[0], [0, 1]]],
    [
      'step',
      [1, 2],
      [
        [0, 1, 2, 3],
        [0, 2],
      ],
    ],
  ] as const)('%s: which numbers', async (option, values, outcomes) => {
    const output = (value: number) => outputOf({ iterator: { range: { end: 4, [option]: value } } })
    expect(await outcomesOf(output, ...values)).toEqual(outcomes)
  })
})

describe('breakConditions', () => {
  test('test: when', async () => {
    const output = (at: number) => outputOf({ breakConditions: [{ test: `$iteration >= ${at}`, message: 'enough' }] })
    expect(await outcomesOf(output, 1, 2)).toEqual([[0], [0, 1]])
  })

  test('message: why it ended', async () => {
    const reason = async (message: string) => {
      const { system } = bench({}, [])
      let seen: unknown
      system.hooks.register('LoopTermination', ({ data }) => void (seen = data.reason))
      const breakConditions = [{ test: '$iteration >= 1', message }]
      await system.workflows.execute(
        loop({ name: 'w', iterator: { range: { end: 4 } }, body: [same], breakConditions }),
        'go',
      )
      return seen
    }
    expect(await outcomesOf(reason, 'enough', 'too much')).toEqual(['enough', 'too much'])
  })
})

describe('aggregation', () => {
  test('type: from which end', async () => {
    const output = (type: string) => outputOf({ aggregation: { type, n: 1 } })
    expect(await outcomesOf(output, 'first_n', 'last_n')).toEqual([[0], [3]])
  })

  test('n: how many', async () => {
    const output = (n: number) => outputOf({ aggregation: { type: 'first_n', n } })
    expect(await outcomesOf(output, 1, 2)).toEqual([[0], [0, 1]])
  })
})
