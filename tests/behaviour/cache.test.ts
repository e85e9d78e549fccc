/** Results of effects served again: keys, time, guards, single flight. */
import { hook } from 'hookchart/hooks'
import { describe, expect, test } from 'vitest'
import { bench, deferred, TOOL } from '../support/kernel.ts'

function cached(options: { ttlMs?: number; key?: string } = {}) {
  const all = bench()
  all.hooks.register('BeforeToolExecution', () => hook.cache({ key: 'results', ...options }), {
    name: 'cache',
    priority: 'low',
  })
  return all
}

test('the second identical call is served without running the effect, and its value goes on to after', async () => {
  const { hooks, seen } = cached()
  let runs = 0
  hooks.register('AfterToolExecution', seen.handler('after'))
  const work = hooks.wrap({ name: 'work', ...TOOL }, ({ q }: { q: string }) => ({ answer: q, run: ++runs }))
  const first = await work({ q: 'a' })
  const second = await work({ q: 'a' })
  expect(second).toMatchObject({ status: 'completed', output: first.output, attempts: 0 })
  expect(runs).toBe(1)
  expect(seen.order).toEqual(['after', 'after'])
  expect(await work({ q: 'b' })).toMatchObject({ output: { run: 2 } })
})

test('the key is point, component, the hook’s key and the final input; the order of keys does not matter', async () => {
  const { hooks } = cached()
  let runs = 0
  hooks.register('BeforeToolExecution', (ctx) =>
    hook.modified({ input: { ...(ctx.data.input as object), fixed: true } }),
  )
  const effect = () => ++runs
  const one = hooks.wrap({ name: 'one', ...TOOL }, effect)
  const two = hooks.wrap({ name: 'two', ...TOOL }, effect)
  await one({ a: 1, b: 2 })
  await one({ b: 2, a: 1 }, { metadata: { user: 'x' } })
  expect(runs).toBe(1)
  await two({ a: 1, b: 2 })
  expect(runs).toBe(2)
})

test('a result is served until its time is over', async () => {
  const { hooks, clock } = cached({ ttlMs: 100 })
  let runs = 0
  const work = hooks.wrap({ name: 'work', ...TOOL }, () => ++runs)
  await work(undefined)
  await clock.advance(100)
  expect(await work(undefined)).toMatchObject({ output: 1 })
  await clock.advance(1)
  expect(await work(undefined)).toMatchObject({ output: 2 })
})

test('what is served can be changed by who gets it without harm to the next', async () => {
  const { hooks } = cached()
  const work = hooks.wrap({ name: 'work', ...TOOL }, () => ({ list: [1] }))
  await work(undefined)
  const served = await work(undefined)
  ;(served.output as { list: number[] }).list.push(2)
  expect(await work(undefined)).toMatchObject({ output: { list: [1] } })
})

describe('guards', () => {
  test('are told of a hit, and it is served only when they allow it', async () => {
    const { hooks, seen } = cached()
    let allow = true
    hooks.register(
      'BeforeToolExecution',
      seen.handler('guard', () => (allow ? undefined : hook.cancel('no'))),
      { kind: 'guard' },
    )
    const work = hooks.wrap({ name: 'work', ...TOOL }, (_: string) => 'result')
    await work('a')
    await work('b')
    await work('a')
    expect(seen.calls.map(({ proposal }) => proposal)).toEqual(['run', 'run', 'cache'])
    allow = false
    expect(await work('a')).toMatchObject({ status: 'cancelled' })
  })
})

describe('single flight', () => {
  test('identical calls at once: one runs, the others wait for it', async () => {
    const { hooks } = cached()
    const gate = deferred()
    let runs = 0
    const work = hooks.wrap({ name: 'work', ...TOOL }, async () => {
      runs++
      await gate.promise
      return 'done'
    })
    const all = [work(undefined), work(undefined), work(undefined)]
    gate.resolve()
    for (const result of await Promise.all(all)) expect(result).toMatchObject({ status: 'completed', output: 'done' })
    expect(runs).toBe(1)
  })

  test('when the leader does not complete, the next one leads; failures are not stored', async () => {
    const { hooks } = cached()
    const gates = [deferred<string>(), deferred<string>()]
    let runs = 0
    const work = hooks.wrap({ name: 'work', ...TOOL }, () => gates[runs++]!.promise)
    const all = [work(undefined), work(undefined), work(undefined)]
    gates[0]!.reject(new Error('leader fell'))
    gates[1]!.resolve('second')
    const [first, second, third] = await Promise.all(all)
    expect(first).toMatchObject({ status: 'failed', error: { message: 'leader fell' } })
    expect(second).toMatchObject({ status: 'completed', output: 'second', attempts: 1 })
    expect(third).toMatchObject({ status: 'completed', output: 'second', attempts: 0 })
    expect(runs).toBe(2)
  })

  test('who waits does so under its own deadline and signal', async () => {
    const { hooks, clock } = cached()
    const gate = deferred<string>()
    const work = hooks.wrap({ name: 'work', ...TOOL }, () => gate.promise)
    const controller = new AbortController()
    const leader = work(undefined)
    const impatient = work(undefined, { timeoutMs: 100 })
    const aborted = work(undefined, { signal: controller.signal })
    await clock.advance(100)
    expect(await impatient).toMatchObject({ status: 'timed_out' })
    controller.abort()
    expect(await aborted).toMatchObject({ status: 'cancelled', error: { code: 'RUN_ABORTED' } })
    gate.resolve('late')
    expect(await leader).toMatchObject({ output: 'late' })
  })

  test('a joined result is guarded by the guards of who joins', async () => {
    const { hooks } = cached()
    hooks.register(
      'BeforeToolExecution',
      (ctx) => (ctx.metadata['user'] === 'eve' ? hook.cancel('not you') : undefined),
      { kind: 'guard' },
    )
    const gate = deferred<string>()
    const work = hooks.wrap({ name: 'work', ...TOOL }, () => gate.promise)
    const leader = work(undefined, { metadata: { user: 'ann' } })
    expect(await work(undefined, { metadata: { user: 'eve' } })).toMatchObject({ status: 'cancelled' })
    gate.resolve('x')
    expect(await leader).toMatchObject({ output: 'x' })
  })
})

test('a result is stored before the after gate, so that what after makes of it is not', async () => {
  const { hooks } = cached()
  let n = 0
  hooks.register('AfterToolExecution', (ctx) => hook.modified({ output: `${String(ctx.data.output)}${++n}` }))
  const work = hooks.wrap({ name: 'work', ...TOOL }, () => 'r')
  expect([(await work(undefined)).output, (await work(undefined)).output]).toEqual(['r1', 'r2'])
})

test('of two hooks that note a key the first counts; without time nothing is stored', async () => {
  const { hooks } = cached()
  hooks.register('BeforeToolExecution', () => hook.cache({ key: 'first', ttlMs: 0 }), { priority: 'high' })
  let runs = 0
  const work = hooks.wrap({ name: 'work', ...TOOL }, () => ++runs)
  await work(undefined)
  await work(undefined)
  expect(runs).toBe(2)
})

test('hooks.run hands the note on', () => {
  const { hooks } = cached({ ttlMs: 5 })
  expect(hooks.run('BeforeToolExecution', { input: 1 } as never)).toEqual({
    type: 'modified',
    data: { input: 1 },
    cache: { key: 'results', ttlMs: 5, hook: 'cache' },
  })
})
