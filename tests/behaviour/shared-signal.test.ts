/** One AbortSignal for many runs: it ends them all, warns of nothing, and is let go of. */
import { getEventListeners } from 'node:events'
import { createHooks } from 'hookchart/hooks'
import { expect, test } from 'vitest'

const RUNS = 40

test('a signal that many runs share ends all of them', async () => {
  const warnings: Error[] = []
  const listener = (warning: Error) => void warnings.push(warning)
  process.on('warning', listener)
  const hooks = createHooks()
  const controller = new AbortController()
  const hang = hooks.wrap({ name: 'hang' }, () => new Promise(() => undefined))
  const runs = Array.from({ length: RUNS }, () => hang(undefined, { signal: controller.signal }))
  expect(getEventListeners(controller.signal, 'abort')).toHaveLength(1)
  controller.abort(new Error('enough'))
  const results = await Promise.all(runs)
  expect(results.map(({ error }) => error?.code)).toEqual(Array.from({ length: RUNS }, () => 'RUN_ABORTED'))
  // Warnings are told in a later turn.
  await new Promise((resolve) => setImmediate(resolve))
  process.off('warning', listener)
  expect(warnings).toEqual([])
})

test('when the last of them has ended, nobody listens any more', async () => {
  const hooks = createHooks()
  const { signal } = new AbortController()
  const ends: (() => void)[] = []
  const wait = hooks.wrap({ name: 'wait' }, () => new Promise<void>((resolve) => ends.push(resolve)))
  const runs = [wait(undefined, { signal }), wait(undefined, { signal })]
  ends[0]!()
  await runs[0]
  expect(getEventListeners(signal, 'abort')).toHaveLength(1)
  ends[1]!()
  await runs[1]
  expect(getEventListeners(signal, 'abort')).toHaveLength(0)
})

test('hooks, firings and runs share it too', async () => {
  const hooks = createHooks()
  const controller = new AbortController()
  const { signal } = controller
  hooks.register('ToolError', () => undefined, { name: 'mine', signal })
  hooks.register('BeforeToolExecution', () => new Promise(() => undefined), { name: 'hangs', kind: 'guard', signal })
  const fired = hooks.run('BeforeToolExecution', { input: 1 } as never, { signal })
  expect(getEventListeners(signal, 'abort')).toHaveLength(1)
  controller.abort()
  expect(await fired).toMatchObject({ type: 'cancel', code: 'RUN_ABORTED' })
  expect(hooks.list()).toEqual([])
  expect(getEventListeners(signal, 'abort')).toHaveLength(0)
})
