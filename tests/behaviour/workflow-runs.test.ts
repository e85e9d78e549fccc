/** Runs from outside: pause, resume, cancel and step by step, on every pattern; approvals, deadlines and misuse. */
import { conditional, defineTool, hook, loop, parallel, sequential, step } from 'hookchart'
import type { WorkflowDefinition } from 'hookchart'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { deferred } from '../support/kernel.ts'
import { bench } from '../support/workflows.ts'

/** Each pattern with steps `one` and `two`, in this order. */
function patterns(ran: string[], wait: () => Promise<void> | undefined = () => undefined): WorkflowDefinition[] {
  const run = (name: string) =>
    step.run(name, async () => {
      ran.push(name)
      await wait()
      return name
    })
  const steps = [run('one'), run('two')] as const
  return [
    sequential({ name: 'sequential', steps }),
    conditional({ name: 'conditional', branches: [{ name: 'it', condition: { type: 'always' }, steps }] }),
    loop({ name: 'loop', iterator: { range: { end: 1 } }, body: steps }),
    parallel({ name: 'parallel', branches: [{ name: 'it', steps }] }),
  ]
}
const names = ['sequential', 'conditional', 'loop', 'parallel'] as const
const pick = (name: string, ran: string[], wait?: () => Promise<void> | undefined) =>
  patterns(ran, wait).find((each) => each.name === name) as WorkflowDefinition

test.each(names)('%s: a pause takes hold before the next step, and deadlines stand still', async (name) => {
  const { system, clock } = bench({}, [])
  const ran: string[] = []
  const { promise, resolve } = deferred()
  const run = system.workflows.start(
    pick(name, ran, () => promise),
    undefined,
  )
  await clock.settle()
  expect(run.status).toBe('running')
  expect(run.pause()).toBe(true)
  expect(run.status).toBe('pausing')
  resolve()
  await clock.settle()
  expect(run.status).toBe('paused')
  await clock.advanceSteps(24 * 3_600_000)
  expect(ran).toEqual(['one'])
  expect(run.resume()).toBe(true)
  expect(await run.result).toMatchObject({ status: 'completed', id: run.id })
  expect(ran).toEqual(['one', 'two'])
})

test.each(names)('%s: cancelled while it runs, and while it is paused; all points of the end fire', async (name) => {
  for (const paused of [true, false]) {
    const { system, clock, fired } = bench()
    const ran: string[] = []
    const run = system.workflows.start(
      pick(name, ran, () => new Promise(() => {})),
      undefined,
      { paused },
    )
    await clock.settle()
    expect(run.cancel('enough')).toBe(true)
    expect(await run.result).toMatchObject({
      status: 'cancelled',
      error: { code: 'RUN_ABORTED', message: `${name} was aborted: enough.` },
    })
    expect(ran).toEqual(paused ? [] : ['one'])
    expect(fired.slice(-2)).toEqual(['AfterWorkflowComplete', 'OperationSettled'])
    expect(fired.includes('OperationSettled one')).toBe(!paused)
    expect(fired).not.toContain('WorkflowError')
  }
})

test.each(names)('%s: step by step', async (name) => {
  const { system } = bench({}, [])
  const ran: string[] = []
  const run = system.workflows.start(pick(name, ran), undefined, { paused: true })
  expect(await run.step()).toBe('paused')
  expect(ran).toEqual(['one'])
  expect(await run.step()).toBe('ended')
  expect(ran).toEqual(['one', 'two'])
  expect(run.status).toBe('ended')
  expect(await run.step()).toBe('ended')
  expect((await run.result).status).toBe('completed')
})

test('after the end nothing can be done, and nothing happens', async () => {
  const { system } = bench({}, [])
  const run = system.workflows.start(pick('sequential', []), undefined)
  const { status } = await run.result
  expect([run.pause(), run.resume(), run.cancel('late'), run.status]).toEqual([false, false, false, 'ended'])
  expect((await run.result).status).toBe(status)
})

test('resuming what was not paused does nothing', async () => {
  const { system } = bench({}, [])
  const run = system.workflows.start(pick('sequential', []), undefined)
  expect(run.resume()).toBe(false)
  expect((await run.result).status).toBe('completed')
})

test('a pause while somebody is asked: the answer is taken, and the pause holds before the next step', async () => {
  const { system, clock } = bench({}, [])
  const ran: string[] = []
  system.hooks.register(
    'BeforeWorkflowStage',
    ({ step: at }) => (at?.name === 'one' ? hook.suspend({ question: 'ok?' }) : undefined),
    { name: 'asks' },
  )
  const run = system.workflows.start(pick('sequential', ran), undefined)
  await clock.settle()
  expect(run.pause()).toBe(true)
  await clock.settle()
  expect(run.status).toBe('pausing')
  void system.approvals.resume(system.approvals.pending()[0]!.id)
  await clock.settle()
  expect(ran).toEqual(['one'])
  expect(run.status).toBe('paused')
  run.resume()
  expect((await run.result).status).toBe('completed')
})

test('a pause reaches into workflows that run as steps', async () => {
  const { system, clock } = bench({}, [])
  const ran: string[] = []
  const outer = sequential({ name: 'outer', steps: [step.workflow('inner', pick('sequential', ran))] })
  const run = system.workflows.start(outer, undefined, { paused: true })
  expect(await run.step()).toBe('paused')
  expect(ran).toEqual([])
  expect(await run.step()).toBe('paused')
  expect(ran).toEqual(['one'])
  await clock.advanceSteps(24 * 3_600_000)
  run.resume()
  expect((await run.result).status).toBe('completed')
})

