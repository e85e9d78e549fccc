import { describe, expect, test } from 'vitest'
import { changeData } from '../../src/hooks/change.ts'
import type { Change } from '../../src/hooks/change.ts'
import type { Scope } from '../../src/hooks/executor/scope.ts'
import { scopeOf } from './kernel-samples.ts'

const change = (scope: Scope, patch: object) => changeData(scope.data, patch, undefined) as Change

describe('the context for the next hook', () => {
  test('is the same as long as nothing changes', () => {
    const scope = scopeOf({ a: 1 })
    expect(scope.ctx).toBe(scope.ctx)
    expect(scope.ctx.data).toBe(scope.data)
  })

  test.each<[string, (scope: Scope) => void, object]>([
    [
      'the data',
      (scope) => {
        scope.accept(change(scope, { a: 2 }))
      },
      { data: { a: 2 } },
    ],
    [
      'the state',
      (scope) => {
        scope.setState({ s: 1 })
      },
      { state: { s: 1 } },
    ],
    [
      'the proposal',
      (scope) => {
        scope.proposal = { type: 'continue' }
      },
      { proposal: { type: 'continue' } },
    ],
  ])('is another when %s has changed, and the old one stays as it was', (_, act, shown) => {
    const scope = scopeOf({ a: 1 })
    const before = scope.ctx
    act(scope)
    expect(scope.ctx).not.toBe(before)
    expect(scope.ctx).toMatchObject(shown)
    expect(before).toMatchObject({ data: { a: 1 }, state: {}, proposal: { type: 'run' } })
    expect(scope.ctx.correlationId).toBe(before.correlationId)
  })

  test('may be given', () => {
    const scope = scopeOf({ a: 1 })
    const other = scopeOf(scope.data).ctx
    scope.ctx = other
    scope.proposal = other.proposal
    scope.state = other.state
    expect(scope.ctx).toBe(other)
  })
})

test('accepted changes are folded; one without patches is none', () => {
  const scope = scopeOf({ a: 1 })
  scope.accept(change(scope, { a: 1 }))
  expect(scope.changes).toEqual([])
  scope.accept(change(scope, { a: 2 }))
  scope.accept(change(scope, { b: 3 }))
  expect(scope.data).toEqual({ a: 2, b: 3 })
  expect(scope.changes).toHaveLength(2)
})

test('that somebody returned a change is known, be it one that changes nothing', () => {
  const scope = scopeOf({ a: 1 })
  expect(scope.modified).toBe(false)
  const copy = scope.fork()
  copy.accept(change(copy, { a: 1 }))
  expect([scope.modified, copy.modified, copy.changes.length]).toEqual([false, true, 0])
  scope.adopt(scope.fork())
  expect(scope.modified).toBe(false)
  scope.adopt(copy)
  scope.adopt(scope.fork())
  expect(scope.modified).toBe(true)
})

test('state is patched over state', () => {
  const scope = scopeOf()
  expect(scope.statePatch).toBeUndefined()
  scope.setState({ a: 1, b: 1 })
  scope.setState({ b: 2 })
  expect(scope.state).toEqual({ a: 1, b: 2 })
  expect(scope.statePatch).toEqual({ a: 1, b: 2 })
})

describe('copies', () => {
  test('begin with what the scope has, make nobody wait, and change nothing', () => {
    const scope = scopeOf({ a: 1 }, 70)
    scope.accept(change(scope, { a: 2 }))
    scope.setState({ s: 1 })
    const copy = scope.fork()
    expect(copy).toMatchObject({ data: { a: 2 }, state: { s: 1 }, leftMs: 70, waits: false, changes: [] })
    expect(copy.statePatch).toBeUndefined()
    copy.accept(change(copy, { a: 3 }))
    copy.setState({ s: 2 })
    copy.leftMs = 1
    expect(scope).toMatchObject({ data: { a: 2 }, state: { s: 1 }, leftMs: 70, waits: true })
    expect(scope.changes).toHaveLength(1)
  })

  test('two copies do not share a context', () => {
    const scope = scopeOf()
    expect(scope.fork().ctx).not.toBe(scope.fork().ctx)
  })

  test('what one accepted can be taken over: changes, state, the first cache note', () => {
    const scope = scopeOf({ a: 1 })
    const [first, second] = [scope.fork(), scope.fork()]
    first.accept(change(first, { a: 2 }))
    first.cache = { key: 'first', ttlMs: 1, hook: 'x' }
    second.setState({ s: 1 })
    second.cache = { key: 'second', ttlMs: 1, hook: 'y' }
    scope.adopt(first)
    scope.adopt(second)
    expect(scope).toMatchObject({ data: { a: 2 }, state: { s: 1 }, cache: { key: 'first' } })
    expect(scope.changes).toHaveLength(1)
  })

  test('what set no state patches none', () => {
    const scope = scopeOf()
    scope.adopt(scope.fork())
    expect(scope.statePatch).toBeUndefined()
  })

  test('or all of it but the changes', () => {
    const scope = scopeOf({ a: 1 })
    const copy = scope.fork()
    copy.accept(change(copy, { a: 2 }))
    copy.setState({ s: 1 })
    scope.adopt(copy, { withChanges: false })
    expect(scope).toMatchObject({ data: { a: 1 }, state: { s: 1 }, changes: [] })
  })
})
