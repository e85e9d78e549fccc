/** Loops: what they go over, when they end, and what they keep. */
import { hook, loop, step } from 'hookchart'
import type { LoopIteratorOptions } from 'hookchart/machines'
import { expect, test } from 'vitest'
import { bench } from '../support/workflows.ts'

const square = step.run('square', ({ input }: { input: unknown }) => (input as number) ** 2)
const over = (iterator: LoopIteratorOptions, more: object = {}) =>
  loop({ name: 'w', iterator, body: [square], ...more })

test.each<[string, LoopIteratorOptions, unknown[]]>([
  ['a range', { range: { end: 3 } }, [0, 1, 4]],
  ['a range from 2 by 2', { range: { start: 2, end: 7, step: 2 } }, [4, 16, 36]],
  ['a range backwards', { range: { start: 3, end: 0, step: -1 } }, [9, 4, 1]],
  ['an empty range', { range: { start: 3, end: 3 } }, []],
  ['a list', { collection: [3, 4] }, [9, 16]],
  ['a set', { collection: new Set([5]) }, [25]],
  ['a function', { collection: ({ input }) => [input] }, [100]],
])('over %s', async (_, iterator, output) => {
  const { system } = bench({}, [])
  expect(await system.workflows.execute(over(iterator), 10)).toMatchObject({ status: 'completed', output })
})

test('async values are pulled one at a time, when they are needed', async () => {
  const { system } = bench({}, [])
  const log: string[] = []
  async function* values() {
    try {
      for (let i = 0; ; i++) {
        log.push(`pull ${i}`)
        yield i
      }
    } finally {
      log.push('returned')
    }
  }
  const workflow = loop({
    name: 'w',
    iterator: { collection: () => values() },
    body: [step.run('body', ({ input }) => void log.push(`body ${String(input)}`))],
    breakConditions: ['$value >= 2'],
    aggregation: 'none',
  })
  const result = await system.workflows.execute(workflow, undefined)
  expect(result.status).toBe('completed')
  expect(result).not.toHaveProperty('output')
  expect(log).toEqual(['pull 0', 'body 0', 'pull 1', 'body 1', 'pull 2', 'returned'])
})

test('while and until are tested before each body, and end at maxIterations', async () => {
  const { system } = bench({}, [])
  const count = step.run('count', ({ state }) => {
    state['n'] = ((state['n'] as number | undefined) ?? 0) + 1
    return state['n']
  })
  const counting = (iterator: LoopIteratorOptions) => loop({ name: 'w', iterator, body: [count] })
  const reasons: unknown[] = []
  system.hooks.register('LoopTermination', ({ data }) => void reasons.push([data.reason, data.iterations]), {
    name: 'ends',
    kind: 'observe',
  })
  expect((await system.workflows.execute(counting({ while: '$iteration < 2' }), undefined)).output).toEqual([1, 2])
  expect((await system.workflows.execute(counting({ until: '$state.n == 3' }), undefined)).output).toEqual([1, 2, 3])
  expect(
    (await system.workflows.execute(counting({ until: { type: 'never' }, maxIterations: 4 }), undefined)).output,
  ).toHaveLength(4)
  expect(
    (await system.workflows.execute(counting({ while: ({ iteration }) => iteration < 1 }), undefined)).output,
  ).toEqual([1])
  expect(reasons).toEqual([
    ['condition', 2],
    ['condition', 3],
    ['max_iterations', 4],
    ['condition', 1],
  ])
})

test.each([
  ['collect_all', [0, 1, 4, 9]],
  ['last_only', 9],
  ['none', undefined],
  [{ type: 'first_n', n: 2 }, [0, 1]],
  [{ type: 'last_n', n: 2 }, [4, 9]],
] as const)('aggregation %j', async (aggregation, output) => {
  const { system } = bench({}, [])
  const result = await system.workflows.execute(over({ range: { end: 4 } }, { aggregation }), undefined)
  expect(result.output).toEqual(output)
})

