/** Deadlines of what keeps the event loop busy, and of what is tried again when its own time is up. */
import { createSystem, defineChain, defineTool, hook, loop, parallel, sequential, step } from 'hookchart'
import { createTestClock } from 'hookchart/testing'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'

/** A clock whose time also passes while code works that never waits; no timer comes up meanwhile. */
function busyClock() {
  const base = createTestClock()
  let workedMs = 0
  return {
    now: () => base.now() + workedMs,
    setTimeout: (callback: () => void, delayMs: number) => base.setTimeout(callback, delayMs),
    clearTimeout: (handle: unknown) => {
      base.clearTimeout(handle)
    },
    work: (ms: number) => void (workedMs += ms),
    advance: (ms: number) => base.advanceSteps(ms),
  }
}

const never = () => new Promise<never>(() => undefined)
const anything = z.unknown()

describe('an enclosing deadline that has passed wins over what runs under it', () => {
  const clock = busyClock()
  const busy = step.run('busy', () => {
    clock.work(15)
  })
  const waits = step.run('waits', never)
  const tool = defineTool({ name: 'waits', description: 'waits', input: anything, execute: never })
  const list = [busy, waits]
  const range = { range: { end: 9 } }
  const system = createSystem({ clock })
  test.each([
    ['a sequence', () => system.workflows.execute(sequential({ name: 'w', steps: list, timeoutMs: 40 }), 1)],
    ['a loop', () => system.workflows.execute(loop({ name: 'w', iterator: range, body: list, timeoutMs: 40 }), 1)],
    [
      'a branch',
      () => system.workflows.execute(parallel({ name: 'w', branches: [{ name: 'b', steps: list }], timeoutMs: 40 }), 1),
    ],
    [
      'a time of the caller',
      () => system.workflows.execute(sequential({ name: 'w', steps: list }), 1, { timeoutMs: 40 }),
    ],
    [
      'a chain',
      () => {
        const input = () => clock.work(15)
        return system.chains.execute(defineChain('w', { timeoutMs: 40 }).tool(tool, { input }), 1)
      },
    ],
  ])('%s', async (_, run) => {
    const running = run()
    await clock.advance(40)
    expect(await running).toMatchObject({ status: 'timed_out', error: { code: 'OPERATION_TIMED_OUT' } })
  })
})

test('what has ended after its deadline has timed out, and nothing more of it is started', async () => {
  const clock = busyClock()
  const system = createSystem({ clock })
  const ran: string[] = []
  const steps = ['a', 'b'].map((name) => step.run(name, () => (ran.push(name), clock.work(60))))
  const result = await system.workflows.execute(sequential({ name: 'w', steps, timeoutMs: 50 }), 1)
  expect([result.status, ran]).toEqual(['timed_out', ['a']])
})

test('a loop whose body never waits lets timers come through', async () => {
  const system = createSystem()
  let closed = false
  async function* endless() {
    try {
      for (let i = 0; ; i++) yield await Promise.resolve(i)
    } finally {
      closed = true
    }
  }
  const body = [step.run('nothing', () => undefined)]
  const endlessLoop = loop({ name: 'w', iterator: { collection: endless }, body, aggregation: 'none' })
  const run = system.workflows.start(endlessLoop, 1)
  setTimeout(() => run.cancel('enough'), 0)
  expect(await run.result).toMatchObject({ status: 'cancelled' })
  expect(closed).toBe(true)
})

test.each([
  ['of a tool begins anew when a hook asks for another try', 'tool'],
  ['of a step begins anew when it is declared to be tried again', 'step'],
])('the limit %s', async (_, type) => {
  const clock = createTestClock()
  const system = createSystem({ clock })
  let starts = 0
  const execute = () => (++starts < 3 ? never() : 'done')
  const tool = defineTool({ name: 't', description: 't', input: anything, limits: { timeoutMs: 30 }, execute })
  system.hooks.register('ToolTimeout', () => hook.retry({ delayMs: 0, maxAttempts: 3 }))
  const steps = [step.run('s', execute, { timeoutMs: 30, retry: { maxAttempts: 3, backoff: { delayMs: 1 } } })]
  const running =
    type === 'tool' ? system.tools.execute(tool, 1) : system.workflows.execute(sequential({ name: 'w', steps }), 1)
  await clock.advanceSteps(100)
  expect(await running).toMatchObject({ status: 'completed', output: 'done' })
  expect(starts).toBe(3)
})

test('the time that a caller gives does not begin anew', async () => {
  const clock = createTestClock()
  const system = createSystem({ clock })
  let starts = 0
  const tool = defineTool({ name: 't', description: 't', input: anything, execute: () => (starts++, never()) })
  system.hooks.register('ToolTimeout', () => hook.retry({ delayMs: 0, maxAttempts: 3 }))
  const running = system.tools.execute(tool, 1, { timeoutMs: 30 })
  await clock.advanceSteps(100)
  expect((await running).status).toBe('timed_out')
  expect(starts).toBe(1)
})

