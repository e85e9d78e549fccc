import { catalogue, definePoint } from 'hookchart/hooks'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { parseExecutorOptions } from '../../src/hooks/executor-options.ts'
import { Points } from '../../src/hooks/registry/points.ts'
import type { Slot } from '../../src/hooks/registry/slot.ts'
import { errorOf } from '../support/refusal.ts'

function points(onDeclared: (slot: Slot) => void = () => undefined, executor: unknown = {}) {
  return new Points(parseExecutorOptions(executor), onDeclared)
}

const mine = definePoint('mine', { phase: 'before' })
const idsOf = (slots: readonly Slot[]) => slots.map(({ definition }) => definition.id)

test('the shipped points are there from the start, in the order of the catalogue, and nobody is told', () => {
  const told: Slot[] = []
  expect(idsOf(points((slot) => told.push(slot)).all)).toEqual(Object.keys(catalogue))
  expect(told).toEqual([])
})

test('each has its settings', () => {
  const known = points(undefined, { points: { 'tool:error': { maxDepth: 3 }, 'custom:*': { maxDepth: 4 } } })
  expect(known.slot('ToolError').settings.maxDepth).toBe(3)
  expect(known.slot('BeforeChain').settings.maxDepth).toBe(16)
  expect(known.declare(mine).settings.maxDepth).toBe(4)
  expect(known.settingsFor('custom:other', []).maxDepth).toBe(4)
})

describe('one point', () => {
  test('by id, alias or definition is one slot', () => {
    const known = points()
    const slot = known.slot('ToolError')
    expect(known.slot('tool_error')).toBe(slot)
    expect(known.slot(catalogue.ToolError)).toBe(slot)
  })

  test('a definition is declared with it, once', () => {
    const told: Slot[] = []
    const known = points((slot) => told.push(slot))
    const slot = known.slot(mine)
    expect([known.slot(mine), known.slot('custom:mine'), known.declare(mine)]).toEqual([slot, slot, slot])
    expect(told).toEqual([slot])
    expect(known.all.at(-1)).toBe(slot)
  })

  test.each<[unknown, string]>([
    ['BeforeToolExecutoin', 'There is no hook point "BeforeToolExecutoin". Did you mean BeforeToolExecution?'],
    ['ToolErr', 'There is no hook point "ToolErr". Did you mean ToolError?'],
    ['ToolE', 'There is no hook point "ToolE". Did you mean ToolError?'],
    ['toolerror', 'There is no hook point "toolerror". Did you mean ToolError?'],
    ['before', 'There is no hook point "before". Did you mean BeforeAgentInit or BeforeAgentExecution or'],
    ['tool_security', 'There is no hook point "tool_security". Did you mean ToolSecurityCheck?'],
    ['Tool', 'There is no hook point "Tool". docs/hook-points.md lists them all.'],
    ['toolx', 'There is no hook point "toolx". docs/hook-points.md lists them all.'],
    ['nope', 'There is no hook point "nope". docs/hook-points.md lists them all.'],
    ['', 'There is no hook point "". docs/hook-points.md lists them all.'],
    ['toString', 'There is no hook point "toString". docs/hook-points.md lists them all.'],
    ['custom:mine', 'There is no hook point "custom:mine". Declare it with definePoint("mine", …).'],
    [undefined, 'There is no hook point undefined. docs/hook-points.md lists them all.'],
    [7, 'There is no hook point 7. docs/hook-points.md lists them all.'],
    [{ id: 'ToolError' }, 'There is no hook point an object. docs/hook-points.md lists them all.'],
  ])('%j is none, and it says what may be meant', (point, message) => {
    const error = errorOf(() => points().slot(point as string))
    expect(error.code).toBe('UNKNOWN_POINT')
    expect(error.message.slice(0, message.length)).toBe(message)
  })

  test('its details have the point, and the ids like it, at most three', () => {
    expect(errorOf(() => points().slot('ToolErr')).details).toEqual({ point: 'ToolErr', similar: ['ToolError'] })
    expect(errorOf(() => points().slot('Before')).details['similar']).toHaveLength(3)
    expect(errorOf(() => points().slot({} as never)).details).toEqual({ point: 'an object', similar: [] })
  })

  test('of two that begin like it both are suggested, also where one is the same but for its case', () => {
    const known = points()
    for (const name of ['Send', 'Sender']) known.declare(definePoint(name, { phase: 'before' }))
    expect(errorOf(() => known.slot('custom:send')).details['similar']).toEqual(['custom:Send', 'custom:Sender'])
  })

  test('declared points are suggested too', () => {
    const known = points()
    known.declare(definePoint('before_send', { phase: 'before' }))
    expect(errorOf(() => known.slot('custom:before_snd')).message).toContain('Did you mean custom:before_send?')
  })
})

