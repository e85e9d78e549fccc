/** `tools.discover`: which tools are found, and what hooks make of a search. */
import { createSystem, defineTool, hook } from 'hookchart'
import type { ToolQuery } from 'hookchart/actors'
import { createTestClock, createTestIds } from 'hookchart/testing'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { rejectionOf } from '../support/refusal.ts'

const toolOf = (name: string, options: object) =>
  defineTool({ name, description: name, input: z.any(), execute: () => name, ...options })

const tools = [
  toolOf('read', { capabilities: ['read'], category: 'files', tags: ['a'] }),
  toolOf('write', { capabilities: ['read', 'write'], category: 'files', tags: ['b'] }),
  toolOf('fetch', { capabilities: ['read'], category: 'network', tags: ['b'] }),
]

function bench() {
  const system = createSystem({ clock: createTestClock(), ids: createTestIds(), tools })
  const found = async (query?: ToolQuery) => (await system.tools.discover(query)).map(({ name }) => name)
  return { system, found }
}

test.each<[ToolQuery | undefined, string[]]>([
  [undefined, ['read', 'write', 'fetch']],
  [{ capability: undefined as never }, ['read', 'write', 'fetch']],
  [{ capability: 'write' }, ['write']],
  [{ category: 'files' }, ['read', 'write']],
  [{ tag: 'b' }, ['write', 'fetch']],
  [{ capability: 'read', category: 'files', tag: 'b' }, ['write']],
  [{ tag: 'c' }, []],
])('%j finds those that fit, in the order in which they were registered', async (query, names) => {
  const { system, found } = bench()
  expect(await found(query)).toEqual(names)
  expect(await system.tools.discover(query)).toEqual(tools.filter(({ name }) => names.includes(name)))
})

test('a name is no query', async () => {
  const { system } = bench()
  const error = await rejectionOf(system.tools.discover({ name: 'read' } as never))
  expect([error.code, error.message]).toEqual(['INVALID_OPTIONS', expect.stringContaining('tools.discover')])
})

describe('hooks', () => {
  test('are told what is looked for, and what was found', async () => {
    const { system, found } = bench()
    const told: unknown[] = []
    system.hooks.register('*ToolDiscovery', ({ point, component, data }) => void told.push([point, component, data]), {
      kind: 'observe',
    })
    await found({ tag: 'b' })
    const component = { type: 'tool', name: 'tools.discover', id: 'tools.discover' }
    expect(told).toEqual([
      ['BeforeToolDiscovery', component, { input: { tag: 'b' } }],
      ['AfterToolDiscovery', component, { input: { tag: 'b' }, output: ['write', 'fetch'] }],
    ])
  })

  test('change the query and what was found', async () => {
    const { system, found } = bench()
    system.hooks.register('BeforeToolDiscovery', () => hook.modified({ input: { category: 'files' } }))
    expect(await found({ tag: 'b' })).toEqual(['read', 'write'])
    system.hooks.register('AfterToolDiscovery', ({ data }) => hook.modified({ output: data.output.slice(1) }))
    expect(await found()).toEqual(['write'])
  })

  test.each([
    [['fetch'], ['fetch']],
    [
      ['fetch', 'delete'],
      ['read', 'write', 'fetch'],
    ],
  ])('answer in its place with tools that the system knows, not with others: %j', async (names, expected) => {
    const { system, found } = bench()
    system.hooks.register('BeforeToolDiscovery', () => hook.replace(names))
    expect(await found()).toEqual(expected)
  })

  test.each(['BeforeToolDiscovery', 'AfterToolDiscovery'] as const)('refuse it at %s', async (point) => {
    const { system, found } = bench()
    system.hooks.register(point, () => hook.cancel('not for you'))
    expect(await rejectionOf(found())).toMatchObject({
      code: 'HOOK_CANCELLED',
      message: expect.stringContaining('not for you') as string,
    })
  })

  test('and nothing is found once the system has stopped', async () => {
    const { system, found } = bench()
    await system.stop()
    expect((await rejectionOf(found())).code).toBe('HOOKS_STOPPED')
  })
})
