/** Sequential workflows: order, outputs, errors, state. */
import { createSystem, defineTool, hook, sequential, step } from 'hookchart'
import { createTestClock } from 'hookchart/testing'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { bench } from '../support/workflows.ts'

const fails = () => {
  throw new Error('boom')
}
const wordCount = defineTool({
  name: 'word_count',
  description: 'counts words',
  input: z.object({ text: z.string() }),
  output: z.object({ words: z.number() }),
  execute: ({ input }) => ({ words: input.text.split(' ').length }),
})
const report = sequential({
  name: 'report',
  input: z.object({ text: z.string() }),
  steps: [
    step.tool('count', wordCount),
    step.run('double', ({ input, state }: { input: { words: number }; state: Record<string, unknown> }) => {
      state['words'] = input.words
      return input.words * 2
    }),
  ],
})

test('row 8: steps call what they name; each is given the output of the one before', async () => {
  const { system } = bench({}, [])
  const result = await system.workflows.execute(report, { text: 'to be or' })
  expect(result).toMatchObject({ status: 'completed', output: 6, state: { words: 3 }, attempts: 1 })
})

test('all points of a sequence fire, in the documented order', async () => {
  const { system, fired } = bench()
  await system.workflows.execute(report, { text: 'to be or' })
  expect(fired).toEqual([
    'BeforeWorkflowStart',
    'SequentialStepStart count',
    'BeforeWorkflowStage count',
    'OperationSettled word_count',
    'AfterWorkflowStage count',
    'SequentialStepComplete count',
    'OperationSettled count',
    'WorkflowStageTransition count',
    'SequentialStepStart double',
    'BeforeWorkflowStage double',
    'WorkflowStateChange double',
    'WorkflowSharedData double',
    'AfterWorkflowStage double',
    'SequentialStepComplete double',
    'OperationSettled double',
    'AfterWorkflowComplete',
    'OperationSettled',
  ])
})

const broken = (onError: 'fail_fast' | 'continue' | { retry: { maxAttempts: number; backoff: number } }) =>
  sequential({
    name: 'broken',
    onError,
    steps: [step.run('first', () => 'a'), step.run('bad', fails), step.run('last', ({ input }) => [input])],
  })

test('row 18: a failed step fails the workflow, or with "continue" makes it partial; what it was given goes on', async () => {
  const { system, fired } = bench()
  const failed = await system.workflows.execute(broken('fail_fast'), undefined)
  expect(failed).toMatchObject({
    status: 'failed',
    error: { code: 'EFFECT_FAILED', message: 'Workflow "broken" failed at step "bad": boom' },
  })
  expect(fired.filter((each) => each.startsWith('Workflow') || each.startsWith('AfterWorkflowComplete'))).toEqual([
    'WorkflowStageTransition first',
    'WorkflowStepError bad',
    'WorkflowError',
    'AfterWorkflowComplete',
  ])
  const partial = await system.workflows.execute(broken('continue'), undefined)
  expect(partial).toMatchObject({ status: 'partial', output: ['a'] })
  expect(partial.error).toBeUndefined()
})

test('with "continue" a workflow whose steps all failed is partial too, never completed', async () => {
  const { system } = bench({}, [])
  const hopeless = sequential({ name: 'hopeless', onError: 'continue', steps: [step.run('bad', fails)] })
  expect(await system.workflows.execute(hopeless, 1)).toMatchObject({ status: 'partial', output: 1 })
})

test('retries wait on the clock, longer each time; N attempts are N', async () => {
  const { system, clock } = bench({}, [])
  const at: number[] = []
  const flaky = sequential({
    name: 'flaky',
    steps: [
      step.run(
        'bad',
        ({ attempt }) => {
          at.push(clock.now())
          if (attempt < 4) throw new Error('boom')
          return attempt
        },
        { retry: { maxAttempts: 4, backoff: { delayMs: 10, multiplier: 3, maxDelayMs: 50 } } },
      ),
    ],
  })
  const running = system.workflows.execute(flaky, undefined)
  await clock.advanceSteps(1_000)
  expect(await running).toMatchObject({ status: 'completed', output: 4 })
  expect(at).toEqual([0, 10, 40, 90])

  const twice = system.workflows.execute(broken({ retry: { maxAttempts: 2, backoff: 5 } }), undefined)
  await clock.advanceSteps(1_000)
  const { status, trace } = await twice
  expect(status).toBe('failed')
  expect(trace.filter(({ kind, outcome }) => kind === 'effect' && outcome === 'failed')).toHaveLength(3)
})

