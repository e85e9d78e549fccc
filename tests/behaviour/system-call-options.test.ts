/** The options of what a system is asked to do: stop, start a machine, keep state. Of each, two values that come to two outcomes. */
import { createSystem, defineTool } from 'hookchart'
import type { StateOptions, StateScope } from 'hookchart'
import type { HookchartError } from 'hookchart/hooks'
import { createTestClock } from 'hookchart/testing'
import { describe, expect, test } from 'vitest'
import { assign, setup } from 'xstate'
import * as z from 'zod'
import { outcomesOf } from '../support/outcomes.ts'

const never = defineTool({
  name: 'never',
  description: 'never ends',
  input: z.unknown(),
  execute: () => new Promise(() => {}),
})

function systemOf() {
  const clock = createTestClock()
  return { clock, system: createSystem({ clock }) }
}

describe('stop', () => {
  test('timeoutMs: how long what runs may go on', async () => {
    const stoppedAt = async (timeoutMs: number) => {
      const { system, clock } = systemOf()
      const late = system.tools.execute(never, 1)
      const stopping = system.stop({ timeoutMs })
      await clock.advanceSteps(30)
      await stopping
      return (await late).durationMs
    }
    expect(await outcomesOf(stoppedAt, 10, 20)).toEqual([10, 20])
  })
})

describe('system.start', () => {
  const counter = setup({ types: { input: {} as number, context: {} as { count: number } } }).createMachine({
    id: 'counter',
    context: ({ input }) => ({ count: input }),
    on: { ADD: { actions: assign({ count: ({ context }) => context.count + 1 }) } },
  })

  test('input: what it begins with', async () => {
    const count = (input: number) => systemOf().system.start(counter, { input }).getSnapshot().context.count
    expect(await outcomesOf(count, 1, 2)).toEqual([1, 2])
  })

  test('id: what its actor is called', async () => {
    const called = (id: string) => systemOf().system.start(counter, { input: 1, id }).id
    expect(await outcomesOf(called, 'a', 'b')).toEqual(['a', 'b'])
  })

  test('snapshot: where it goes on', async () => {
    const { system } = systemOf()
    const actor = system.start(counter, { input: 1 })
    const first = actor.getPersistedSnapshot()
    actor.send({ type: 'ADD' })
    const count = (snapshot: typeof first) => system.start(counter, { snapshot }).getSnapshot().context.count
    expect(await outcomesOf(count, first, actor.getPersistedSnapshot())).toEqual([1, 2])
  })
})

describe('state', () => {
  test('scope: which value is meant', async () => {
    const { state } = systemOf().system
    await state.set('key', 1)
    const value = async (scope: StateScope) => state.get('key', { scope })
    expect(await outcomesOf(value, 'global', { custom: 'mine' })).toEqual([1, undefined])
  })

  test.each([
    ['workflow', (workflow: string) => ({ workflow })],
    ['step', (step: string) => ({ workflow: 'w', step })],
    ['custom', (custom: string) => ({ custom })],
  ] as const)('%s: which scope is meant', async (_, scopeOf) => {
    const { state } = systemOf().system
    await state.set('key', 1, { scope: scopeOf('a') })
    const value = async (name: string) => state.get('key', { scope: scopeOf(name) })
    expect(await outcomesOf(value, 'a', 'b')).toEqual([1, undefined])
  })

  /** What a hook sees of a read. */
  const seen = async (options: StateOptions, key: 'correlationId' | 'metadata') => {
    const { system } = systemOf()
    let found: unknown
    system.hooks.register('BeforeStateRead', (ctx) => void (found = ctx[key]))
    await system.state.get('key', options)
    return found
  }

  test('correlationId: what hooks know it by', async () => {
    const told = async (correlationId: string) => seen({ correlationId }, 'correlationId')
    expect(await outcomesOf(told, 'a', 'b')).toEqual(['a', 'b'])
  })

  test('metadata: what hooks are told', async () => {
    const told = async (metadata: object) => seen({ metadata: { ...metadata } }, 'metadata')
    expect(await outcomesOf(told, { by: 'ann' }, {})).toEqual([{ by: 'ann' }, {}])
  })

  test('signal: an abort ends the wait for hooks', async () => {
    const waited = async (signal: AbortSignal) => {
      const { system, clock } = systemOf()
      system.hooks.register('BeforeStateRead', () => new Promise<undefined>(() => {}), { timeoutMs: 1_000 })
      let outcome = 'waits'
      void system.state.get('key', { signal }).catch((error: unknown) => (outcome = (error as HookchartError).code))
      await clock.settle()
      return outcome
    }
    expect(await outcomesOf(waited, AbortSignal.abort(), new AbortController().signal)).toEqual([
      'RUN_ABORTED',
      'waits',
    ])
  })
})
