import { compose, definePoint } from 'hookchart/hooks'
import { describe, expect, test } from 'vitest'
import type { Registry } from '../../src/hooks/registry/registry.ts'
import { errorOf } from '../support/refusal.ts'
import { nothing, registryOf } from './kernel-samples.ts'
import { add, order, POINT, shown } from './registry-samples.ts'

describe('registering', () => {
  test('numbers the hooks from 1', () => {
    const registry = registryOf()
    const [a, b] = [add(registry, 'a'), add(registry, 'b')]
    expect([a.id, a.registered, b.id, b.registered]).toEqual(['hook-1', 1, 'hook-2', 2])
    expect(registry.hooks).toEqual([a, b])
  })

  test('a hook without a name gets that of its function and its number', () => {
    const registry = registryOf()
    const name = (handler: unknown) => registry.register({ points: POINT, handler, options: undefined }).name
    expect(name(nothing)).toBe('nothing#1')
    expect(name(() => undefined)).toBe('hook#2')
    expect(name(compose.sequential(nothing))).toBe('hook#3')
  })

  test('an automatic name makes way for a given one', () => {
    const registry = registryOf()
    add(registry, 'hook#2')
    const [anonymous] = [() => undefined]
    expect(registry.register({ points: POINT, handler: anonymous, options: undefined }).name).not.toBe('hook#2')
  })

  test('one name may stand at several points, once at each', () => {
    const registry = registryOf()
    add(registry, 'a', {}, POINT)
    add(registry, 'a', {}, 'ToolError')
    const error = errorOf(() => add(registry, 'a', {}, ['AgentError', 'ToolError']))
    expect(error.code).toBe('DUPLICATE_HOOK')
    expect(error.message).toBe(
      'There is a hook "a" at ToolError already. Choose another name, or unregister that one first.',
    )
    expect(error.details).toEqual({ hook: 'a', point: 'ToolError' })
    expect(registry.points.slot('AgentError').links).toEqual([])
  })

  test('what is refused leaves no trace, and takes no number', () => {
    const registry = registryOf()
    add(registry, 'a')
    const before = shown(registry)
    expect(errorOf(() => add(registry, 'a')).code).toBe('DUPLICATE_HOOK')
    expect(errorOf(() => add(registry, 'b', { before: ['b'] })).code).toBe('HOOK_ORDER_CYCLE')
    expect(errorOf(() => add(registry, 'b', {}, 'Nope')).code).toBe('UNKNOWN_POINT')
    expect(errorOf(() => registry.register({ points: POINT, handler: 1, options: {} })).code).toBe('INVALID_HANDLER')
    expect(shown(registry)).toBe(before)
    expect(add(registry, 'b').registered).toBe(2)
  })

  test.each<[string, (registry: Registry, point: unknown) => unknown]>([
    ['its handler', (registry, point) => registry.register({ points: point, handler: 1, options: {} })],
    ['another of its points', (registry, point) => add(registry, 'a', {}, [point, 'Nope'])],
  ])('a definition whose hook is refused for %s is not declared', (_, register) => {
    const registry = registryOf()
    errorOf(() => register(registry, definePoint('mine', { phase: 'before' })))
    expect(errorOf(() => registry.points.slot('custom:mine')).code).toBe('UNKNOWN_POINT')
  })

  test('a mistake in the options names the hook', () => {
    const registry = registryOf()
    expect(errorOf(() => add(registry, 'a', { prio: 1 })).message).toMatch(
      /^Hook "a": unknown option "prio"; known: name, kind, priority, .*, signal\.$/,
    )
    expect(errorOf(() => registry.register({ points: POINT, handler: nothing, options: { prio: 1 } })).message).toMatch(
      /^A hook without a name: /,
    )
  })

  test('a mistake in the handler does too', () => {
    const registry = registryOf()
    const message = (options: unknown) =>
      errorOf(() => registry.register({ points: POINT, handler: 1, options })).message
    expect(message({ name: 'a' })).toBe('Hook "a": the handler is number, not a function.')
    expect(message(undefined)).toBe('A hook without a name: the handler is number, not a function.')
  })
})