test('break conditions are tested before the body; the reason is their message', async () => {
  const { system } = bench({}, [])
  const reasons: unknown[] = []
  system.hooks.register('LoopTermination', ({ data }) => void reasons.push(data), { name: 'ends', kind: 'observe' })
  const broken = (breakConditions: unknown[]) => over({ range: { end: 9 } }, { breakConditions })
  expect((await system.workflows.execute(broken(['$iteration >= 2']), undefined)).output).toEqual([0, 1])
  expect(
    (
      await system.workflows.execute(
        broken([{ test: ({ value }: { value: number }) => value > 0, message: 'enough' }]),
        undefined,
      )
    ).output,
  ).toEqual([0])
  expect((await system.workflows.execute(broken([{ type: 'never' }]), undefined)).output).toHaveLength(9)
  expect(reasons).toEqual([
    { reason: 'Break condition met: $iteration >= 2', iterations: 2 },
    { reason: 'enough', iterations: 1 },
    { reason: 'exhausted', iterations: 9 },
  ])
})

test('the body sees where the loop is, as its input and in the state, and nobody does afterwards', async () => {
  const { system } = bench({}, [])
  const body = [
    step.run('see', ({ input, state }) => ({ input, loop: state['loop'] })),
    step.run('keep', ({ input, state }) => {
      state['kept'] = true
      return input
    }),
  ]
  const result = await system.workflows.execute(
    loop({ name: 'w', iterator: { collection: ['a', 'b'] }, body }),
    undefined,
  )
  expect(result.output).toEqual([
    { input: 'a', loop: { index: 0, value: 'a', iteration: 0 } },
    { input: 'b', loop: { index: 1, value: 'b', iteration: 1 } },
  ])
  expect(result.state).toEqual({ kept: true })
})

test('the points of a loop fire in the documented order, those of iterations only for iterations that run', async () => {
  const { system, fired } = bench()
  await system.workflows.execute(over({ range: { end: 9 } }, { breakConditions: ['$iteration == 1'] }), undefined)
  expect(fired).toEqual([
    ...['BeforeWorkflowStart', 'LoopIterationStart', 'BeforeWorkflowStage square', 'AfterWorkflowStage square'],
    ...[
      'OperationSettled square',
      'LoopIterationComplete',
      'LoopTermination',
      'AfterWorkflowComplete',
      'OperationSettled',
    ],
  ])
})

test('hooks change the value of an iteration and its result; a cancel at its start ends the loop, and one at its end fails it', async () => {
  const { system } = bench({}, [])
  const workflow = over({ range: { end: 3 } })
  const start = system.hooks.register(
    'LoopIterationStart',
    ({ data }) =>
      data.iteration === 2 ? hook.cancel('two will do') : hook.modified({ value: (data.value as number) + 10 }),
    { name: 'start' },
  )
  const reasons: unknown[] = []
  system.hooks.register('LoopTermination', ({ data }) => void reasons.push(data.reason), {
    name: 'ends',
    kind: 'observe',
  })
  expect(await system.workflows.execute(workflow, undefined)).toMatchObject({ status: 'completed', output: [100, 121] })
  start.unregister()
  const end = system.hooks.register(
    'LoopIterationComplete',
    ({ data }) => (data.iteration === 0 ? hook.replace('first') : hook.modified({ output: `${String(data.output)}!` })),
    { name: 'end' },
  )
  expect(await system.workflows.execute(workflow, undefined)).toMatchObject({ output: ['first', '1!', '4!'] })
  end.unregister()
  system.hooks.register(
    'LoopIterationComplete',
    ({ data }) => (data.iteration === 1 ? hook.cancel('bad') : undefined),
    { name: 'fails' },
  )
  expect(await system.workflows.execute(workflow, undefined)).toMatchObject({
    status: 'failed',
    error: { code: 'HOOK_CANCELLED', details: { effect: 'completed' } },
  })
  expect(await system.workflows.execute(over({ range: { end: 3 } }, { onError: 'continue' }), undefined)).toMatchObject(
    { status: 'partial', output: [0, 4] },
  )
  expect(reasons).toEqual(['two will do', 'exhausted', 'failed', 'exhausted'])
})

