/** Parallel workflows: concurrency, failing fast, deadlines, the join, and the states that meet there. */
import { hook, parallel, step } from 'hookchart'
import type { MergeState } from 'hookchart/machines'
import { expect, test } from 'vitest'
import { deferred } from '../support/kernel.ts'
import { bench } from '../support/workflows.ts'

const give = (name: string, more: object = {}) => ({ name, steps: [step.run(`in ${name}`, () => name)], ...more })
const bad = (name: string, more: object = {}) => ({
  name,
  steps: [
    step.run(`in ${name}`, () => {
      throw new Error(`${name} failed`)
    }),
  ],
  ...more,
})
/** A branch that goes on until it is let, or aborted. */
function held(name: string, more: object = {}) {
  const { promise, resolve } = deferred<string>()
  const seen = { started: 0, aborted: 0 }
  const run = step.run(`in ${name}`, ({ signal }) => {
    seen.started++
    signal.addEventListener('abort', () => void seen.aborted++)
    return promise
  })
  return {
    branch: { name, steps: [run], ...more },
    resolve: () => {
      resolve(name)
    },
    seen,
  }
}

test('branches give their outputs by name, in declaration order, whoever is first', async () => {
  const { system } = bench({}, [])
  const [a, b] = [held('a'), held('b')]
  const running = system.workflows.execute(
    parallel({ name: 'w', branches: [a.branch, b.branch, give('c')] }),
    undefined,
  )
  b.resolve()
  a.resolve()
  const result = await running
  expect(result.status).toBe('completed')
  expect(Object.entries(result.output as object)).toEqual([
    ['a', 'a'],
    ['b', 'b'],
    ['c', 'c'],
  ])
})

test('the points of a parallel workflow fire in the documented order', async () => {
  const { system, fired } = bench()
  await system.workflows.execute(
    parallel({ name: 'w', branches: [give('a'), give('b')], maxConcurrency: 1 }),
    undefined,
  )
  expect(fired).toEqual([
    ...['BeforeWorkflowStart', 'ParallelFork'],
    ...['BeforeWorkflowStage in a', 'AfterWorkflowStage in a', 'OperationSettled in a', 'ParallelSynchronization'],
    ...['BeforeWorkflowStage in b', 'AfterWorkflowStage in b', 'OperationSettled in b', 'ParallelSynchronization'],
    ...['ParallelJoin', 'AfterWorkflowComplete', 'OperationSettled'],
  ])
})

test.each([1, 2])(
  'at most %i branches run at once; ParallelFork may lower it further, never raise it',
  async (maxConcurrency) => {
    const { system, clock } = bench({}, [])
    const all = ['a', 'b', 'c'].map((name) => held(name))
    const workflow = parallel({ name: 'w', branches: all.map(({ branch }) => branch), maxConcurrency })
    const started = () => all.filter(({ seen }) => seen.started > 0).length
    const running = system.workflows.execute(workflow, undefined)
    await clock.settle()
    expect(started()).toBe(maxConcurrency)
    for (const each of all) each.resolve()
    await running
    expect(started()).toBe(3)
  },
)

test('ParallelFork lowers the concurrency, never raises it; a cancel there cancels', async () => {
  const { system, clock } = bench({}, [])
  const all = ['a', 'b', 'c'].map((name) => held(name))
  const workflow = parallel({ name: 'w', branches: all.map(({ branch }) => branch), maxConcurrency: 2 })
  let concurrency = 1
  const seen: unknown[] = []
  const fork = system.hooks.register(
    'ParallelFork',
    ({ data }) => {
      seen.push(data)
      return hook.modified({ concurrency })
    },
    { name: 'lower' },
  )
  const running = system.workflows.execute(workflow, 5)
  await clock.settle()
  expect(all.map(({ seen: { started } }) => started)).toEqual([1, 0, 0])
  for (const each of all) each.resolve()
  expect((await running).status).toBe('completed')
  expect(seen).toEqual([{ input: 5, branches: ['a', 'b', 'c'], concurrency: 2 }])
  concurrency = 3
  const { trace, status } = await system.workflows.execute(workflow, 5)
  expect(status).toBe('completed')
  expect(trace.find((entry) => entry.hook === 'lower')).toMatchObject({
    outcome: 'failed',
    code: 'HOOK_INVALID_CHANGE',
  })
  fork.unregister()
  system.hooks.register('ParallelFork', () => hook.cancel('no'), { name: 'stops' })
  expect(await system.workflows.execute(workflow, 5)).toMatchObject({
    status: 'cancelled',
    error: { code: 'HOOK_CANCELLED' },
  })
})