describe('one point declared twice', () => {
  const schema = z.object({})

  test.each([
    ['the same', { phase: 'before' }],
    ['with another line of text', { phase: 'before', doc: 'Another text.' }],
  ] as const)('%s is the point itself', (_, options) => {
    const known = points()
    const slot = known.declare(mine)
    expect(known.declare(definePoint('mine', options))).toBe(slot)
    expect(known.slot(definePoint('mine', options))).toBe(slot)
  })

  test.each([
    ['phase', { phase: 'after' }],
    ['schema', { phase: 'before', schema }],
    ['decisions', { phase: 'before', decisions: ['cancel'] }],
  ] as const)('with another %s is refused', (_, options) => {
    const known = points()
    known.declare(mine)
    const other = definePoint('mine', options)
    for (const call of [() => known.declare(other), () => known.slot(other)]) {
      const error = errorOf(call)
      expect(error.code).toBe('DUPLICATE_POINT')
      expect(error.message).toBe(
        'The point "custom:mine" is declared already, with another phase, schema or decisions.',
      )
      expect(error.details).toEqual({ point: 'custom:mine' })
    }
  })

  test('the same decisions of another phase are not the same', () => {
    const known = points()
    const decisions = ['cancel'] as const
    known.declare(definePoint('mine', { phase: 'before', decisions }))
    expect(errorOf(() => known.declare(definePoint('mine', { phase: 'after', decisions }))).code).toBe(
      'DUPLICATE_POINT',
    )
  })

  test('the same schema is the same', () => {
    const known = points()
    known.declare(definePoint('mine', { phase: 'before', schema }))
    expect(() => known.declare(definePoint('mine', { phase: 'before', schema }))).not.toThrow()
    expect(errorOf(() => known.declare(definePoint('mine', { phase: 'before', schema: z.object({}) }))).code).toBe(
      'DUPLICATE_POINT',
    )
  })
})

describe('turned off', () => {
  test('all points are, those that are declared later too, until they are turned on', () => {
    const known = points()
    expect(known.all.every(({ enabled }) => enabled)).toBe(true)
    known.enabled = false
    expect(known.all.some(({ enabled }) => enabled)).toBe(false)
    expect(known.declare(mine).enabled).toBe(false)
    known.enabled = true
    expect(known.all.every(({ enabled }) => enabled)).toBe(true)
    expect(known.declare(definePoint('other', { phase: 'before' })).enabled).toBe(true)
  })
})

test('a point that cannot be joined is not declared', () => {
  const error = new Error('no')
  const known = points(() => {
    throw error
  })
  const count = known.all.length
  expect(() => known.declare(mine)).toThrow(error)
  expect(known.all).toHaveLength(count)
  expect(errorOf(() => known.slot('custom:mine')).code).toBe('UNKNOWN_POINT')
})

describe('the points of a hook', () => {
  const resolve = (given: unknown) => {
    const { slots, named, globs } = points().resolve(given as string)
    return { slots: idsOf(slots), named: idsOf([...named]), globs }
  }

  test('are one, or a list, each once and in the order of the catalogue', () => {
    expect(resolve('ToolError')).toEqual({ slots: ['ToolError'], named: ['ToolError'], globs: [] })
    expect(resolve(['ToolError', 'AgentError', 'tool:error'])).toEqual({
      slots: ['AgentError', 'ToolError'],
      named: ['ToolError', 'AgentError'],
      globs: [],
    })
  })

  test('a glob is all that it matches, by id', () => {
    expect(resolve('Before*Execution')).toEqual({
      slots: ['BeforeAgentExecution', 'BeforeToolExecution'],
      named: [],
      globs: ['Before*Execution'],
    })
    expect(resolve('*').slots).toEqual(Object.keys(catalogue))
    expect(errorOf(() => resolve('tool:*')).code).toBe('UNKNOWN_POINT')
  })

  test('globs and names may be mixed', () => {
    expect(resolve(['Session*', 'ToolError', '*Restore'])).toEqual({
      slots: ['ToolError', 'SessionStart', 'SessionEnd', 'SessionCheckpoint', 'SessionRestore', 'SessionSave'],
      named: ['ToolError'],
      globs: ['Session*', '*Restore'],
    })
  })

  test.each([[[]], ['Nope*'], [['ToolError', 'Nope']], [['ToolError', 'Nope*']], [undefined], [[undefined]]])(
    '%j are none',
    (given) => {
      expect(errorOf(() => resolve(given)).code).toBe('UNKNOWN_POINT')
    },
  )
})