describe('kinds', () => {
  test('without one it is by the point: observe where points only notify', () => {
    const registry = registryOf()
    const { links, kind } = add(registry, 'a', {}, [POINT, 'AgentPaused'])
    expect(kind).toBeUndefined()
    expect(links.map((link) => [link.slot.definition.id, link.kind])).toEqual([
      ['AgentPaused', 'observe'],
      [POINT, 'transform'],
    ])
  })

  test.each(['transform', 'guard'] as const)('a %s is refused where points only notify, if they are named', (kind) => {
    const registry = registryOf()
    const error = errorOf(() => add(registry, 'a', { kind }, [POINT, 'AgentPaused']))
    expect(error.code).toBe('HOOK_KIND')
    expect(error.message).toBe(
      `Hook "a" is a ${kind}, but AgentPaused is observe only. Register it with kind "observe".`,
    )
    expect(error.details).toEqual({ hook: 'a', kind, point: 'AgentPaused' })
    expect(registry.hooks).toEqual([])
  })

  test('a glob passes over such points, unless all that it matches are', () => {
    const registry = registryOf()
    const { links } = add(registry, 'g', { kind: 'guard' }, '*Agent*')
    const points = links.map(({ slot }) => slot.definition.id)
    expect(points).toContain('BeforeAgentInit')
    expect(points).not.toContain('AgentPaused')
    expect(errorOf(() => add(registry, 'h', { kind: 'guard' }, 'Session*')).code).toBe('HOOK_KIND')
  })

  test('a composite has the kind of its children, and must not be called another', () => {
    const registry = registryOf()
    const guard = { name: 'g', kind: 'guard' as const, handler: nothing }
    const register = (options: object) =>
      registry.register({ points: POINT, handler: compose.sequential(guard), options })
    expect(register({ name: 'a' }).kind).toBe('guard')
    expect(register({ name: 'b', kind: 'guard' }).kind).toBe('guard')
    const error = errorOf(() => register({ name: 'c', kind: 'transform' }))
    expect(error.code).toBe('HOOK_KIND')
    expect(error.message).toBe('Hook "c" is of kind transform, but its children are of kind guard.')
    expect(error.details).toEqual({ where: 'Hook "c"', kind: 'transform', children: 'guard' })
  })
})

describe('order', () => {
  test('a cycle is refused, with the smallest set', () => {
    const registry = registryOf()
    add(registry, 'a', { before: ['b'] })
    add(registry, 'b', { before: ['c'] })
    const error = errorOf(() => add(registry, 'c', { before: ['a'] }))
    expect(error.code).toBe('HOOK_ORDER_CYCLE')
    expect(error.message).toBe(
      `Hook "c" cannot be ordered at ${POINT}: a → b → c → a is a cycle. Drop one of these constraints.`,
    )
    expect(error.details).toEqual({ hook: 'c', point: POINT, hooks: ['a', 'b', 'c', 'a'] })
    expect(order(registry)).toBe('a b')
  })

  test('a name that closes a cycle is refused even without constraints of its own', () => {
    const registry = registryOf()
    add(registry, 'a', { before: ['x'], after: ['x'] })
    expect(errorOf(() => add(registry, 'x')).code).toBe('HOOK_ORDER_CYCLE')
  })

  test('a guard is never put before a transform', () => {
    const registry = registryOf()
    add(registry, 't')
    const error = errorOf(() => add(registry, 'g', { kind: 'guard', before: ['t'] }))
    expect(error.code).toBe('HOOK_ORDER_STAGE')
    expect(error.message).toBe(
      `Hook "g" cannot be ordered at ${POINT}: g → t goes against the stages: transforms run first, then guards, then observers.`,
    )
    expect(error.details).toEqual({ hook: 'g', point: POINT, hooks: ['g', 't'] })
  })

  test('a constraint that is gone with its hook holds nobody any more', () => {
    const registry = registryOf()
    const a = add(registry, 'a', { after: ['b'] })
    add(registry, 'b')
    expect(order(registry)).toBe('b a')
    registry.unregister(a)
    add(registry, 'c')
    expect(order(registry)).toBe('b c')
    expect(registry.points.slot(POINT).constrained).toBe(false)
  })
})