test('the error of a join that was not reached says which branches failed and which were stopped, in declaration order', async () => {
  const { system, clock } = bench({}, [])
  const slow = held('slow', { timeoutMs: 10 })
  const branches = [held('before').branch, bad('bad'), held('behind').branch]
  const running = system.workflows.execute(parallel({ name: 'w', branches }), undefined)
  await clock.settle()
  const { error } = await running
  expect(error?.message).toBe(
    'Workflow "w" failed: branch "bad" failed at step "in bad": bad failed; stopped for that: "before", "behind"',
  )
  expect(error?.details).toMatchObject({ workflow: 'w', failed: ['bad'], stopped: ['before', 'behind'] })
  expect(Object.keys(error?.details['branches'] as object)).toEqual(['before', 'bad', 'behind'])
  const all = parallel({ name: 'w', failFast: false, branches: [bad('x'), slow.branch, give('y')] })
  const other = system.workflows.execute(all, undefined)
  await clock.advanceSteps(10)
  expect((await other).error?.message).toBe(
    'Workflow "w" failed: branch "x" failed at step "in x": x failed; branch "slow" did not end within 10 ms',
  )
})

test.each([
  ['failed', bad('cause')],
  ['timed_out', held('cause', { timeoutMs: 10 }).branch],
])(
  'a branch that has %s is told of before the queued and running ones that are stopped for it',
  async (status, cause) => {
    const { system, clock } = bench({}, [])
    const told: unknown[] = []
    system.hooks.register('ParallelSynchronization', ({ data }) => void told.push([data.branch, data.status]))
    const branches = [held('running').branch, cause, give('queued')]
    const running = system.workflows.execute(parallel({ name: 'w', branches, maxConcurrency: 2 }), undefined)
    await clock.advanceSteps(10)
    await running
    expect(told[0]).toEqual(['cause', status])
    expect(told.slice(1).toSorted()).toEqual([
      ['queued', 'cancelled'],
      ['running', 'cancelled'],
    ])
  },
)

test('what a stopped branch asked between two steps is withdrawn, and holds nobody up', async () => {
  const { system, clock } = bench({}, [])
  system.hooks.register('WorkflowStageTransition', () => hook.suspend({ question: 'go on?' }))
  const asking = { name: 'asking', steps: [step.run('one', () => 1), step.run('two', () => 2)] }
  const trigger = deferred<string>()
  const failing = { name: 'failing', steps: [step.run('in failing', () => trigger.promise)] }
  const running = system.workflows.execute(parallel({ name: 'w', branches: [asking, failing] }), undefined)
  await clock.settle()
  const [pending] = system.approvals.pending()
  expect(pending).toMatchObject({ point: 'WorkflowStageTransition', request: { question: 'go on?' } })
  trigger.reject(new Error('boom'))
  await clock.settle()
  expect(system.approvals.pending()).toEqual([])
  expect((await running).error).toMatchObject({
    code: 'BRANCHES_FAILED',
    details: { failed: ['failing'], stopped: ['asking'] },
  })
  await expect(system.approvals.resume(pending?.id ?? '')).rejects.toMatchObject({ code: 'UNKNOWN_APPROVAL' })
  await system.stop()
  expect(clock.timers).toBe(0)
})

