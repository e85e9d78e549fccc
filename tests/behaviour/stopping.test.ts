/** Stopping, and journals that fail. */
import { describe, expect, test } from 'vitest'
import { createMemoryJournal } from 'hookchart/hooks'
import type { Journal } from 'hookchart/hooks'
import { bench, deferred, hangs, hook, TOOL } from '../support/kernel.ts'

describe('stop', () => {
  test('waits for the observers of what it aborts', async () => {
    const { hooks } = bench()
    const gate = deferred()
    let done = false
    hooks.register('OperationSettled', async () => {
      await gate.promise
      done = true
    })
    const running = hooks.wrap({ name: 'work' }, hangs)(undefined)
    const stopping = hooks.stop()
    gate.resolve()
    await stopping
    expect(done).toBe(true)
    expect((await running).status).toBe('cancelled')
  })

  test('may be called by what it ends', async () => {
    const { hooks } = bench()
    const result = await hooks.wrap({ name: 'work' }, () => hooks.stop())(undefined)
    expect(result).toMatchObject({ status: 'cancelled', error: { code: 'RUN_ABORTED' } })
  })
})

describe('a journal that cannot write', () => {
  const failing = (at: 'before' | 'end') => {
    const memory = createMemoryJournal()
    let commits = 0
    const commit = async () => {
      if (at === 'before' || ++commits === 2) throw new Error('disk full')
    }
    return { ...memory, open: (run, id) => ({ ...memory.open(run, id), commit }) } satisfies Journal
  }

  test('before the effect: the effect does not start', async () => {
    const { hooks } = bench({ journal: failing('before') })
    let ran = false
    const result = await hooks.wrap({ name: 'work' }, () => (ran = true))(undefined)
    expect(result).toMatchObject({ status: 'failed', error: { code: 'JOURNAL_FAILED' } })
    expect(result.error?.message).toContain('disk full')
    expect(ran).toBe(false)
  })

  test('at the end: the operation counts as failed', async () => {
    const { hooks } = bench({ journal: failing('end') })
    const result = await hooks.wrap({ name: 'work' }, () => 'done')(undefined)
    expect(result).toMatchObject({ status: 'failed', error: { code: 'JOURNAL_FAILED' } })
  })

  test('for a firing outside any operation: it rejects', async () => {
    const { hooks } = bench({ journal: failing('before') })
    hooks.register('BeforeToolExecution', () => hook.cancel('no'))
    await expect(hooks.run('BeforeToolExecution', { input: 1 } as never)).rejects.toThrow('disk full')
  })
})

test('what a hook sets in workflow state cannot be changed behind its back', async () => {
  const { hooks } = bench()
  hooks.register('BeforeToolExecution', () => hook.modified({}, { state: { list: [1] } }))
  hooks.register('AfterToolExecution', ({ state }) => void (state['list'] as number[]).push(2), {
    kind: 'observe',
    name: 'meddles',
  })
  const { state, trace } = await hooks.wrap({ name: 'work', ...TOOL }, () => 1)(undefined)
  expect(state).toEqual({ list: [1] })
  expect(trace.find((each) => each.hook === 'meddles')).toMatchObject({ outcome: 'failed' })
})

test('metadata is a copy: the caller may go on with its own', async () => {
  const { hooks } = bench()
  const mine = { user: { id: 1 } }
  let seen: unknown
  hooks.register('AfterToolExecution', ({ metadata }) => {
    seen = metadata
  })
  const work = hooks.wrap({ name: 'work', ...TOOL }, () => {
    mine.user.id = 2
  })
  await work(undefined, { metadata: mine })
  expect(seen).toEqual({ user: { id: 1 } })
  expect(Object.isFrozen(mine.user)).toBe(false)
})
