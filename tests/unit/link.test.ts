import { breakerPresets, compose } from 'hookchart/hooks'
import { describe, expect, test } from 'vitest'
import { isConstrained } from '../../src/hooks/registry/link.ts'
import type { Link } from '../../src/hooks/registry/link.ts'
import { nothing, registryOf } from './kernel-samples.ts'

const POINT = 'BeforeToolExecution'

interface Where {
  points?: string | readonly string[]
  executor?: object
  handler?: unknown
  only?: (component: { name: string }) => boolean
}

function linksOf(options: object = {}, { points = POINT, executor = {}, handler = nothing, only }: Where = {}) {
  const narrowed = only === undefined ? {} : { only }
  return registryOf(executor).register({ points, handler, options: { name: 'h', ...options }, ...narrowed }).links
}

const linkOf = (...given: Parameters<typeof linksOf>) => linksOf(...given)[0] as Link

test('a hook at a point has all that the executor asks for', () => {
  const when = () => true
  const link = linkOf({ priority: 'high', before: ['a'], after: ['b'], when, timeoutMs: 7 })
  expect(link).toMatchObject({
    name: 'h',
    kind: 'transform',
    priority: -100,
    registered: 1,
    before: ['a'],
    after: ['b'],
    handler: nothing,
    composite: undefined,
    failsClosed: false,
    when,
    matches: undefined,
    timeoutMs: 7,
    shed: false,
    unwinds: undefined,
  })
  expect(link.localsKey).toBe(link.hook)
})

describe('who fails closed', () => {
  test.each<[object, boolean]>([
    [{}, false],
    [{ onFailure: 'open' }, false],
    [{ onFailure: 'closed' }, true],
    [{ kind: 'guard' }, true],
    [{ kind: 'observe' }, false],
  ])('%j: %s', (options, closed) => {
    expect(linkOf(options).failsClosed).toBe(closed)
  })
})

describe('the deadline', () => {
  test('is the hook’s own, else that of its point', () => {
    const executor = { timeoutMs: 10, points: { [POINT]: { timeoutMs: 20 } } }
    expect(linkOf({ timeoutMs: 5 }, { executor }).timeoutMs).toBe(5)
    expect(linkOf({}, { executor }).timeoutMs).toBe(20)
    expect(linkOf({}, { executor, points: 'ToolError' }).timeoutMs).toBe(10)
    expect(linkOf().timeoutMs).toBe(5_000)
  })
})

describe('the breaker', () => {
  test('is the hook’s own, else that of its point, or none', () => {
    expect(linkOf().breaker?.slowCallMs).toBe(breakerPresets.default.slowCallMs)
    expect(linkOf({ breaker: 'production' }).breaker?.slowCallMs).toBe(25)
    expect(linkOf({}, { executor: { breaker: 'conservative' } }).breaker?.slowCallMs).toBe(100)
    expect(linkOf({ breaker: false }).breaker).toBeUndefined()
    expect(linkOf({}, { executor: { breaker: false } }).breaker).toBeUndefined()
    expect(linkOf({ breaker: 'default' }, { executor: { breaker: false } }).breaker).toBeDefined()
  })

  test('of a guard calls nothing slow before its own deadline', () => {
    expect(linkOf({ kind: 'guard' }).breaker?.slowCallMs).toBe(5_000)
    expect(linkOf({ kind: 'guard', timeoutMs: 30 }).breaker?.slowCallMs).toBe(50)
    expect(linkOf({ kind: 'observe' }).breaker?.slowCallMs).toBe(50)
  })

  test('is one for all points of a hook, unless they give it other settings', () => {
    const points = [POINT, 'AfterToolExecution', 'ToolError']
    const [a, b, c] = linksOf({}, { points, executor: { points: { ToolError: { breaker: 'production' } } } })
    expect(a?.breaker).toBe(b?.breaker)
    expect(c?.breaker).not.toBe(a?.breaker)
    const guards = linksOf({ kind: 'guard' }, { points, executor: { points: { ToolError: { timeoutMs: 9_000 } } } })
    expect(guards[0]?.breaker).toBe(guards[1]?.breaker)
    expect(guards[2]?.breaker?.slowCallMs).toBe(9_000)
  })

  test('is another for another hook', () => {
    const registry = registryOf()
    const link = (name: string) => registry.register({ points: POINT, handler: nothing, options: { name } }).links[0]
    expect(link('a')?.breaker).not.toBe(link('b')?.breaker)
  })
})

describe('which components it is for', () => {
  const only = (component: { name: string }) => component.name === 'http_get'
  const tool = (name: string) => ({ type: 'tool', name, id: name }) as const

  test('those that match, those it is narrowed to, or both', () => {
    expect(linkOf().matches).toBeUndefined()
    const matching = linkOf({ match: { component: 'http_*' } }).matches
    expect([matching?.(tool('http_put')), matching?.(tool('calc'))]).toEqual([true, false])
    const narrowed = linkOf({}, { only }).matches
    expect([narrowed?.(tool('http_get')), narrowed?.(tool('http_put'))]).toEqual([true, false])
    const both = linkOf({ match: { component: '*_get' } }, { only }).matches
    expect([both?.(tool('http_get')), both?.(tool('ftp_get'))]).toEqual([true, false])
    expect(linkOf({ match: { component: 'calc' } }, { only }).matches?.(tool('http_get'))).toBe(false)
  })
})

test('a composite is ready to run, its children behind its name', () => {
  const link = linkOf({ timeoutMs: 9, onFailure: 'closed' }, { handler: compose.sequential(nothing) })
  expect(link.handler).toBeUndefined()
  expect(link.composite?.pattern).toEqual({ type: 'sequential' })
  expect(link.composite?.children).toMatchObject([
    { name: 'h/nothing', kind: 'transform', handler: nothing, failsClosed: true, timeoutMs: 9 },
  ])
})

describe('pairs', () => {
  const registry = registryOf()
  const options = { name: 'p', before: ['x'], after: ['y'], priority: 3 }
  const first = registry.register({ points: POINT, handler: nothing, options })
  const second = registry.register({ points: 'AfterToolExecution', handler: nothing, options, unwindsFrom: first })
  const [before, after] = [first.links[0] as Link, second.links[0] as Link]

  test('the constraints place the before part only', () => {
    expect([before.before, before.after, after.before, after.after]).toEqual([['x'], ['y'], [], []])
    expect([before.priority, after.priority]).toEqual([3, 3])
  })

  test('both parts share their locals', () => {
    expect(after.localsKey).toBe(before.localsKey)
  })

  test('the after part knows where its before part stands, now', () => {
    expect([before.unwinds, after.unwinds]).toEqual([undefined, { point: POINT, place: 0 }])
    registry.register({ points: POINT, handler: nothing, options: { name: 'x0', priority: -9 } })
    expect(after.unwinds).toEqual({ point: POINT, place: 1 })
  })

  test('who has an order of its own', () => {
    expect([isConstrained(before), isConstrained(after), isConstrained(linkOf())]).toEqual([true, true, false])
    expect([isConstrained(linkOf({ before: ['a'] })), isConstrained(linkOf({ after: ['a'] }))]).toEqual([true, true])
  })
})