test('ParallelJoin names the branches in declaration order, whichever arrived first', async () => {
  const { system, clock } = bench({}, [])
  const slow = held('slow')
  const seen: unknown[] = []
  system.hooks.register('ParallelJoin', ({ data }) => void seen.push(data.branches, Object.keys(data.output as object)))
  const running = system.workflows.execute(parallel({ name: 'w', branches: [slow.branch, give('quick')] }), undefined)
  await clock.settle()
  slow.resolve()
  await running
  expect(seen).toEqual([
    ['slow', 'quick'],
    ['slow', 'quick'],
  ])
})

test('row 17: failing fast, queued branches never start, running ones see their abort, and what was there is kept', async () => {
  const { system, clock, fired } = bench()
  const [running, queued, trigger] = [held('running'), held('queued'), deferred<string>()]
  const failing = {
    name: 'failing',
    steps: [
      step.run('in failing', async () => {
        await trigger.promise
        throw new Error('boom')
      }),
    ],
  }
  const workflow = parallel({
    name: 'w',
    branches: [give('done'), running.branch, failing, queued.branch],
    maxConcurrency: 2,
  })
  const result = system.workflows.execute(workflow, undefined)
  await clock.settle()
  trigger.resolve('now')
  expect(await result).toMatchObject({
    status: 'failed',
    error: {
      code: 'BRANCHES_FAILED',
      cause: { message: 'boom' },
      details: {
        branches: { done: 'completed', running: 'cancelled', failing: 'failed', queued: 'cancelled' },
        results: { done: 'done' },
      },
    },
  })
  expect(running.seen).toEqual({ started: 1, aborted: 1 })
  expect(queued.seen.started).toBe(0)
  expect(fired).not.toContain('BeforeWorkflowStage in queued')
  expect(fired.indexOf('OperationSettled in running')).toBeLessThan(fired.indexOf('WorkflowError'))
})

test('without failFast the others run to their end; the workflow fails all the same', async () => {
  const { system } = bench({}, [])
  const workflow = parallel({ name: 'w', branches: [bad('a'), give('b')], failFast: false, maxConcurrency: 1 })
  expect(await system.workflows.execute(workflow, undefined)).toMatchObject({
    status: 'failed',
    error: { code: 'BRANCHES_FAILED', details: { branches: { a: 'failed', b: 'completed' }, results: { b: 'b' } } },
  })
})

test('an optional branch may fail: the workflow is partial, and the branch absent', async () => {
  const { system } = bench({}, [])
  const workflow = parallel({ name: 'w', branches: [bad('a', { optional: true }), give('b')], maxConcurrency: 1 })
  expect(await system.workflows.execute(workflow, undefined)).toMatchObject({ status: 'partial', output: { b: 'b' } })
  const none = parallel({ name: 'v', branches: [bad('a', { optional: true })] })
  expect((await system.workflows.execute(none, undefined)).output).toEqual({})
})

test('a branch has its own deadline, which does not run while it waits for a slot', async () => {
  const { system, clock } = bench({}, [])
  const [slow, late] = [held('slow', { timeoutMs: 50, optional: true }), held('late', { timeoutMs: 50 })]
  const running = system.workflows.execute(
    parallel({ name: 'w', branches: [slow.branch, late.branch], maxConcurrency: 1 }),
    undefined,
  )
  await clock.advanceSteps(60)
  expect(slow.seen.aborted).toBe(1)
  expect(late.seen.started).toBe(1)
  late.resolve()
  expect(await running).toMatchObject({ status: 'partial', output: { late: 'late' } })

  const required = held('slow', { timeoutMs: 50 })
  const failing = system.workflows.execute(parallel({ name: 'v', branches: [required.branch, give('b')] }), undefined)
  await clock.advanceSteps(60)
  expect(await failing).toMatchObject({
    status: 'failed',
    error: {
      code: 'BRANCHES_FAILED',
      cause: { code: 'OPERATION_TIMED_OUT' },
      details: { branches: { slow: 'timed_out', b: 'completed' } },
    },
  })
})

