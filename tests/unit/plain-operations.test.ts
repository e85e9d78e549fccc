/** Operations in production: the fast paths leave the same traces, figures and errors as the slow one. */
import { createHooks, hook, HookchartError } from 'hookchart/hooks'
import type { CreateHooksOptions } from 'hookchart/hooks'
import { createTestIds } from 'hookchart/testing'
import { describe, expect, test, vi } from 'vitest'
import { deferred, TOOL } from '../support/kernel.ts'
import { nothing } from './kernel-samples.ts'
import { bench, guard, inProduction, sleeps, takes } from './plain-samples.ts'
import type { Handler } from './plain-samples.ts'

inProduction()

const create = (options: CreateHooksOptions = {}) => createHooks({ ids: createTestIds(), ...options })

describe('a gate in which nobody had anything to say', () => {
  test.each<[string, Handler, object]>([
    ['transforms', takes(7), {}],
    ['guards', takes(7), guard],
    ['transforms that are waited for', sleeps(7), {}],
    ['guards that are waited for', sleeps(7), guard],
  ])('says in the trace how long it took: %s', async (_, handler, options) => {
    const { tool } = bench({ x: [handler, options] })
    const running = tool(1)
    await vi.advanceTimersByTimeAsync(7)
    const { trace } = await running
    expect(trace.map(({ kind, durationMs }) => [kind, durationMs])).toEqual([
      ['operation', 7],
      ['gate', 7],
      [options === guard ? 'guard' : 'transform', 7],
      ['effect', 0],
    ])
  })

  test.each([
    ['transforms', {}],
    ['guards', guard],
  ])('counts for the overhead budget: %s', async (_, options) => {
    const hooks = create({ executor: { breaker: false, overheadBudget: 0.9 } })
    hooks.register(TOOL.before, takes(10), options)
    const work = hooks.wrap({ name: 'work', ...TOOL }, takes(100))
    for (let i = 0; i < 100; i++) await work(undefined)
    expect(hooks.stats().overhead).toEqual([{ budget: 0.9, share: 0.1, operations: 0, shed: [] }])
  })

  test('leaves no trace where none is kept', async () => {
    const { tool } = bench({ x: [nothing, guard] }, { trace: 'off' })
    expect(await tool(1)).toMatchObject({ status: 'completed', output: 1, trace: [] })
  })
})

test('an error that guards had nothing to say about is the very same', async () => {
  const hooks = create()
  hooks.register(TOOL.error, nothing, guard)
  const original = new HookchartError('E_NET', 'no route')
  const work = hooks.wrap({ name: 'work', ...TOOL }, () => {
    throw original
  })
  expect((await work(undefined)).error).toBe(original)
})

test('data before an effect has no place for an output or an error', async () => {
  const hooks = create()
  const keys: string[][] = []
  hooks.register([TOOL.before, TOOL.after, TOOL.error], ({ data }) => void keys.push(Object.keys(data)))
  await hooks.wrap({ name: 'work', ...TOOL }, (input: string) => {
    if (input === 'bad') throw new Error(input)
  })('bad')
  await hooks.wrap({ name: 'work', ...TOOL }, nothing)('good')
  expect(keys).toEqual([
    ['input', 'tool'],
    ['input', 'error', 'tool'],
    ['input', 'tool'],
    ['input', 'output', 'tool'],
  ])
})

test('no hook is called behind an effect that aborted its operation', async () => {
  const hooks = create()
  const controller = new AbortController()
  let calls = 0
  hooks.register(TOOL.after, () => void calls++)
  const result = await hooks.wrap({ name: 'work', ...TOOL }, () => controller.abort())(undefined, {
    signal: controller.signal,
  })
  expect(result).toMatchObject({ error: { code: 'RUN_ABORTED' } })
  expect(calls).toBe(0)
})

test('inputs that are no JSON share neither a flight nor a result', async () => {
  const hooks = create()
  hooks.register(TOOL.before, () => hook.cache({ key: 'k' }))
  const gate = deferred()
  const started: number[] = []
  const work = hooks.wrap({ name: 'work', ...TOOL }, async ({ size }: Map<string, number>) => {
    started.push(size)
    await gate.promise
    return size
  })
  const running = [work(new Map()), work(new Map([['a', 1]]))]
  expect(started).toEqual([0, 1])
  gate.resolve()
  expect((await Promise.all(running)).map(({ output, attempts }) => [output, attempts])).toEqual([
    [0, 1],
    [1, 1],
  ])
})
