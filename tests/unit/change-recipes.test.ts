import { describe, expect, test } from 'vitest'
import { changeData } from '../../src/hooks/change.ts'
import { accepted, data, expectRoundTrip, recipe } from './change-samples.ts'

type Draft = Record<string, never>
describe('a recipe', () => {
  test('changes a draft; only what it changed is a patch', () => {
    const change = accepted(
      changeData(
        data,
        recipe((draft) => void (draft.input['a'] = 9)),
        undefined,
      ),
    )
    expect(change.data).toEqual({ input: { a: 9, inner: { b: 2 } }, list: [3, 1, 2] })
    expect(change.patches).toEqual([{ op: 'replace', path: ['input', 'a'], value: 9 }])
    expectRoundTrip(change)
    expect(data['input']).toEqual({ a: 1, inner: { b: 2 } })
  })

  test('may delete, add, and change lists', () => {
    const change = accepted(
      changeData(
        data,
        recipe((draft) => {
          delete draft.input['inner']
          draft.input['new'] = [{ x: 1 }]
          draft.list.splice(0, 2)
        }),
        undefined,
      ),
    )
    expect(change.data).toEqual({ input: { a: 1, new: [{ x: 1 }] }, list: [2] })
    expectRoundTrip(change)
  })

  test('may set a key to undefined, and take elements out of a list', () => {
    const change = accepted(
      changeData(
        data,
        recipe((draft) => {
          draft.input['a'] = undefined
          draft.list.length = 1
        }),
        undefined,
      ),
    )
    expect(change.data).toEqual({ input: { inner: { b: 2 } }, list: [3] })
    expectRoundTrip(change)
  })

  test('that changes nothing is no change, and the data stays the same object', () => {
    const change = accepted(
      changeData(
        data,
        recipe(() => undefined),
        undefined,
      ),
    )
    expect(change).toEqual({ data, patches: [], inversePatches: [] })
    expect(change.data).toBe(data)
  })

  test('may give anything that is no object, or its draft, besides', () => {
    expect(
      changeData(
        data,
        recipe((draft) => draft.list.push(4)),
        undefined,
      ),
    ).toMatchObject({
      data: { list: [3, 1, 2, 4] },
    })
    expect(
      changeData(
        data,
        recipe((draft) => draft),
        undefined,
      ),
    ).toMatchObject({ patches: [] })
    expect(
      changeData(
        data,
        recipe(() => null),
        undefined,
      ),
    ).toMatchObject({ patches: [] })
  })

  test('what it hands in is copied', () => {
    const given = { n: 1 }
    const change = accepted(
      changeData(
        data,
        recipe((draft) => void (draft.input['given'] = given)),
        undefined,
      ),
    )
    given.n = 2
    expect(change.data).toMatchObject({ input: { given: { n: 1 } } })
    expect(change.patches[0]!.value).toEqual({ n: 1 })
  })

  test.each<[string, (draft: never) => unknown, string]>([
    [
      'that gives other data',
      () => ({ input: 1 }),
      'replaces all of data; change the draft instead of returning another value',
    ],
    ['that gives a list', () => [], 'replaces all of data; change the draft instead of returning another value'],
    ['that is async', async () => undefined, 'has an async recipe; await first and give a recipe that is not async'],
    [
      'that is async and rejects',
      async () => {
        throw new Error('late')
      },
      'has an async recipe; await first and give a recipe that is not async',
    ],
    [
      'that throws',
      () => {
        throw new Error('no such key')
      },
      'has a recipe that failed: no such key',
    ],
    [
      'that throws a text',
      () => {
        throw 'no such key'
      },
      'has a recipe that failed: no such key',
    ],
    [
      'that sets what is no JSON',
      recipe((draft) => void (draft.input['f'] = () => 1)),
      'is not JSON: "input.f" is a function',
    ],
    [
      'that sets what is no JSON deep inside',
      recipe((draft) => void (draft.input['a'] = { b: [NaN] })),
      'is not JSON: "input.a.b.0" is NaN',
    ],
    [
      'that sets a __proto__ key',
      recipe((draft) => void (draft.input['x'] = JSON.parse('{"__proto__":1}'))),
      'is not JSON: "input.x.__proto__" is a __proto__ key',
    ],
    [
      'that puts undefined into a list',
      recipe((draft) => draft.list.push(undefined as never)),
      'is not JSON: "list.3" is undefined',
    ],
    [
      'that sets an element to undefined',
      recipe((draft) => void (draft.list[1] = undefined as never)),
      'is not JSON: "list.1" is undefined',
    ],
    [
      'that sets a symbol key',
      recipe((draft) => void Object.assign(draft.input, { [Symbol('s')]: 1 })),
      'is not JSON: it sets a symbol key',
    ],
    [
      'that sets a prototype',
      recipe((draft) => Object.setPrototypeOf(draft.input, {})),
      'has a recipe that failed: [Immer] Object.setPrototypeOf() cannot be used on an Immer draft',
    ],
  ])('%s cannot be accepted', (_, change, problem) => {
    expect(changeData(data, change as (draft: Draft) => void, undefined)).toBe(problem)
  })

  // A nested draft is revoked once the recipe is over, and must not be looked at.
  test.each<[string, Parameters<typeof recipe>[0], object]>([
    ['Object.assign', (draft) => Object.assign(draft.input, { a: 2 }), { input: { a: 2 } }],
    ['sort', (draft) => draft.list.sort(), { list: [1, 2, 3] }],
  ])('may give a part of its draft, as %s does', (_, change, after) => {
    expect(changeData(data, recipe(change), undefined)).toMatchObject({ data: after })
  })

  // Immer applies no patch whose path leads through `constructor`.
  test('never throws: below a key "constructor"', () => {
    const car = { input: { constructor: { name: 'Ford' } } }
    const change = recipe((draft) => void ((draft.input['constructor'] as { name?: string }).name = 'Opel'))
    expect(['string', 'object']).toContain(typeof changeData(car, change, undefined))
  })

  // String() of an object without a prototype throws.
  test('never throws: when it throws what has no text', () => {
    const change = recipe(() => {
      throw Object.create(null)
    })
    expect(changeData(data, change, undefined)).toContain('has a recipe that failed')
  })
})
