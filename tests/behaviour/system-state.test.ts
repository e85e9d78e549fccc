/** `system.state` and `system.config`: values, their scopes, and the gates round them. */
import { createSystem, defineTool, hook } from 'hookchart'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { deferred } from '../support/kernel.ts'

const coded = (code: string) => expect.objectContaining({ code }) as Error

describe('state', () => {
  test('a value is there until it is deleted, in its scope alone', async () => {
    const { state } = createSystem()
    const scopes = ['global', { workflow: 'w' }, { workflow: 'w', step: 's' }, { custom: 'w' }] as const
    for (const [i, scope] of scopes.entries()) await state.set('k', i, { scope })
    expect(await Promise.all(scopes.map((scope) => state.get('k', { scope })))).toEqual([0, 1, 2, 3])
    expect(await state.delete('k')).toBe(true)
    expect(await state.delete('k')).toBe(false)
    expect([await state.get('k'), await state.list(), await state.list({ scope: { workflow: 'w' } })]).toEqual([
      undefined,
      [],
      ['k'],
    ])
  })

  test('scopes whose names look alike are two', async () => {
    const { state } = createSystem()
    await state.set('k', 1, { scope: { workflow: 'a:b', step: 'c' } })
    expect(await state.get('k', { scope: { workflow: 'a', step: 'b:c' } })).toBeUndefined()
  })

  test('what is done with a value outside changes nothing inside', async () => {
    const { state } = createSystem()
    const given = { list: [1] }
    await state.set('k', given)
    given.list.push(2)
    ;((await state.get('k')) as typeof given).list.push(3)
    expect(await state.get('k')).toEqual({ list: [1] })
  })

  test('the points fire in their order, with the value before', async () => {
    const { state, hooks } = createSystem()
    const seen: unknown[] = []
    hooks.register(['BeforeStateRead', 'AfterStateRead', 'BeforeStateWrite', 'AfterStateWrite'], ({ point, data }) => {
      seen.push([point, data])
    })
    await state.set('k', 1)
    await state.set('k', 2)
    await state.get('k')
    expect(seen).toEqual([
      ['BeforeStateWrite', { key: 'k', scope: 'global', value: 1 }],
      ['AfterStateWrite', { key: 'k', scope: 'global', value: 1 }],
      ['BeforeStateWrite', { key: 'k', scope: 'global', value: 2, previous: 1 }],
      ['AfterStateWrite', { key: 'k', scope: 'global', value: 2, previous: 1 }],
      ['BeforeStateRead', { key: 'k', scope: 'global' }],
      ['AfterStateRead', { key: 'k', scope: 'global', output: 2 }],
    ])
  })

  test('hooks change what is written and read, and which key', async () => {
    const { state, hooks } = createSystem()
    hooks.register('BeforeStateWrite', ({ data }) => hook.modified({ value: Number(data.value) + 1 }))
    hooks.register('BeforeStateRead', ({ data }) => (data.key === 'old' ? hook.modified({ key: 'new' }) : undefined))
    hooks.register('AfterStateRead', ({ data }) => hook.modified({ output: [data.output] }))
    expect(await state.set('new', 1)).toBe(2)
    expect(await state.get('old')).toEqual([2])
  })

  test('a guard refuses to read and to write, and nothing is written', async () => {
    const { state, hooks } = createSystem()
    const guard = hooks.register(['BeforeStateRead', 'BeforeStateWrite'], () => hook.cancel('private'), {
      kind: 'guard',
    })
    await expect(state.set('k', 1)).rejects.toThrow(coded('HOOK_CANCELLED'))
    await expect(state.get('k')).rejects.toThrow(coded('HOOK_CANCELLED'))
    guard.unregister()
    expect(await state.get('k')).toBeUndefined()
  })

  test('a hook gives a value itself', async () => {
    const { state, hooks } = createSystem()
    hooks.register('BeforeStateRead', () => hook.replace('from elsewhere'))
    expect(await state.get('k')).toBe('from elsewhere')
  })

  test('what AfterStateWrite makes of it is what the caller gets; it is written all the same', async () => {
    const { state, hooks } = createSystem()
    const after = hooks.register('AfterStateWrite', () => hook.modified({ value: 'seen' }))
    expect([await state.set('k', 1), await state.get('k')]).toEqual(['seen', 1])
    after.unregister()
    hooks.register('AfterStateWrite', () => hook.cancel('too late'))
    await expect(state.delete('k')).rejects.toMatchObject({
      code: 'HOOK_CANCELLED',
      details: { effect: 'completed', reason: 'too late' },
    })
    expect(await state.get('k')).toBeUndefined()
  })

  test('hooks decide what a list tells, and under which key they are asked', async () => {
    const { state, hooks } = createSystem()
    await state.set('open', 1)
    await state.set('secret', 2)
    const keys: string[] = []
    hooks.register('AfterStateRead', ({ data: { key, output } }) => {
      keys.push(key)
      return hook.modified({ output: (output as string[]).filter((each) => each !== 'secret') })
    })
    expect([await state.list(), keys]).toEqual([['open'], ['*']])
  })

  test('what hooks make of a key or of a list must be one', async () => {
    const { state, hooks } = createSystem()
    const guard = hooks.register('BeforeStateRead', () => hook.modified({ key: '' }))
    await expect(state.get('k')).rejects.toThrow(coded('HOOK_INVALID_CHANGE'))
    await expect(state.list()).rejects.toThrow(coded('HOOK_INVALID_CHANGE'))
    guard.unregister()
    hooks.register('AfterStateRead', () => hook.replace('none'))
    await expect(state.list()).rejects.toThrow(coded('HOOK_INVALID_CHANGE'))
  })

  test('hooks at its points reach what the system knows', async () => {
    const execute = ({ input }: { input: unknown }) => `checked ${String(input)}`
    const check = defineTool({ name: 'check', description: 'c', input: z.unknown(), execute })
    const { state, hooks } = createSystem({ tools: [check] })
    hooks.register('BeforeStateWrite', async ({ data, run }) => {
      const { output } = await run.tool('check', data.value)
      return hook.modified({ value: output })
    })
    await state.set('k', 1)
    expect(await state.get('k')).toBe('checked 1')
  })

  test('what another has written while hooks took their time is what was there before', async () => {
    const { state, hooks } = createSystem()
    const work = deferred()
    const slow = hooks.register('BeforeStateWrite', () => work.promise)
    const first = state.delete('k')
    slow.unregister()
    await state.set('k', 1)
    work.resolve()
    expect([await first, await state.get('k')]).toEqual([true, undefined])
  })

  test.each<[string, (state: ReturnType<typeof createSystem>['state']) => Promise<unknown>, string]>([
    ['an empty key', (state) => state.get(''), 'INVALID_OPTIONS'],
    ['a key that is no text', (state) => state.get(1 as never), 'INVALID_OPTIONS'],
    ['an unknown scope', (state) => state.get('k', { scope: 'mine' as never }), 'INVALID_OPTIONS'],
    ['an unknown option', (state) => state.get('k', { scop: 1 } as never), 'INVALID_OPTIONS'],
    ['a value that is no JSON', (state) => state.set('k', new Map()), 'DATA_NOT_JSON'],
  ])('%s is refused', async (_, access, code) => {
    await expect(access(createSystem().state)).rejects.toThrow(coded(code))
  })

  test('it is closed with its system', async () => {
    const system = createSystem()
    await system.stop()
    await expect(system.state.get('k')).rejects.toThrow(coded('HOOKS_STOPPED'))
  })
})

