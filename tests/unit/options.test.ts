import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { parseOptions } from '../../src/options.ts'
import { errorOf } from '../support/refusal.ts'

const schema = z.strictObject({
  size: z.number().default(1),
  inner: z.strictObject({ list: z.array(z.string()) }).optional(),
})

test('gives what the schema makes of them', () => {
  expect(parseOptions(schema, {}, 'make')).toEqual({ size: 1 })
  expect(parseOptions(schema, { size: 2 }, 'make')).toEqual({ size: 2 })
})

test('names the call, the path and the problem', () => {
  const error = errorOf(() => parseOptions(schema, { size: 'big' }, 'make("x")'))
  expect(error.code).toBe('INVALID_OPTIONS')
  expect(error.message).toMatch(/^make\("x"\): "size": .*expected number.*\.$/)
  expect(error.details).toEqual({
    where: 'make("x")',
    flaws: [{ path: 'size', problem: expect.stringContaining('expected number') }],
  })
})

test('a path goes through objects and lists', () => {
  const error = errorOf(() => parseOptions(schema, { inner: { list: ['a', 1] } }, 'make'))
  expect(error.details['flaws']).toMatchObject([{ path: 'inner.list.1' }])
})

test('an unknown option is named, at its place', () => {
  expect(errorOf(() => parseOptions(schema, { sise: 1 }, 'make')).message).toBe(
    'make: unknown option "sise"; known: size, inner.',
  )
  expect(errorOf(() => parseOptions(schema, { inner: { list: [], a: 1, b: 2 } }, 'make')).message).toBe(
    'make: "inner": unknown option "a", "b"; known: list.',
  )
})

test('all flaws are told', () => {
  const error = errorOf(() => parseOptions(schema, { size: null, sise: 1 }, 'make'))
  expect(error.message).toMatch(/^make: "size": .*; unknown option "sise"; known: size, inner\.$/)
  expect(error.details['flaws']).toHaveLength(2)
})

test.each([[null], [undefined], [3], ['x'], [[]]])('%j instead of options is refused', (value) => {
  const error = errorOf(() => parseOptions(schema, value, 'make'))
  expect(error.code).toBe('INVALID_OPTIONS')
  expect(error.message).toMatch(/^make: [^"]*expected object/)
  expect(error.details['flaws']).toMatchObject([{ path: '' }])
})

describe('of several things that may be written', () => {
  const either = z.strictObject({
    limit: z.union(
      [z.literal(false), z.enum(['low', 'high']), z.strictObject({ size: z.number() })],
      'expected a limit',
    ),
  })
  const messageFor = (limit: unknown) => errorOf(() => parseOptions(either, { limit }, 'make')).message

  test('what is right as a whole and wrong inside is told by what is wrong inside', () => {
    expect(messageFor({ size: 'big' })).toMatch(/^make: "limit\.size": .*expected number/)
    expect(messageFor({ size: 1, sise: 1 })).toBe('make: "limit": unknown option "sise".')
  })

  test('what is none of them is told as such', () => {
    expect(messageFor('lo')).toBe('make: "limit": expected a limit.')
    expect(messageFor(null)).toBe('make: "limit": expected a limit.')
  })

  test('what may be meant in two ways is told as such', () => {
    const two = z.union([z.strictObject({ a: z.number() }), z.strictObject({ b: z.number() })], 'expected a or b')
    expect(errorOf(() => parseOptions(two, { c: 1 }, 'make')).message).toBe('make: expected a or b.')
  })
})
