/** The shared state of workflows: drafts, gates, what hooks set, and reads that are told. */
import { conditional, hook, sequential, step } from 'hookchart'
import { expect, test } from 'vitest'
import { bench } from '../support/workflows.ts'

type State = Record<string, unknown>
const set = (name: string, key: string, value: unknown) =>
  step.run(name, ({ state }) => {
    if (value === undefined) Reflect.deleteProperty(state, key)
    else (state as State)[key] = value
  })

test('what a step that fails has set is not kept, nor what a failed attempt has', async () => {
  const { system } = bench({}, [])
  const workflow = sequential({
    name: 'w',
    onError: 'continue',
    steps: [
      step.run(
        'third time',
        ({ state, attempt }) => {
          state[`try${attempt}`] = true
          if (attempt < 3) throw new Error('boom')
        },
        { retry: { maxAttempts: 3, backoff: 0 } },
      ),
      step.run('bad', ({ state }) => {
        state['bad'] = true
        throw new Error('boom')
      }),
    ],
  })
  expect(await system.workflows.execute(workflow, undefined)).toMatchObject({
    status: 'partial',
    state: { try3: true },
  })
  expect(Object.keys((await system.workflows.execute(workflow, undefined)).state ?? {})).toEqual(['try3'])
})

test('each key that a step changes passes WorkflowStateChange; writes and deletions are told', async () => {
  const { system } = bench({}, [])
  const seen: unknown[] = []
  system.hooks.register('WorkflowStateChange', ({ data }) => void seen.push(data), { name: 'change' })
  system.hooks.register('WorkflowSharedData', ({ data }) => void seen.push(data), { name: 'access', kind: 'observe' })
  const workflow = sequential({
    name: 'w',
    steps: [set('a', 'x', { n: 1 }), set('same', 'x', { n: 1 }), set('gone', 'x', undefined)],
  })
  const result = await system.workflows.execute(workflow, undefined)
  expect(result.state).toBeUndefined()
  expect(seen).toEqual([
    { key: 'x', scope: 'workflow', value: { n: 1 } },
    { key: 'x', scope: 'workflow', access: 'write' },
    { key: 'x', scope: 'workflow', previous: { n: 1 } },
    { key: 'x', scope: 'workflow', access: 'delete' },
  ])
})

test('a hook changes what is written, or refuses it, which fails the step', async () => {
  const { system, fired } = bench()
  system.hooks.register(
    'WorkflowStateChange',
    ({ data }) => (data.key === 'x' ? hook.modified({ value: 'masked' }) : hook.cancel('read only')),
    { name: 'mask' },
  )
  expect(
    await system.workflows.execute(sequential({ name: 'w', steps: [set('a', 'x', 'secret')] }), undefined),
  ).toMatchObject({
    status: 'completed',
    state: { x: 'masked' },
  })
  const refused = await system.workflows.execute(sequential({ name: 'v', steps: [set('a', 'y', 1)] }), undefined)
  expect(refused).toMatchObject({
    status: 'failed',
    error: { code: 'HOOK_CANCELLED', details: { hook: 'mask', effect: 'completed' } },
  })
  expect(refused.state).toBeUndefined()
  expect(fired).toContain('WorkflowStepError a')
})

test('state that is not JSON fails the step, naming the key', async () => {
  const { system } = bench({}, [])
  const result = await system.workflows.execute(
    sequential({ name: 'w', steps: [set('a', 'x', { at: new Date(0) })] }),
    undefined,
  )
  expect(result).toMatchObject({
    status: 'failed',
    error: { code: 'DATA_NOT_JSON', details: { step: 'a', path: 'x.at' } },
  })
})

test('what hooks set holds, also where the step fails; steps and later hooks see it', async () => {
  const { system } = bench({}, [])
  const seen: unknown[] = []
  system.hooks.register('BeforeWorkflowStart', () => hook.continue({ state: { n: 1 } }), { name: 'begins' })
  system.hooks.register(
    'BeforeWorkflowStage',
    ({ state, step: at }) => {
      seen.push({ ...state })
      return at?.name === 'bad' ? hook.continue({ state: { tried: true } }) : undefined
    },
    { name: 'sees' },
  )
  const workflow = sequential({
    name: 'w',
    onError: 'continue',
    steps: [
      step.run('bad', ({ state }) => {
        throw new Error(JSON.stringify(state))
      }),
      step.run('good', ({ state }) => ({ ...state })),
    ],
  })
  const result = await system.workflows.execute(workflow, undefined)
  expect(result).toMatchObject({ status: 'partial', output: { n: 1, tried: true }, state: { n: 1, tried: true } })
  expect(seen).toEqual([{ n: 1 }, { n: 1, tried: true }])
})

test('hooks behind a step see the state as the step leaves it', async () => {
  const { system } = bench({}, [])
  let seen: unknown
  system.hooks.register('AfterWorkflowStage', ({ state }) => void (seen = state), { name: 'sees' })
  await system.workflows.execute(sequential({ name: 'w', steps: [set('a', 'x', 1)] }), undefined)
  expect(seen).toEqual({ x: 1 })
})

test('what conditions read is told, apart from what functions read', async () => {
  const { system } = bench({}, [])
  const reads: unknown[] = []
  system.hooks.register('WorkflowSharedData', ({ data }) => void reads.push([data.access, data.key]), {
    name: 'access',
    kind: 'observe',
  })
  const branch = (name: string, condition: object | ((scope: never) => boolean)) => ({
    name,
    condition: condition as never,
    steps: [step.run('it', () => name)],
  })
  const workflow = conditional({
    name: 'w',
    branches: [
      branch('a', { type: 'shared_data_exists', key: 'x' }),
      branch('b', {
        type: 'and',
        conditions: [
          { type: 'not', condition: { type: 'shared_data_equals', key: 'y', expected: 1 } },
          { type: 'never' },
        ],
      }),
      branch('c', ({ state }: { state: State }) => state['z'] === undefined),
    ],
  })
  expect(await system.workflows.execute(workflow, undefined)).toMatchObject({ output: 'c' })
  expect(reads).toEqual([
    ['read', 'x'],
    ['read', 'y'],
  ])
})

test('a function that ends behind the deadline of its step changes nothing, and no hook hears of its changes', async () => {
  const { system, clock, fired } = bench()
  let finish = () => undefined as void
  const workflow = sequential({
    name: 'w',
    steps: [
      step.run(
        'slow',
        async ({ state }) => {
          state['late'] = true
          await new Promise<void>((resolve) => {
            finish = resolve
          })
        },
        { timeoutMs: 10 },
      ),
    ],
  })
  let goOn = () => undefined as void
  const waits = new Promise<void>((resolve) => {
    goOn = resolve
  })
  system.hooks.register('WorkflowStepError', () => waits.then(() => hook.replace('instead')), { name: 'stands in' })
  const running = system.workflows.execute(workflow, undefined)
  await clock.settle()
  await clock.advance(10)
  finish()
  await clock.settle()
  goOn()
  expect(await running).toMatchObject({ status: 'completed', output: 'instead' })
  expect((await running).state ?? {}).not.toHaveProperty('late')
  expect(fired.filter((each) => each.startsWith('WorkflowS') && !each.startsWith('WorkflowStepError'))).toEqual([])
})