test('a failed iteration fails the loop, or is passed over; steps are retried when onError says so', async () => {
  const body = [
    step.run('odd', ({ input, attempt }) => {
      if ((input as number) % 2 === 1 && attempt === 1) throw new Error('odd')
      return input
    }),
  ]
  const of = (onError: 'fail_fast' | 'continue' | { retry: { maxAttempts: number; backoff: number } }) =>
    loop({ name: 'w', iterator: { range: { end: 4 } }, body, onError })
  const { system, fired } = bench()
  expect(await system.workflows.execute(of('fail_fast'), undefined)).toMatchObject({
    status: 'failed',
    error: { message: 'Workflow "w" failed at step "odd" of iteration 1: odd' },
  })
  expect(fired.slice(-4)).toEqual(['LoopTermination', 'WorkflowError', 'AfterWorkflowComplete', 'OperationSettled'])
  expect(await system.workflows.execute(of('continue'), undefined)).toMatchObject({ status: 'partial', output: [0, 2] })
  expect(await system.workflows.execute(of({ retry: { maxAttempts: 2, backoff: 0 } }), undefined)).toMatchObject({
    status: 'completed',
    output: [0, 1, 2, 3],
  })
})

test('row 18: a loop that takes too long is timed out, and says what it had; its values are told', async () => {
  const { system, clock, fired } = bench()
  let isReturned = false
  async function* values() {
    try {
      for (let i = 0; ; i++) yield i
    } finally {
      isReturned = true
    }
  }
  const workflow = loop({
    name: 'w',
    iterator: { collection: () => values() },
    body: [square],
    iterationDelayMs: 10,
    timeoutMs: 25,
  })
  const running = system.workflows.execute(workflow, undefined)
  await clock.advanceSteps(1_000)
  expect(await running).toMatchObject({
    status: 'timed_out',
    error: { code: 'OPERATION_TIMED_OUT', details: { iterations: 3, results: [0, 1, 4] } },
  })
  expect(isReturned).toBe(true)
  expect(fired.slice(-4)).toEqual(['LoopTermination', 'WorkflowError', 'AfterWorkflowComplete', 'OperationSettled'])
})

test('the delay lies between iterations', async () => {
  const { system, clock } = bench({}, [])
  const at: number[] = []
  const body = [step.run('when', () => void at.push(clock.now()))]
  const running = system.workflows.execute(
    loop({ name: 'w', iterator: { range: { end: 3 } }, body, iterationDelayMs: '1s' }),
    undefined,
  )
  await clock.advanceSteps(10_000)
  expect((await running).status).toBe('completed')
  expect(at).toEqual([0, 1_000, 2_000])
})

test.each([
  ['a break condition', { breakConditions: ['$iteration >= 2'] }],
  ['the last value', { iterator: { range: { end: 2 } } }],
  ['a condition that holds no longer', { iterator: { while: '$iteration < 2' } }],
])('no delay precedes an end by %s', async (_, options) => {
  const { system, clock } = bench({}, [])
  let endedAt = -1
  const body = [step.run('when', () => clock.now())]
  const workflow = loop({
    name: 'w',
    iterator: { range: { end: 9 } },
    body,
    iterationDelayMs: 1_000,
    ...(options as object),
  })
  void system.workflows.execute(workflow, undefined).then(({ output }) => {
    endedAt = clock.now()
    expect(output).toEqual([0, 1_000])
  })
  await clock.advanceSteps(5_000)
  expect(endedAt).toBe(1_000)
})

test('LoopTermination counts the iterations that failed and were passed over', async () => {
  const { system } = bench({}, [])
  const told: unknown[] = []
  system.hooks.register('LoopTermination', ({ data }) => void told.push(data))
  const body = [
    step.run('odd', ({ input }) => {
      if (Number(input) % 2 === 1) throw new Error('odd')
      return input
    }),
  ]
  const of = (onError: 'continue' | 'fail_fast') => loop({ name: 'w', iterator: { range: { end: 4 } }, body, onError })
  expect((await system.workflows.execute(of('continue'), undefined)).output).toEqual([0, 2])
  await system.workflows.execute(of('fail_fast'), undefined)
  expect(told).toEqual([
    { reason: 'exhausted', iterations: 4 },
    { reason: 'failed', iterations: 1 },
  ])
})

test('values that are not JSON, and collections that are none, fail the loop', async () => {
  const { system } = bench({}, [])
  expect(await system.workflows.execute(over({ collection: new Set([() => 1]) as never }), undefined)).toMatchObject({
    status: 'failed',
    error: { code: 'DATA_NOT_JSON' },
  })
  expect(await system.workflows.execute(over({ collection: (() => 7) as never }), undefined)).toMatchObject({
    status: 'failed',
    error: { code: 'INVALID_OUTPUT' },
  })
})