test('row 17: when the workflow times out, what branches have given is kept', async () => {
  const { system, clock } = bench({}, [])
  const slow = held('slow')
  const running = system.workflows.execute(
    parallel({ name: 'w', timeoutMs: 50, branches: [give('a'), slow.branch] }),
    undefined,
  )
  await clock.advanceSteps(60)
  expect(await running).toMatchObject({ status: 'timed_out', error: { details: { results: { a: 'a' } } } })
  expect(slow.seen.aborted).toBe(1)
})

test('the join is reached by any, or by n; the others are stopped then', async () => {
  const { system } = bench({}, [])
  const [a, b] = [held('a'), held('b')]
  const any = await system.workflows.execute(
    parallel({ name: 'w', join: 'any', branches: [a.branch, bad('x'), give('c')] }),
    undefined,
  )
  expect(any).toMatchObject({ status: 'partial', output: { c: 'c' } })
  expect(a.seen).toEqual({ started: 1, aborted: 1 })
  const two = await system.workflows.execute(
    parallel({ name: 'v', join: { atLeast: 2 }, branches: [give('c'), b.branch, give('d')] }),
    undefined,
  )
  expect(two).toMatchObject({ status: 'completed', output: { c: 'c', d: 'd' } })
  expect(b.seen.aborted).toBe(1)
  const never = await system.workflows.execute(
    parallel({ name: 'u', join: { atLeast: 2 }, branches: [bad('x'), bad('y'), held('z').branch] }),
    undefined,
  )
  expect(never).toMatchObject({
    status: 'failed',
    error: { code: 'BRANCHES_FAILED', details: { branches: { z: 'cancelled' } } },
  })
})

const sets = (name: string, set: (state: Record<string, unknown>) => void) => ({
  name,
  steps: [
    step.run('set', ({ state }) => {
      set(state)
    }),
  ],
})

test('each branch works on its own draft of the state at the fork; at the join they become one', async () => {
  const { system } = bench({}, [])
  system.hooks.register('BeforeWorkflowStart', () => hook.continue({ state: { shared: { a: 0, b: 0 }, gone: 1 } }), {
    name: 'begins',
  })
  const seen: unknown[] = []
  const workflow = parallel({
    name: 'w',
    maxConcurrency: 1,
    branches: [
      sets('one', (state) => {
        ;(state['shared'] as Record<string, unknown>)['a'] = 1
        delete state['gone']
      }),
      sets('two', (state) => {
        seen.push(JSON.stringify(state))
        ;(state['shared'] as Record<string, unknown>)['b'] = 2
      }),
    ],
  })
  expect((await system.workflows.execute(workflow, undefined)).state).toEqual({ shared: { a: 1, b: 2 } })
  expect(seen).toEqual(['{"shared":{"a":0,"b":0},"gone":1}'])
})

test('two changes of one path fire StateConflict; without mergeState the workflow fails', async () => {
  const conflicting = (mergeState?: MergeState) =>
    parallel({
      name: 'w',
      branches: [
        sets('one', (state) => {
          state['n'] = 1
        }),
        sets('two', (state) => {
          state['n'] = 2
        }),
        sets('three', (state) => {
          state['m'] = 3
        }),
      ],
      ...(mergeState && { mergeState }),
    })
  const { system, fired } = bench()
  const seen: unknown[] = []
  system.hooks.register('StateConflict', ({ data }) => void seen.push(data), { name: 'conflict', kind: 'observe' })
  const failed = await system.workflows.execute(conflicting(), undefined)
  expect(failed).toMatchObject({
    status: 'failed',
    error: { code: 'STATE_CONFLICT', details: { key: 'n', branches: ['one', 'two'] } },
  })
  expect(failed.state).toBeUndefined()
  expect(seen).toEqual([{ key: 'n', branches: ['one', 'two'] }])
  expect(fired).not.toContain('ParallelJoin')
  let info: unknown
  const merged = await system.workflows.execute(
    conflicting((conflict) => {
      info = conflict
      return 12
    }),
    undefined,
  )
  expect(merged).toMatchObject({ status: 'completed', state: { n: 12, m: 3 } })
  expect(info).toEqual({
    path: ['n'],
    changes: [
      { branch: 'one', value: 1 },
      { branch: 'two', value: 2 },
    ],
  })
  expect(seen).toHaveLength(2)
})

