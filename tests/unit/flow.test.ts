import { describe, expect, test } from 'vitest'
import { andThen, drive, isPromise, runAll, wait } from '../../src/hooks/flow.ts'
import type { Flow } from '../../src/hooks/flow.ts'
import { deferred } from '../support/kernel.ts'

/** Something to wait for that is no promise of the platform. */
const thenable = <T>(value: T) =>
  ({ then: (resolve: (value: T) => unknown) => void resolve(value) }) as unknown as PromiseLike<T>

const settle = async () => {
  for (let i = 0; i < 20; i++) await Promise.resolve()
}

test.each<[string, unknown, boolean]>([
  ['a promise', Promise.resolve(), true],
  ['a thenable', thenable(1), true],
  ['an object whose then is no function', { then: 1 }, false],
  ['a function', Object.assign(() => 1, { then: () => 1 }), false],
  ['an object', {}, false],
  ['null', null, false],
  ['undefined', undefined, false],
])('isPromise: %s', (_, value, expected) => {
  expect(isPromise(value)).toBe(expected)
})

describe('andThen', () => {
  test('goes on at once with a value', () => {
    expect(andThen(2, (n) => n + 1)).toBe(3)
  })

  test('goes on later with a promise or a thenable', async () => {
    const later = andThen(Promise.resolve(2), (n: number) => n + 1)
    expect(later).toBeInstanceOf(Promise)
    expect(await later).toBe(3)
    expect(await andThen(thenable(2), (n) => n + 1)).toBe(3)
  })

  test('hands a rejection on', async () => {
    await expect(andThen(Promise.reject(new Error('no')), () => 1)).rejects.toThrow('no')
  })
})

describe('drive', () => {
  function* sum(...terms: (number | PromiseLike<number>)[]): Flow<number> {
    let total = 0
    for (const term of terms) total += yield* wait(term)
    return total
  }

  test('gives the value at once when nothing has to wait', () => {
    expect(drive(sum(1, 2, 3))).toBe(6)
  })

  test('gives a promise as soon as something has', async () => {
    const total = drive(sum(1, Promise.resolve(2), 3, Promise.resolve(4), thenable(5)))
    expect(total).toBeInstanceOf(Promise)
    expect(await total).toBe(15)
  })

  test('throws what the flow throws, or rejects with it', async () => {
    function* fails(first: number | Promise<number>): Flow<number> {
      yield* wait(first)
      throw new Error('broken')
    }
    expect(() => drive(fails(1))).toThrow('broken')
    await expect(drive(fails(Promise.resolve(1)))).rejects.toThrow('broken')
  })

  test('a rejection is thrown where the flow waits; it may catch it and wait again', async () => {
    function* catches(): Flow<string> {
      const log: string[] = []
      for (const each of ['a', 'b']) {
        try {
          yield* wait(Promise.reject(new Error(each)))
        } catch (error) {
          log.push((error as Error).message)
        }
      }
      log.push(yield* wait(Promise.resolve('c')))
      return log.join()
    }
    expect(await drive(catches())).toBe('a,b,c')
  })

  test('a flow may end in its catch', async () => {
    function* ends(): Flow<string> {
      try {
        yield* wait(Promise.reject(new Error('x')))
      } catch {
        return 'caught'
      }
      return 'not reached'
    }
    expect(await drive(ends())).toBe('caught')
  })

  test('a rejection that nobody catches rejects the whole', async () => {
    await expect(drive(sum(Promise.reject(new Error('no'))))).rejects.toThrow('no')
  })
})

describe('runAll', () => {
  test('gives the values in order, at once when none has to wait', () => {
    expect(runAll([() => 'a', () => 'b'], 1)).toEqual(['a', 'b'])
    expect(runAll([], 3)).toEqual([])
  })

  test('values and promises mixed come in the order of the tasks', async () => {
    const [first, second] = [deferred<string>(), deferred<string>()]
    const all = runAll([() => first.promise, () => 'now', () => second.promise], 9)
    second.resolve('second')
    await settle()
    first.resolve('first')
    expect(await all).toEqual(['first', 'now', 'second'])
  })

  test('it is over when the last one is', async () => {
    const [first, second] = [deferred<number>(), deferred<number>()]
    let over = false
    const all = Promise.resolve(runAll([() => first.promise, () => second.promise], 2)).then(() => (over = true))
    first.resolve(1)
    await settle()
    expect(over).toBe(false)
    second.resolve(2)
    await all
  })

  test.each([
    [1, [1, 1, 2, 3]],
    [2, [2, 2, 3, 4]],
    [4, [4, 4, 4, 4]],
    [9, [4, 4, 4, 4]],
  ])('at most %i at once, started in order as others end', async (limit, startedAfter) => {
    const tasks = [0, 1, 2, 3].map(() => deferred())
    const started: number[] = []
    const all = runAll(
      tasks.map(({ promise }, i) => () => {
        started.push(i)
        return promise
      }),
      limit,
    )
    const counts = [started.length]
    for (const { resolve } of tasks) {
      counts.push(started.length)
      resolve()
      await settle()
    }
    expect(counts.slice(0, 4)).toEqual(startedAfter)
    expect(started).toEqual([0, 1, 2, 3])
    await all
  })

  test('tasks that need not wait take no place', async () => {
    const gate = deferred<string>()
    const started: string[] = []
    const all = runAll(
      [
        () => 'a',
        () => gate.promise,
        () => {
          started.push('c')
          return 'c'
        },
      ],
      1,
    )
    expect(started).toEqual([])
    gate.resolve('b')
    expect(await all).toEqual(['a', 'b', 'c'])
  })

  test('a rejection rejects the whole', async () => {
    await expect(runAll([() => Promise.reject(new Error('no')), () => 1], 2)).rejects.toThrow('no')
  })

  test('a task that throws when its turn comes rejects the whole', async () => {
    const fails = () => {
      throw new Error('broken')
    }
    expect(() => runAll([fails], 1)).toThrow('broken')
    await expect(runAll([() => Promise.resolve(1), fails], 1)).rejects.toThrow('broken')
  })
})
