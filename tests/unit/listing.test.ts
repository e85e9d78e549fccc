import { catalogue } from 'hookchart/hooks'
import type { HookFilter } from 'hookchart/hooks'
import { describe, expect, test } from 'vitest'
import { listHooks } from '../../src/hooks/registry/listing.ts'
import { errorOf } from '../support/refusal.ts'
import { nothing, registryOf } from './kernel-samples.ts'

const POINT = 'BeforeToolExecution'

function filled() {
  const registry = registryOf()
  const add = (points: unknown, options: object) => registry.register({ points, handler: nothing, options })
  add([POINT, 'ToolError'], { name: 'late', priority: 'low', tags: ['slow', 'pii'], language: 'lua' })
  add(POINT, { name: 'guard', kind: 'guard', priority: 'highest' })
  add('ToolError', { name: 'first', priority: 'high', tags: ['pii'] })
  add(POINT, { name: 'plain' })
  return registry
}

const names = (filter?: HookFilter) => listHooks(filled(), filter).map(({ name }) => name)

test('a hook as a list shows it', () => {
  const registry = registryOf()
  const hook = registry.register({
    points: ['ToolError', POINT],
    handler: nothing,
    options: { name: 'h', priority: 3, tags: ['t'], language: 'python', version: '2.0.0', description: 'd' },
  })
  registry.setEnabled(hook, false)
  expect(listHooks(registry)).toEqual([
    {
      id: 'hook-1',
      name: 'h',
      points: [POINT, 'ToolError'],
      kind: undefined,
      priority: 3,
      tags: ['t'],
      language: 'python',
      version: '2.0.0',
      description: 'd',
      enabled: false,
    },
  ])
})

test('all hooks are listed by priority and registration', () => {
  expect(names()).toEqual(['guard', 'first', 'plain', 'late'])
  expect(listHooks(registryOf())).toEqual([])
})

test.each<[HookFilter, string[]]>([
  [{}, ['guard', 'first', 'plain', 'late']],
  [{ point: POINT }, ['plain', 'late', 'guard']],
  [{ point: 'tool:error' }, ['first', 'late']],
  [{ point: catalogue.ToolError }, ['first', 'late']],
  [{ point: 'AgentError' }, []],
  [{ priority: 'normal' }, ['plain']],
  [{ priority: 0 }, ['plain']],
  [{ priority: -100 }, ['first']],
  [{ priority: 1 }, []],
  [{ tag: 'pii' }, ['first', 'late']],
  [{ tag: 'slow' }, ['late']],
  [{ tag: 'pi' }, []],
  [{ language: 'lua' }, ['late']],
  [{ language: 'native' }, ['guard', 'first', 'plain']],
  [{ language: 'python' }, []],
  [{ tag: 'pii', priority: 'low' }, ['late']],
  [{ tag: 'pii', priority: 'low', language: 'native' }, []],
  [{ point: POINT, language: 'native' }, ['plain', 'guard']],
])('%o', (filter, expected) => {
  expect(names(filter)).toEqual(expected)
})

describe('refused', () => {
  test.each<[object, string]>([
    [{ name: 'x' }, 'unknown option "name"'],
    [{ priority: 'urgent' }, '"priority"'],
    [{ tag: 1 }, '"tag"'],
    [{ language: 'perl' }, '"language"'],
    [{ point: 7 }, '"point": expected a hook point'],
  ])('%j', (filter, says) => {
    const error = errorOf(() => names(filter))
    expect(error.code).toBe('INVALID_OPTIONS')
    expect(error.message).toMatch(/^hooks\.list: /)
    expect(error.message).toContain(says)
  })

  test('a point that does not exist', () => {
    expect(errorOf(() => names({ point: 'Nope' })).code).toBe('UNKNOWN_POINT')
  })
})
