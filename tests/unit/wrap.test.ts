/** What `hooks.wrap` and the functions it gives take, refuse and say of it. */
import { createHooks } from 'hookchart/hooks'
import { describe, expect, test } from 'vitest'
import { errorOf } from '../support/refusal.ts'
import { nothing } from './kernel-samples.ts'

const never = undefined as never

describe('wrapping', () => {
  test.each<[string, unknown, string]>([
    ['no options', undefined, 'wrap(undefined)'],
    ['a target that is no function', { name: 'x', targets: { other: 7 } }, '"targets.other": expected a function'],
  ])('%s is refused', (_, options, part) => {
    const error = errorOf(() => createHooks().wrap(options as never, nothing))
    expect(error.code).toBe('INVALID_OPTIONS')
    expect(error.message).toContain(part)
  })

  test('what is no function is refused, with the place', () => {
    const error = errorOf(() => createHooks().wrap({ name: 'x' }, never))
    expect(error).toMatchObject({
      code: 'INVALID_HANDLER',
      message: 'wrap("x"): the effect is undefined, not a function.',
      details: { where: 'wrap("x")' },
    })
  })

  test('a point of another phase is refused, with the place and the point', () => {
    const error = errorOf(() => createHooks().wrap({ name: 'x', before: 'ToolError' }, nothing))
    expect(error).toMatchObject({
      code: 'INVALID_OPTIONS',
      details: { where: 'wrap("x")', point: 'ToolError', phase: 'error' },
    })
  })
})

describe('a wrapped function', () => {
  test('has the name and the component that it was wrapped with', () => {
    const hooks = createHooks()
    const wrapped = hooks.wrap({ name: 'mine' }, nothing)
    expect(wrapped.name).toBe('mine')
    expect(wrapped.component).toEqual({ type: 'custom', name: 'mine', id: 'mine' })
    expect(hooks.wrap({ name: 'other', after: 'AfterAgentExecution' }, nothing).component.type).toBe('agent')
    // As of any function, so that whoever decorates it may name it anew.
    Object.defineProperty(wrapped, 'name', { value: 'decorated' })
    expect(wrapped.name).toBe('decorated')
  })

  test('shows hooks what it was wrapped with; at tool points what is known of a tool', async () => {
    const hooks = createHooks()
    const seen: unknown[] = []
    hooks.register(['BeforeToolExecution', 'BeforeAgentExecution'], ({ data }) => void seen.push(data))
    const given = { tool: { name: 'a', description: 'd', category: 'custom', level: 'safe', tags: ['t'] } }
    await hooks.wrap({ name: 'a', before: 'BeforeToolExecution', data: given }, nothing)(1)
    await hooks.wrap({ name: 'b', before: 'BeforeToolExecution' }, nothing)(2)
    await hooks.wrap({ name: 'c', before: 'BeforeAgentExecution' }, nothing)(3)
    expect(seen).toEqual([
      { input: 1, ...given },
      { input: 2, tool: { name: 'b', description: '', category: 'custom', level: 'safe', tags: [] } },
      { input: 3 },
    ])
  })

  test.each([null, 'id-1', 7, {}, () => 'x', Object.assign(() => 'x', { correlationId: 'c' })])(
    'refuses %o as a parent',
    (parent) => {
      const wrapped = createHooks().wrap({ name: 'mine' }, nothing)
      const error = errorOf(() => wrapped(undefined, { parent: parent as never }))
      expect(error.code).toBe('INVALID_OPTIONS')
      expect(error.message).toBe('Executing mine: "parent": expected the ctx of a hook or the call of an effect.')
    },
  )
})
