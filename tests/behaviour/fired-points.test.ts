/** What `hooks.run` gives its hooks and its caller, to the last key. */
import { definePoint } from 'hookchart/hooks'
import { expect, test } from 'vitest'
import { bench, hook } from '../support/kernel.ts'

const mine = definePoint('mine', { phase: 'before' })
const late = definePoint('late', { phase: 'after' })

test('hooks see the metadata that a point is fired with', () => {
  const { hooks } = bench()
  const seen: unknown[] = []
  hooks.register(mine, ({ metadata }) => void seen.push(metadata))
  void hooks.run(mine, {}, { metadata: { userId: 'ann' } })
  void hooks.run(mine, {})
  expect(seen).toEqual([{ userId: 'ann' }, {}])
})

test('hooks are told that something is about to run only before it', () => {
  const { hooks } = bench()
  const seen: unknown[] = []
  hooks.register([mine, late], ({ proposal }) => void seen.push(proposal?.type))
  void hooks.run(mine, {})
  void hooks.run(late, {})
  expect(seen).toEqual(['run', 'continue'])
})

test('a decision has the keys that it needs, and no others', () => {
  const { hooks } = bench()
  const results = [hook.cancel('no'), hook.replace(1), hook.redirect('there', { message: 'over there' })]
  hooks.register(mine, () => results.shift(), { name: 'decides' })
  const data = { input: 1 }
  expect(hooks.run(mine, data)).toStrictEqual({
    type: 'cancel',
    code: 'HOOK_CANCELLED',
    reason: 'no',
    hook: 'decides',
    data,
  })
  expect(hooks.run(mine, data)).toStrictEqual({ type: 'replace', value: 1, hook: 'decides', data })
  expect(hooks.run(mine, data)).toStrictEqual({
    type: 'redirect',
    target: 'there',
    hook: 'decides',
    data,
    message: 'over there',
  })
})

test('a refusal for a guard that failed has its error as its cause', () => {
  const { hooks } = bench()
  hooks.register(
    mine,
    () => {
      throw new Error('down')
    },
    { name: 'strict', kind: 'guard' },
  )
  expect(hooks.run(mine, {})).toMatchObject({
    type: 'cancel',
    code: 'GUARD_FAILED',
    cause: { code: 'HOOK_FAILED', cause: { message: 'down' } },
  })
})

test('a hook without a breaker whose condition throws is skipped; its trace says what failed', async () => {
  const { hooks } = bench()
  let called = 0
  hooks.register('BeforeToolExecution', () => void called++, {
    name: 'odd',
    breaker: false,
    when: () => {
      throw new Error('no idea')
    },
  })
  const result = await hooks.wrap({ name: 'work', before: 'BeforeToolExecution' }, () => 1)(undefined)
  expect(result).toMatchObject({ status: 'completed', output: 1 })
  expect(called).toBe(0)
  expect(result.trace.find((entry) => entry.hook === 'odd')).toMatchObject({ outcome: 'failed' })
})

test('firings at which a breaker was open are counted as skipped', () => {
  const { hooks } = bench()
  hooks.register(
    mine,
    () => {
      throw new Error('down')
    },
    { name: 'flaky', breaker: { failureThreshold: 1 } },
  )
  for (let i = 0; i < 3; i++) void hooks.run(mine, {})
  expect(hooks.stats().perHook).toMatchObject([{ skipped: 2, errors: 1 }])
})

test('a hook that an abort leaves behind is aborted in the trace, and no success of its breaker', async () => {
  const { hooks } = bench()
  const controller = new AbortController()
  hooks.register('BeforeToolExecution', () => new Promise<undefined>(() => undefined), {
    name: 'slow',
    when: () => true,
    breaker: { failureThreshold: 1, successThreshold: 1, openMs: 10 },
  })
  const running = hooks.wrap({ name: 'work', before: 'BeforeToolExecution' }, () => 1)(undefined, {
    signal: controller.signal,
  })
  controller.abort()
  const result = await running
  expect(result.status).toBe('cancelled')
  expect(result.trace.find((entry) => entry.hook === 'slow')).toMatchObject({ outcome: 'aborted', type: 'aborted' })
  expect(hooks.stats().breakers).toMatchObject([{ state: 'closed', failures: [] }])
})
