import { expect, test } from 'vitest'
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
