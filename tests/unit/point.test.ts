import { catalogue, definePoint } from 'hookchart/hooks'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { isPointDefinition, isStandardSchema, PHASE_DECISIONS } from '../../src/hooks/points/point.ts'
import type { HookPhase } from '../../src/hooks/points/point.ts'
import { errorOf } from '../support/refusal.ts'

describe('definePoint', () => {
  test('gives a point of its own, complete and frozen', () => {
    const schema = z.object({ to: z.string() })
    const point = definePoint('before_send', {
      phase: 'before',
      schema,
      decisions: ['cancel'],
      doc: 'A mail goes out.',
    })
    expect(point).toEqual({
      id: 'custom:before_send',
      component: 'custom',
      phase: 'before',
      decisions: ['cancel'],
      writable: undefined,
      aliases: [],
      firedBy: 'hooks.run',
      doc: 'A mail goes out.',
      shape: 'custom',
      schema,
    })
    expect(point.schema).toBe(schema)
    expect(Object.isFrozen(point) && Object.isFrozen(point.decisions)).toBe(true)
  })

  test.each(['before', 'after', 'error', 'notify'] as const)('of phase %s it allows what the phase knows', (phase) => {
    const point = definePoint('p', { phase })
    expect(point.decisions).toEqual(PHASE_DECISIONS[phase])
    expect(point).toMatchObject({ phase, doc: 'A custom point.', schema: undefined })
  })

  test('no decision at all may be asked for', () => {
    expect(definePoint('p', { phase: 'before', decisions: [] }).decisions).toEqual([])
  })

  test('the list of decisions is copied', () => {
    const decisions = ['cancel' as const]
    const point = definePoint('p', { phase: 'before', decisions })
    decisions.pop()
    expect(point.decisions).toEqual(['cancel'])
  })

  test.each([['a'], ['a b'], ['über:x/y'], ['x'.repeat(200)], ['日本']])('%s is a name', (name) => {
    expect(definePoint(name, { phase: 'before' }).id).toBe(`custom:${name}`)
  })

  test.each<[string, unknown, unknown, string]>([
    ['an empty name', '', { phase: 'before' }, 'expected a name that is not empty'],
    ['a long name', 'x'.repeat(201), { phase: 'before' }, 'expected a name of at most 200 characters'],
    ['a name with a line break', 'a\nb', { phase: 'before' }, 'expected a name without control characters'],
    ['a name with a line separator', 'a\u2028b', { phase: 'before' }, 'expected a name without control characters'],
    [
      'a name with a paragraph separator',
      'a\u2029b',
      { phase: 'before' },
      'expected a name without control characters',
    ],
    ['a name with a star', 'a*', { phase: 'before' }, 'expected a name without *'],
    ['no name', undefined, { phase: 'before' }, '"name"'],
    ['no phase', 'p', {}, '"phase"'],
    ['no options', 'p', undefined, '"phase"'],
    ['a phase that does not exist', 'p', { phase: 'around' }, '"phase"'],
    ['a schema that is none', 'p', { phase: 'before', schema: {} }, 'expected a Standard Schema, such as z.object'],
    ['a decision that does not exist', 'p', { phase: 'before', decisions: ['stop'] }, '"decisions.0"'],
    ['continue, which is always allowed', 'p', { phase: 'before', decisions: ['continue'] }, '"decisions.0"'],
    ['a doc that is no text', 'p', { phase: 'before', doc: 1 }, '"doc"'],
    ['an unknown option', 'p', { phase: 'before', aliases: [] }, 'unknown option "aliases"'],
  ])('%s is refused', (_, name, options, says) => {
    const error = errorOf(() => definePoint(name as string, options as { phase: HookPhase }))
    expect(error.code).toBe('INVALID_OPTIONS')
    expect(error.message).toContain('definePoint(')
    expect(error.message).toContain(says)
  })

  test('an option "name" is unknown too, and does not get a bad name past the check', () => {
    expect(() => definePoint('bad*', { phase: 'before', name: 'good' } as never)).toThrow('definePoint')
  })

  test('a decision that the phase does not know is named, with those it knows', () => {
    const error = errorOf(() => definePoint('p', { phase: 'after', decisions: ['cancel', 'cache' as never] }))
    expect(error.code).toBe('INVALID_OPTIONS')
    expect(error.message).toBe(
      'definePoint("p"): a point of phase "after" knows no decision "cache"; it knows modified, replace, cancel, redirect, retry, fork, suspend.',
    )
    expect(error.details).toEqual({ where: 'definePoint', decision: 'cache', known: PHASE_DECISIONS.after })
    expect(errorOf(() => definePoint('p', { phase: 'notify', decisions: ['cancel' as never] })).message).toContain(
      'it knows none',
    )
  })
})

test.each<[string, unknown, boolean]>([
  ['a defined point', definePoint('p', { phase: 'before' }), true],
  ['a shipped point', catalogue.ToolError, true],
  ['a text', 'ToolError', false],
  ['null', null, false],
  ['undefined', undefined, false],
  ['something with an id', { id: 'x' }, false],
  ['something with id and phase', { id: 'x', phase: 'before' }, false],
  ['something with phase and decisions', { phase: 'before', decisions: [] }, false],
  ['something with id and decisions', { id: 'x', decisions: [] }, false],
])('isPointDefinition: %s', (_, value, expected) => {
  expect(isPointDefinition(value)).toBe(expected)
})

test.each<[string, unknown, boolean]>([
  ['a schema of zod', z.string(), true],
  ['an object with the key', { '~standard': {} }, true],
  ['a function with the key', Object.assign(() => 1, { '~standard': {} }), true],
  ['a function', () => 1, false],
  ['an object', {}, false],
  ['null', null, false],
  ['undefined', undefined, false],
  ['a text', '~standard', false],
])('isStandardSchema: %s', (_, value, expected) => {
  expect(isStandardSchema(value)).toBe(expected)
})