test('a retry fires WorkflowStepError for each attempt that failed, and stops when the run is cancelled', async () => {
  const { system, clock, fired } = bench()
  const run = system.workflows.start(broken({ retry: { maxAttempts: 9, backoff: 100 } }), undefined)
  await clock.advanceSteps(150)
  expect(fired.filter((each) => each === 'WorkflowStepError bad')).toHaveLength(2)
  expect(run.cancel('enough')).toBe(true)
  expect(await run.result).toMatchObject({ status: 'cancelled', error: { code: 'RUN_ABORTED' } })
  await clock.advanceSteps(1_000)
  expect(fired.filter((each) => each === 'WorkflowStepError bad')).toHaveLength(2)
})

test('a step that takes too long fails with its own deadline; false is no deadline', async () => {
  const { system, clock } = bench({}, [])
  const hangs = (timeoutMs: number | false) =>
    sequential({
      name: 'slow',
      timeoutMs: 1_000,
      steps: [step.run('hangs', () => new Promise(() => {}), { timeoutMs })],
    })
  const short = system.workflows.execute(hangs(50), undefined)
  await clock.advanceSteps(50)
  expect(await short).toMatchObject({
    status: 'failed',
    error: { code: 'OPERATION_TIMED_OUT', details: { timeoutMs: 50 } },
  })
  const long = system.workflows.execute(hangs(false), undefined)
  await clock.advanceSteps(1_000)
  expect(await long).toMatchObject({
    status: 'timed_out',
    error: { code: 'OPERATION_TIMED_OUT', details: { timeoutMs: 1_000 } },
  })
})

test('mapInput makes the input of a component; a schema checks what the step is given', async () => {
  const { system } = bench({}, [])
  const mapped = sequential({
    name: 'mapped',
    steps: [
      step.run('name', ({ state }) => {
        state['times'] = 2
        return 'ann'
      }),
      step.tool(
        'count',
        wordCount,
        ({ input, state, results }: { input: string; state: Readonly<Record<string, unknown>>; results: object }) => ({
          text: `${input} ${Object.keys(results).join()} ${String(state['times'])}`,
        }),
      ),
    ],
  })
  expect(await system.workflows.execute(mapped, undefined)).toMatchObject({ output: { words: 3 } })
  const checked = sequential({
    name: 'checked',
    steps: [step.run('n', ({ input }) => input * 2, { input: z.number() })],
  })
  expect(await system.workflows.execute(checked, 2)).toMatchObject({ output: 4 })
  expect(await system.workflows.execute(checked, 'x' as never)).toMatchObject({
    status: 'failed',
    error: { code: 'INVALID_INPUT' },
  })
})

test('input that does not fit fires WorkflowError, AfterWorkflowComplete and OperationSettled, and no step', async () => {
  const { system, fired } = bench()
  expect(await system.workflows.execute(report, {} as never)).toMatchObject({
    status: 'failed',
    error: { code: 'INVALID_INPUT' },
  })
  expect(fired).toEqual(['WorkflowError', 'AfterWorkflowComplete', 'OperationSettled'])
})

test('the output schema of a workflow checks what it gives', async () => {
  const { system } = bench({}, [])
  const of = (value: number) =>
    sequential({ name: 'typed', output: z.number().max(5), steps: [step.run('give', () => value)] })
  expect(await system.workflows.execute(of(5), undefined)).toMatchObject({ status: 'completed', output: 5 })
  expect(await system.workflows.execute(of(6), undefined)).toMatchObject({
    status: 'failed',
    error: { code: 'INVALID_OUTPUT' },
  })
})