test('of a declared retry and of hooks the smallest limit holds', async () => {
  const system = createSystem()
  let starts = 0
  const fails = () => {
    starts++
    throw new Error('no')
  }
  system.hooks.register('WorkflowStepError', () => hook.retry({ delayMs: 0, maxAttempts: 5 }))
  const steps = [step.run('s', fails, { retry: { maxAttempts: 2, backoff: { delayMs: 0 } } })]
  expect((await system.workflows.execute(sequential({ name: 'w', steps }), 1)).status).toBe('failed')
  expect(starts).toBe(2)
})

test('workflows that call each other without an end fail with a name', async () => {
  const system = createSystem()
  const again = sequential({ name: 'again', steps: [step.run('s', ({ workflows }) => workflows.call('again', 1))] })
  system.workflows.register(again)
  expect(await system.workflows.execute('again', 1)).toMatchObject({ status: 'failed', error: { code: 'DEPTH_LIMIT' } })
})

test('a step of a parallel workflow that ends while others wait is a place to stop at', async () => {
  const system = createSystem()
  const branches = ['a', 'b', 'c'].map((name) => ({ name, steps: [step.run('one', () => name)] }))
  const run = system.workflows.start(parallel({ name: 'w', branches }), undefined, { paused: true })
  expect([await run.step(), await run.step(), await run.step()]).toEqual(['paused', 'paused', 'ended'])
})

describe('what is no JSON is refused, whether hooks see it or not', () => {
  const system = createSystem()
  const tool = (execute: () => unknown) => defineTool({ name: 't', description: 't', input: anything, execute })
  test.each([
    ['a Map', new Map()],
    ['a bigint', 1n],
    ['a function', () => 1],
    ['a date', new Date(0)],
    ['not a number', NaN],
  ])('%s', async (_, value) => {
    const refused = { status: 'failed', error: { code: 'DATA_NOT_JSON' } }
    expect(
      await system.tools.execute(
        tool(() => 1),
        value,
      ),
    ).toMatchObject(refused)
    expect(
      await system.tools.execute(
        tool(() => value),
        1,
      ),
    ).toMatchObject(refused)
    const steps = [step.run('s', () => value)]
    expect(await system.workflows.execute(sequential({ name: 'w', steps }), 1)).toMatchObject(refused)
    expect(await system.workflows.execute(sequential({ name: 'w', steps }), value)).toMatchObject(refused)
  })
})

test('an `or` holds when one of its conditions does, whatever becomes of the others', async () => {
  const { conditional } = await import('hookchart')
  const system = createSystem()
  const broken = () => {
    throw new Error('no')
  }
  const of = (last: { readonly type: 'always' } | { readonly type: 'never' }) =>
    conditional({
      name: 'w',
      branches: [{ name: 'b', condition: { type: 'or', conditions: [broken, last] }, steps: [step.run('s', () => 1)] }],
    })
  expect((await system.workflows.execute(of({ type: 'always' }), 1)).status).toBe('completed')
  expect((await system.workflows.execute(of({ type: 'never' }), 1)).status).toBe('failed')
})

test('a tool that was aborted before it began gives back what it holds all the same', async () => {
  const system = createSystem()
  const fired: string[] = []
  system.hooks.register('*', ({ point }) => void fired.push(point), { kind: 'observe' })
  const tool = defineTool({ name: 't', description: 't', input: anything, execute: () => 1 })
  expect((await system.tools.execute(tool, 1, { signal: AbortSignal.abort() })).status).toBe('cancelled')
  expect(fired).toEqual(['ToolResourceReleased', 'OperationSettled'])
})

test('input whose schema throws never was an input', async () => {
  const system = createSystem()
  const fired: string[] = []
  system.hooks.register('*', ({ point }) => void fired.push(point), { kind: 'observe' })
  const validate = () => {
    throw new Error('broken')
  }
  const input = { '~standard': { version: 1 as const, vendor: 'mine', validate } }
  const tool = defineTool({ name: 't', description: 't', input, execute: () => 1 })
  expect(await system.tools.execute(tool, 1)).toMatchObject({ error: { code: 'INVALID_INPUT' } })
  expect(fired).toEqual(['ToolError', 'ToolResourceReleased', 'OperationSettled'])
})

test('a run that is being undone cannot be cancelled any more', async () => {
  const system = createSystem()
  system.hooks.register('BeforeWorkflowStage', (ctx) =>
    ctx.step?.action === 'compensate' ? hook.suspend({ question: 'undo it?' }) : undefined,
  )
  const steps = [
    step.run('a', () => 1, { compensate: () => undefined }),
    step.run('b', () => {
      throw new Error('no')
    }),
  ]
  const run = system.workflows.start(sequential({ name: 'w', steps }), 1)
  await expect.poll(() => system.approvals.pending().length).toBe(1)
  expect(run.cancel('enough')).toBe(false)
  void system.approvals.resume(system.approvals.pending()[0]?.id ?? '')
  expect((await run.result).status).toBe('failed')
})