describe('taking away', () => {
  test('a hook goes from all its points, once', () => {
    const registry = registryOf()
    const a = add(registry, 'a', {}, [POINT, 'ToolError'])
    expect(registry.unregister(a)).toBe(true)
    expect(registry.unregister(a)).toBe(false)
    expect([a.removed, registry.hooks.length, order(registry), order(registry, 'ToolError')]).toEqual([true, 0, '', ''])
    expect(() => add(registry, 'a')).not.toThrow()
  })

  test('its signal takes it away, at once if it is aborted', () => {
    const registry = registryOf()
    const controller = new AbortController()
    const a = add(registry, 'a', { signal: controller.signal })
    expect(registry.hooks).toEqual([a])
    controller.abort()
    expect([registry.hooks.length, a.removed]).toEqual([0, true])
    expect(add(registry, 'b', { signal: AbortSignal.abort() }).removed).toBe(true)
    expect(registry.hooks).toEqual([])
  })

  test('an abort after it was taken away does not take another of its name', () => {
    const registry = registryOf()
    const controller = new AbortController()
    registry.unregister(add(registry, 'a', { signal: controller.signal }))
    add(registry, 'a')
    controller.abort()
    expect(order(registry)).toBe('a')
  })

  test('turning off and on', () => {
    const registry = registryOf()
    const a = add(registry, 'a', {}, [POINT, 'ToolError'])
    const chain = (point: string) => registry.points.slot(point).chainFor(registry.points.slot(point).component)
    registry.setEnabled(a, false)
    expect([chain(POINT), chain('ToolError')]).toEqual([null, null])
    registry.setEnabled(a, true)
    expect(chain(POINT)?.links.map(({ name }) => name)).toEqual(['a'])
  })
})

describe('several at once', () => {
  test('all or none, and the numbers go on', () => {
    const registry = registryOf()
    add(registry, 'a')
    const before = shown(registry)
    const error = new Error('no')
    expect(() =>
      registry.atomically(() => {
        add(registry, 'b')
        add(registry, 'c')
        throw error
      }),
    ).toThrow(error)
    expect(shown(registry)).toBe(before)
    expect(registry.atomically(() => add(registry, 'b')).registered).toBe(2)
  })
})

describe('globs', () => {
  const later = definePoint('later', { phase: 'before' })

  test('take points that are declared later', () => {
    const registry = registryOf()
    const a = add(registry, 'a', {}, 'Before*')
    const b = add(registry, 'b', {}, '*')
    registry.points.declare(later)
    expect(a.links.map(({ slot }) => slot.definition.id)).not.toContain(later.id)
    expect(b.links.at(-1)?.slot.definition.id).toBe(later.id)
    expect(order(registry, later.id)).toBe('b')
  })

  test('a guard passes over a new point that only notifies', () => {
    const registry = registryOf()
    add(registry, 'g', { kind: 'guard' }, '*')
    registry.points.declare(definePoint('quiet', { phase: 'notify' }))
    expect(order(registry, 'custom:quiet')).toBe('')
  })

  test('a new point at which they cannot stand together is refused, and changes nobody', () => {
    const registry = registryOf()
    const all = add(registry, 'all', { before: ['other'] }, '*Tool*')
    const other = add(registry, 'other', { before: ['all'] }, '*Agent*')
    const tools = definePoint('ToolAgent', { phase: 'before' })
    const [links, more] = [all.links.length, other.links.length]
    expect(errorOf(() => registry.points.declare(tools)).code).toBe('HOOK_ORDER_CYCLE')
    expect([all.links.length, other.links.length]).toEqual([links, more])
    expect(errorOf(() => registry.points.slot(tools.id)).code).toBe('UNKNOWN_POINT')
    registry.unregister(other)
    expect(order(registry, registry.points.declare(tools).definition.id)).toBe('all')
  })
})

test('hook functions are not called by registering', () => {
  const registry = registryOf()
  const fails = () => {
    throw new Error('called')
  }
  registry.register({ points: POINT, handler: fails, options: { name: 'a', when: fails } })
  registry.register({ points: POINT, handler: compose.voting([fails]), options: { name: 'b' } })
  expect(order(registry)).toBe('a b')
})