test('hooks at steps know the step and the workflow', async () => {
  const { system } = bench({}, [])
  const seen: unknown[] = []
  const known = sequential({
    name: 'known',
    metadata: { team: 'a' },
    steps: [step.run('one', () => 1, { metadata: { cost: 3 } }), step.run('two', () => 2)],
  })
  system.hooks
    .for(known)
    .register(
      ['BeforeWorkflowStage', 'AfterWorkflowStage', 'WorkflowStageTransition'],
      ({ point, step: at, workflow, component }) => {
        seen.push([point, at, workflow?.name, component.id])
      },
    )
  const { id } = await system.workflows.execute(known, 7)
  const one = { name: 'one', index: 0, type: 'run', action: 'run', metadata: { cost: 3 }, nextStep: 'two' }
  expect(seen.slice(0, 3)).toEqual([
    ['BeforeWorkflowStage', { ...one, input: 7 }, 'known', 'known/one'],
    ['AfterWorkflowStage', { ...one, input: 7, output: 1, durationMs: 0 }, 'known', 'known/one'],
    ['WorkflowStageTransition', { ...one, input: undefined, output: 1 }, 'known', 'known'],
  ])
  expect(seen).toHaveLength(5)
  let whole: unknown
  system.hooks.register('AfterWorkflowComplete', ({ workflow }) => void (whole = workflow))
  const again = await system.workflows.execute(known, 7)
  expect(whole).toEqual({ id: again.id, name: 'known', pattern: 'sequential', metadata: { team: 'a' } })
  expect(again.id).not.toBe(id)
})

test('hooks behind a step know how long it took, also when it gave nothing', async () => {
  const clock = createTestClock()
  const system = createSystem({ clock })
  const took: unknown[] = []
  system.hooks.register('AfterWorkflowStage', ({ step: at }) => void took.push(at?.durationMs), { kind: 'guard' })
  const slow = (name: string, ms: number) =>
    step.run(name, () => new Promise<void>((resolve) => void clock.setTimeout(resolve, ms)))
  const running = system.workflows.execute(sequential({ name: 'silent', steps: [slow('a', 50), slow('b', 7)] }), 1)
  await clock.advanceSteps(100)
  expect((await running).status).toBe('completed')
  expect(took).toEqual([50, 7])
  await system.stop()
})

test('unknown components are refused before any point fires, however deep they lie', async () => {
  const { system, fired } = bench()
  const inner = sequential({ name: 'inner', steps: [step.tool('it', 'nobody')] })
  const outer = sequential({ name: 'outer', steps: [step.workflow('inner', inner)] })
  await expect(system.workflows.execute(outer, 1)).rejects.toMatchObject({
    code: 'UNKNOWN_COMPONENT',
    details: { where: 'outer, step "inner", step "it"', type: 'tool', name: 'nobody', known: [] },
  })
  expect(() => {
    system.workflows.register(outer)
  }).toThrow('no tool is called "nobody"')
  expect(system.workflows.get('outer')).toBeUndefined()
  await expect(system.workflows.execute('outer')).rejects.toMatchObject({ code: 'UNKNOWN_COMPONENT' })
  expect(fired).toEqual([])
  system.tools.register(
    defineTool({ name: 'nobody', description: 'is there now', input: z.unknown(), execute: () => 1 }),
  )
  system.workflows.register(outer)
  expect(system.workflows.list()).toEqual([outer])
  expect(await system.workflows.execute('outer')).toMatchObject({ status: 'completed', output: 1 })
})

test('a workflow as a step shares state and results; a partial one makes the whole partial', async () => {
  const { system } = bench({}, [])
  const inner = sequential({
    name: 'inner',
    onError: 'continue',
    steps: [
      step.run('add', ({ state, results }) => {
        state['n'] = (state['n'] as number) + 1
        return Object.keys(results)
      }),
      step.run('bad', fails),
    ],
  })
  const outer = sequential({
    name: 'outer',
    steps: [
      step.run('begin', ({ state }) => void (state['n'] = 1)),
      step.workflow('inner', inner),
      step.run('end', ({ state, input }) => [state['n'], input]),
    ],
  })
  expect(await system.workflows.execute(outer, undefined)).toMatchObject({
    status: 'partial',
    output: [2, []],
    state: { n: 2 },
  })
})

test('cancelling a step with a hook cancels the workflow, or with "continue" passes it over', async () => {
  for (const onError of ['fail_fast', 'continue'] as const) {
    const { system } = bench({}, [])
    system.hooks.register(
      'BeforeWorkflowStage',
      ({ step: at }) => (at?.name === 'last' ? hook.cancel('no') : undefined),
      { name: 'no' },
    )
    const workflow = sequential({ name: 'w', onError, steps: [step.run('first', () => 1), step.run('last', () => 2)] })
    const result = await system.workflows.execute(workflow, 0)
    if (onError === 'continue') expect(result).toMatchObject({ status: 'partial', output: 1 })
    else expect(result).toMatchObject({ status: 'cancelled', error: { code: 'HOOK_CANCELLED' } })
  }
})
