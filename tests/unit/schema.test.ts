import type { StandardSchemaV1 } from '@standard-schema/spec'
import { describe, expect, test, vi } from 'vitest'
import * as z from 'zod'
import { drive } from '../../src/hooks/flow.ts'
import { checkByPoint, checkBySchema, parseBySchema, shownBySchema } from '../../src/hooks/points/schema.ts'

const schema = z.object({ n: z.number(), list: z.array(z.string()).default([]) })
const later = schema.refine(async ({ n }) => n > 0, 'must be greater than 0')

/** A schema of another library. */
function foreign(issues: readonly StandardSchemaV1.Issue[]): StandardSchemaV1 {
  return { '~standard': { version: 1, vendor: 'test', validate: () => ({ issues }) } }
}

describe('parseBySchema', () => {
  test('gives what the schema makes of the value, at once if the schema does', () => {
    expect(parseBySchema(schema, { n: 1 })).toEqual({ value: { n: 1, list: [] } })
  })

  test('gives a promise when the schema does', async () => {
    const parsed = parseBySchema(later, { n: 1 })
    expect(parsed).toBeInstanceOf(Promise)
    expect(await parsed).toEqual({ value: { n: 1, list: [] } })
    expect(await parseBySchema(later, { n: 0 })).toEqual({
      problem: 'must be greater than 0',
      issues: [{ path: '', problem: 'must be greater than 0' }],
    })
  })

  test('says what is wrong, and where', () => {
    const parsed = parseBySchema(schema, { n: 'x', list: ['a', 1] })
    expect(parsed).toMatchObject({
      issues: [
        { path: 'n', problem: expect.stringContaining('expected number') },
        { path: 'list.1', problem: expect.stringContaining('expected string') },
      ],
      problem: expect.stringMatching(/^"n": .*expected number.*; "list\.1": .*expected string/),
    })
  })

  test('reads the paths of any library: keys, segments, symbols, none', () => {
    const parsed = parseBySchema(
      foreign([{ message: 'a', path: ['x', { key: 2 }, Symbol('s')] }, { message: 'b' }, { message: 'c', path: [] }]),
      0,
    )
    expect(parsed).toMatchObject({
      issues: [
        { path: 'x.2.Symbol(s)', problem: 'a' },
        { path: '', problem: 'b' },
        { path: '', problem: 'c' },
      ],
      problem: '"x.2.Symbol(s)": a; b; c',
    })
  })
})

describe('checkBySchema', () => {
  test('nothing is wrong with what fits', async () => {
    expect(checkBySchema(schema, { n: 1 })).toBeUndefined()
    expect(await checkBySchema(later, { n: 1 })).toBeUndefined()
  })

  test('what does not fit is told as text, now or later', async () => {
    expect(checkBySchema(schema, {})).toContain('"n"')
    const check = checkBySchema(later, { n: 0 })
    expect(check).toBeInstanceOf(Promise)
    expect(await check).toBe('must be greater than 0')
  })

  test('an output of undefined fits', () => {
    expect(checkBySchema(z.undefined(), undefined)).toBeUndefined()
  })
})

describe('shownBySchema', () => {
  test('shows what the schema made of a value, where that is JSON and parses to itself', () => {
    expect(drive(shownBySchema(schema, { n: 1 }, { n: 1, list: [] }))).toEqual({ n: 1, list: [] })
  })

  test('shows the value as it was given where the schema makes no JSON of it, even if that parses again', () => {
    const given = '2026-01-01'
    expect(drive(shownBySchema(z.coerce.date(), given, new Date(given)))).toBe(given)
  })
})

describe('checkByPoint', () => {
  test('the results of forks stand beside what the schema knows', () => {
    const check = checkByPoint(z.strictObject({ n: z.number() }))
    expect(check({ n: 1, forks: { a: { status: 'completed' } } })).toBeUndefined()
    expect(check({ n: 1 })).toBeUndefined()
    expect(check({ n: 1, other: 1 })).toContain('other')
    expect(check({ forks: {} })).toContain('"n"')
  })

  test('the data itself is not changed', () => {
    const validate = vi.fn(() => ({ value: undefined }))
    const data = Object.freeze({ n: 1, forks: {} })
    expect(checkByPoint({ '~standard': { version: 1, vendor: 'test', validate } })(data)).toBeUndefined()
    expect(validate).toHaveBeenCalledExactlyOnceWith({ n: 1 })
    expect(data).toEqual({ n: 1, forks: {} })
  })
})