test('while somebody is asked in a tool, no deadline above it runs down', async () => {
  const { system, clock } = bench({}, [])
  const pay = defineTool({ name: 'pay', description: 'pays', input: z.unknown(), execute: () => 'paid' })
  system.hooks.register('BeforeToolExecution', () => hook.suspend({ question: 'pay?' }), {
    name: 'asks',
    kind: 'guard',
  })
  const workflow = sequential({
    name: 'order',
    timeoutMs: '1s',
    steps: [step.tool('pay', pay, undefined, { timeoutMs: 100 })],
  })
  const running = system.workflows.execute(workflow, 1)
  await clock.advanceSteps(3_600_000)
  void system.approvals.resume(system.approvals.pending()[0]!.id)
  expect(await running).toMatchObject({ status: 'completed', output: 'paid' })
  const left = system.workflows.execute(workflow, 1, { onSuspend: 'return' })
  expect(await left).toMatchObject({ status: 'suspended' })
  const rejected = await system.approvals.reject(system.approvals.pending()[0]!.id)
  expect(rejected).toMatchObject({ status: 'failed', error: { code: 'APPROVAL_REJECTED' } })
})

test('AfterWorkflowComplete fires once on every ending; elsewhere than behind a result what it says is ignored', async () => {
  const ok = step.run('ok', () => 1)
  const bad = step.run('bad', () => {
    throw new Error('boom')
  })
  const hangs = step.run('hangs', () => new Promise(() => {}))
  for (const [status, steps, onError] of [
    ['completed', [ok], 'fail_fast'],
    ['partial', [bad], 'continue'],
    ['failed', [bad], 'fail_fast'],
    ['timed_out', [hangs], 'fail_fast'],
    ['cancelled', [hangs], 'fail_fast'],
  ] as const) {
    for (const says of [hook.replace('said'), hook.suspend({ question: 'sure?' }), hook.cancel('no')]) {
      const { system, clock } = bench({}, [])
      const seen: unknown[] = []
      system.hooks.register(
        'AfterWorkflowComplete',
        async ({ data }) => {
          await Promise.resolve()
          seen.push([data.status, data.error?.code])
          return says
        },
        { name: 'says' },
      )
      const run = system.workflows.start(sequential({ name: 'w', steps, onError, timeoutMs: 100 }), undefined)
      await clock.settle()
      if (status === 'cancelled') run.cancel()
      await clock.advanceSteps(200)
      for (const { id } of system.approvals.pending()) void system.approvals.resume(id)
      const result = await run.result
      const decides = status === 'completed' || status === 'partial'
      expect(seen).toEqual([
        [
          status,
          { failed: 'EFFECT_FAILED', timed_out: 'OPERATION_TIMED_OUT', cancelled: 'RUN_ABORTED' }[status as 'failed'],
        ],
      ])
      expect(result.status).toBe(decides && says.type === 'cancel' ? 'failed' : status)
      if (decides && says.type === 'replace') expect(result.output).toBe('said')
    }
  }
})

test('gates of the workflow itself: changed input, replaced, recovered, run again, redirected', async () => {
  const { system } = bench({}, [])
  let attempts = 0
  const flaky = sequential({
    name: 'flaky',
    steps: [
      step.run('it', ({ input }) => {
        if (++attempts === 1) throw new Error('boom')
        return input
      }),
    ],
  })
  const again = system.hooks.register('WorkflowError', () => hook.retry({ maxAttempts: 2, delayMs: 0 }), {
    name: 'again',
  })
  const edit = system.hooks.register('BeforeWorkflowStart', () => hook.modified({ input: 5 }), { name: 'edits' })
  expect(await system.workflows.execute(flaky, 1)).toMatchObject({ status: 'completed', output: 5, attempts: 2 })
  again.unregister()
  edit.unregister()
  attempts = 0
  const recover = system.hooks.register('WorkflowError', () => hook.replace('saved'), { name: 'saves' })
  expect(await system.workflows.execute(flaky, 1)).toMatchObject({ status: 'completed', output: 'saved' })
  recover.unregister()
  system.workflows.register(sequential({ name: 'other', steps: [step.run('it', ({ input }) => ['other', input])] }))
  const seen: unknown[] = []
  system.hooks.register(
    'AfterWorkflowComplete',
    ({ data, workflow }) => void seen.push([workflow?.name, data.status]),
    { name: 'sees' },
  )
  system.hooks.register(
    'BeforeWorkflowStart',
    ({ workflow }) => (workflow?.name === 'flaky' ? hook.redirect('other') : undefined),
    { name: 'sends' },
  )
  expect(await system.workflows.execute(flaky, 1)).toMatchObject({ status: 'completed', output: ['other', 1] })
  expect(seen).toEqual([
    ['flaky', 'redirected'],
    ['other', 'completed'],
  ])
})

test('misuse is refused at once', async () => {
  const { system } = bench({}, [])
  const workflow = pick('sequential', [])
  expect(() => system.workflows.start('nobody')).toThrow('no workflow is called "nobody"')
  expect(() => system.workflows.start(workflow, 1, { pause: true } as never)).toThrow('unknown option "pause"')
  expect(() => system.workflows.start(workflow, 1, { paused: 'yes' } as never)).toThrow('"paused"')
  await expect(system.workflows.execute(workflow, 1, { paused: true } as never)).rejects.toMatchObject({
    code: 'INVALID_OPTIONS',
  })
  system.workflows.register(workflow)
  expect(() => {
    system.workflows.register(pick('sequential', []))
  }).toThrow('another workflow is registered as "sequential"')
  await system.stop()
  expect(() => system.workflows.start(workflow, 1)).toThrow('stopped')
  await expect(system.workflows.execute(workflow, 1)).rejects.toMatchObject({ code: 'HOOKS_STOPPED' })
})