test('a change inside what another branch replaced is a conflict too', async () => {
  const { system } = bench({}, [])
  system.hooks.register('BeforeWorkflowStart', () => hook.continue({ state: { list: [0], deep: { x: 1 } } }), {
    name: 'begins',
  })
  const keys: unknown[] = []
  system.hooks.register('StateConflict', ({ data }) => void keys.push(data.key), { name: 'conflict', kind: 'observe' })
  const workflow = parallel({
    name: 'w',
    branches: [
      sets('one', (state) => {
        ;(state['list'] as number[]).push(1)
        state['deep'] = 'gone'
      }),
      sets('two', (state) => {
        ;(state['list'] as number[]).push(2)
        ;(state['deep'] as { x: number }).x = 2
      }),
    ],
    mergeState: ({ path, base, changes }) =>
      path[0] === 'list'
        ? [...(base as number[]), ...changes.flatMap(({ value }) => (value as number[]).slice(1))]
        : changes[0]?.value,
  })
  expect((await system.workflows.execute(workflow, undefined)).state).toEqual({ list: [0, 1, 2], deep: 'gone' })
  expect(keys).toEqual(['list', 'deep'])
})

test('ParallelSynchronization tells each branch once; ParallelJoin changes, replaces or refuses the outputs', async () => {
  const { system } = bench({}, [])
  const arrived: unknown[] = []
  system.hooks.register('ParallelSynchronization', ({ data }) => void arrived.push([data.branch, data.status]), {
    name: 'arrivals',
    kind: 'observe',
  })
  const workflow = parallel({ name: 'w', branches: [give('a'), bad('b', { optional: true })], maxConcurrency: 1 })
  const decide = async (
    result: ReturnType<typeof hook.replace> | ReturnType<typeof hook.modified> | ReturnType<typeof hook.cancel>,
  ) => {
    const added = system.hooks.register(
      'ParallelJoin',
      ({ data }) => {
        expect(data.branches).toEqual(['a'])
        return result
      },
      { name: 'joins' },
    )
    const ended = await system.workflows.execute(workflow, undefined)
    added.unregister()
    return ended
  }
  expect(await decide(hook.modified({ output: { a: 'A' } }))).toMatchObject({ status: 'partial', output: { a: 'A' } })
  expect(await decide(hook.replace('all'))).toMatchObject({ status: 'partial', output: 'all' })
  expect(await decide(hook.cancel('no'))).toMatchObject({
    status: 'failed',
    error: { code: 'HOOK_CANCELLED', details: { effect: 'completed' } },
  })
  expect(arrived.slice(0, 2)).toEqual([
    ['a', 'completed'],
    ['b', 'failed'],
  ])
  expect(arrived).toHaveLength(6)
})

test('a branch that is stopped while hooks decide between its steps: nobody is asked any more, and no hook of that gate hears more', async () => {
  const { system } = bench({}, [])
  const decided: unknown[] = []
  system.hooks.register('WorkflowStageTransition', () => hook.suspend({ question: 'go on?' }), { name: 'asks' })
  system.hooks.register('WorkflowStageTransition', ({ proposal }) => void decided.push(proposal?.type), {
    ...{ name: 'hears', kind: 'observe' as const },
  })
  const workflow = parallel({
    name: 'w',
    join: 'any',
    branches: [
      { name: 'asked', steps: [step.run('one', () => 1), step.run('two', () => 2)] },
      { name: 'quick', steps: [step.run('wait', () => Promise.resolve(3))] },
    ],
  })
  expect(await system.workflows.execute(workflow, undefined)).toMatchObject({
    status: 'completed',
    output: { quick: 3 },
  })
  expect(system.approvals.pending()).toEqual([])
  expect(decided).toEqual(['cancel'])
})