describe('config', () => {
  test('a change is told once, with what was before', () => {
    const { config, hooks } = createSystem()
    const seen: unknown[] = []
    hooks.register('ConfigurationChange', ({ data }) => void seen.push(data))
    config.set('dark', true)
    config.set('dark', true)
    config.set('dark', false)
    expect(seen).toEqual([
      { key: 'dark', value: true },
      { key: 'dark', value: false, previous: true },
    ])
    expect(config.get('dark')).toBe(false)
  })

  test('the highest level of tools holds from then on', async () => {
    const system = createSystem()
    const execute = () => 1
    const risky = defineTool({ name: 'risky', description: 'r', input: z.unknown(), level: 'privileged', execute })
    expect((await system.tools.execute(risky, 1)).status).toBe('completed')
    system.config.set('maxSecurityLevel', 'safe')
    expect((await system.tools.execute(risky, 1)).error?.code).toBe('SECURITY_LEVEL_EXCEEDED')
    expect(system.config.get('maxSecurityLevel')).toBe('safe')
  })

  test('a setting of the system that is out of range changes nothing', () => {
    const { config } = createSystem()
    expect(() => {
      config.set('maxQueue', 0)
    }).toThrow(coded('INVALID_OPTIONS'))
    expect(config.get('maxQueue')).toBe(1_000)
  })
})
