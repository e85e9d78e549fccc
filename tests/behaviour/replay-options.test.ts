/** The options of recording and replaying hooks: of each, two values that come to two outcomes. */
import { createHooks, hook, recordHook, replayExecution } from 'hookchart/hooks'
import type {
  RecordHookOptions,
  ReplayableHook,
  ReplayExecutionOptions,
  SerializedHookExecution,
} from 'hookchart/hooks'
import { createTestClock, createTestIds } from 'hookchart/testing'
import { describe, expect, test } from 'vitest'
import { hangs } from '../support/kernel.ts'
import { outcomesOf } from '../support/outcomes.ts'

type Hook = ReplayableHook<'BeforeToolExecution'>
type Handler = Hook['handler']
type Context = ReturnType<NonNullable<Hook['deserializeContext']>>

const hookOf = (handler: Handler, more: Partial<Hook> = {}): Hook => ({
  ...{ name: 'h', points: 'BeforeToolExecution', handler },
  ...more,
})

/** The record of one call of a hook. */
async function record(handler: Handler, options: Partial<RecordHookOptions> = {}, more: Partial<Hook> = {}) {
  const clock = createTestClock(1_000)
  const hooks = createHooks({ clock, ids: createTestIds() })
  const executions: SerializedHookExecution[] = []
  const onExecution = (execution: SerializedHookExecution) => void executions.push(execution)
  hooks.use(recordHook(hookOf(handler, more), { onExecution, clock, ids: createTestIds('call'), ...options }))
  await hooks.wrap({ name: 'tool', before: 'BeforeToolExecution' }, (input: unknown) => input)(1)
  return executions[0]!
}

describe('recordHook', () => {
  test('onExecution: who is told of each call', async () => {
    const told: string[] = []
    const outcome = async (name: string) => {
      await record(() => undefined, { onExecution: () => told.push(name) })
      return told.join()
    }
    expect(await outcomesOf(outcome, 'a', 'b')).toEqual(['a', 'a,b'])
  })

  test('onError: who is told of what cannot be recorded', async () => {
    const broken = () => {
      throw new Error('no store')
    }
    const told: string[] = []
    const outcome = async (name: string) => {
      await record(() => undefined, { onExecution: broken, onError: (error) => told.push(`${name} ${String(error)}`) })
      return told.at(-1)
    }
    expect(await outcomesOf(outcome, 'a', 'b')).toEqual(['a Error: no store', 'b Error: no store'])
  })

  test('clock: the time of records', async () => {
    const at = async (startAt: number) => (await record(() => undefined, { clock: createTestClock(startAt) })).at
    expect(await outcomesOf(at, 7, 8)).toEqual([7, 8])
  })

  test('ids: the ids of records', async () => {
    const id = async (prefix: string) => (await record(() => undefined, { ids: createTestIds(prefix) })).executionId
    expect(await outcomesOf(id, 'a', 'b')).toEqual(['a-1', 'b-1'])
  })
})

describe('a replayable hook', () => {
  test('replayId: whom its records belong to', async () => {
    const belongs = async (replayId: string) => (await record(() => undefined, {}, { replayId })).replayId
    expect(await outcomesOf(belongs, 'a', 'b')).toEqual(['a', 'b'])
  })

  test('isReplayable: whether it is recorded', async () => {
    let told = 0
    const records = async (is: boolean) => {
      await record(() => undefined, { onExecution: () => told++ }, { isReplayable: () => is })
      return told
    }
    expect(await outcomesOf(records, false, true)).toEqual([0, 1])
  })

  test('serializeContext: what its context is recorded as', async () => {
    const text = async (given: string) => (await record(() => undefined, {}, { serializeContext: () => given })).context
    expect(await outcomesOf(text, '{}', '[]')).toEqual(['{}', '[]'])
  })

  test('deserializeContext: what it is called with again', async () => {
    const seen: unknown[] = []
    const outcome = async (input: number) => {
      const execution = await record(() => undefined)
      const deserializeContext = (text: string) => {
        const context = JSON.parse(text) as Context
        return { ...context, data: { ...context.data, input } }
      }
      const again = hookOf((ctx) => void seen.push(ctx.data.input), { deserializeContext })
      await replayExecution(execution, again, { clock: createTestClock() })
      return seen.at(-1)
    }
    expect(await outcomesOf(outcome, 5, 6)).toEqual([5, 6])
  })
})

describe('replayExecution', () => {
  /** Whether a hook that gave one patch is replayed identically by one that gives another. */
  async function isIdentical(first: object, second: object, options: ReplayExecutionOptions) {
    const execution = await record(() => hook.modified(first as never))
    const again = hookOf(() => hook.modified(second as never))
    return (await replayExecution(execution, again, { clock: createTestClock(), ...options })).identical
  }

  test('timeoutMs: when a hook that does not settle is given up', async () => {
    const outcome = async (timeoutMs: number) => {
      const clock = createTestClock()
      let ended = false
      const execution = await record(() => undefined)
      const running = replayExecution(execution, hookOf(hangs), { clock, timeoutMs }).then(() => (ended = true))
      await clock.advanceSteps(15)
      const inTime = ended
      await clock.advanceSteps(5)
      await running
      return inTime
    }
    expect(await outcomesOf(outcome, 10, 20)).toEqual([true, false])
  })

  test('clock: whose time counts for that', async () => {
    const [first, second] = [createTestClock(), createTestClock()]
    const timers = async (clock: typeof first) => {
      const running = replayExecution(await record(() => undefined), hookOf(hangs), { clock, timeoutMs: 10 })
      const set = [first.timers, second.timers]
      await clock.advanceSteps(10)
      await running
      return set
    }
    expect(await outcomesOf(timers, first, second)).toEqual([
      [1, 0],
      [0, 1],
    ])
  })

  test('ignoreFields: what may differ', async () => {
    const outcome = (ignoreFields: string[]) =>
      isIdentical({ input: { at: 1 } }, { input: { at: 2 } }, { ignoreFields })
    expect(await outcomesOf(outcome, ['at'], [])).toEqual([true, false])
  })

  test('ignoreArrayOrder: whether the order of lists counts', async () => {
    const outcome = (ignoreArrayOrder: boolean) =>
      isIdentical({ input: [1, 2] }, { input: [2, 1] }, { ignoreArrayOrder })
    expect(await outcomesOf(outcome, true, false)).toEqual([true, false])
  })
})
