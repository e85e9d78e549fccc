/** Conditional workflows: tests, the choice, the default branch. */
import { conditional, hook, sequential, step } from 'hookchart'
import type { Condition } from 'hookchart/machines'
import type { StepCall } from 'hookchart'
import { expect, test } from 'vitest'
import { bench } from '../support/workflows.ts'

const branch = (name: string, condition: Condition) => ({
  name,
  condition,
  steps: [step.run(`in ${name}`, () => name)],
})
const other = (name = 'other') => ({ name, isDefault: true as const, steps: [step.run(`in ${name}`, () => name)] })
const yes = { type: 'always' } as const
const no = { type: 'never' } as const

test('row 19: the default branch runs only when no other matched, wherever it stands', async () => {
  const { system } = bench({}, [])
  const first = conditional({ name: 'w', branches: [other(), branch('a', yes)] })
  expect(await system.workflows.execute(first, 1)).toMatchObject({ status: 'completed', output: 'a' })
  const none = conditional({ name: 'v', branches: [other(), branch('a', no)] })
  expect(await system.workflows.execute(none, 1)).toMatchObject({ status: 'completed', output: 'other' })
  const all = conditional({
    name: 'u',
    executeAllMatching: true,
    branches: [other(), branch('a', yes), branch('b', yes)],
  })
  expect((await system.workflows.execute(all, 1)).output).toEqual({ a: 'a', b: 'b' })
})

test('row 19: an unknown condition is refused when the workflow is defined', () => {
  expect(() => conditional({ name: 'w', branches: [branch('a', { type: 'maybe' } as never)] })).toThrow(
    'no condition has the type "maybe"',
  )
})

test('the first that matches runs, or all of them; without a match and a default there is no output', async () => {
  const { system, fired } = bench()
  const branches = [branch('a', no), branch('b', yes), branch('c', yes)]
  expect((await system.workflows.execute(conditional({ name: 'one', branches }), 1)).output).toBe('b')
  expect(fired.filter((each) => each === 'ConditionEvaluation')).toHaveLength(2)
  expect(
    (await system.workflows.execute(conditional({ name: 'all', branches, executeAllMatching: true }), 1)).output,
  ).toEqual({ b: 'b', c: 'c' })
  const none = await system.workflows.execute(conditional({ name: 'none', branches: [branch('a', no)] }), 1)
  expect(none.status).toBe('completed')
  expect(none).not.toHaveProperty('output')
})

test('the points of a conditional workflow fire in the documented order', async () => {
  const { system, fired } = bench()
  await system.workflows.execute(conditional({ name: 'w', branches: [branch('a', no), other()] }), 1)
  expect(fired).toEqual([
    ...['BeforeWorkflowStart', 'ConditionEvaluation', 'BranchSelection'],
    ...['BeforeWorkflowStage in other', 'AfterWorkflowStage in other', 'OperationSettled in other'],
    ...['AfterWorkflowComplete', 'OperationSettled'],
  ])
})

test.each<[string, Condition, boolean]>([
  ['and of none', { type: 'and', conditions: [] }, true],
  ['or of none', { type: 'or', conditions: [] }, false],
  ['and', { type: 'and', conditions: [yes, no] }, false],
  ['or', { type: 'or', conditions: [no, yes] }, true],
  ['not', { type: 'not', condition: no }, true],
  ['state equals', { type: 'shared_data_equals', key: 'n', expected: { deep: [1] } }, true],
  ['state equals as text', { type: 'shared_data_equals', key: 'n', expected: '{"deep":[1]}' }, false],
  ['state is there', { type: 'shared_data_exists', key: 'n' }, true],
  ['state is not there', { type: 'shared_data_exists', key: 'toString' }, false],
  ['result equals', { type: 'step_result_equals', step: 'good', expected: 7 }, true],
  ['result differs', { type: 'step_result_equals', step: 'good', expected: '7' }, false],
  ['succeeded', { type: 'step_succeeded', step: 'good' }, true],
  ['succeeded, of a failed one', { type: 'step_succeeded', step: 'bad' }, false],
  ['failed', { type: 'step_failed', step: 'bad' }, true],
  ['failed, of one that has not run', { type: 'step_failed', step: 'later' }, false],
  ['a function', ({ input }) => input === 7, true],
  ['an async function', async ({ state, results }) => state['n'] === undefined && 'good' in results, false],
])('condition: %s', async (_, condition, expected) => {
  const { system } = bench({}, [])
  const outer = sequential({
    name: 'outer',
    onError: 'continue',
    steps: [
      step.run('good', ({ state }) => {
        state['n'] = { deep: [1] }
        return 7
      }),
      step.run('bad', () => {
        throw new Error('boom')
      }),
      step.workflow('choose', conditional({ name: 'inner', branches: [branch('yes', condition), other('no')] })),
    ],
  })
  expect((await system.workflows.execute(outer, undefined)).output).toBe(expected ? 'yes' : 'no')
})

test('a condition that throws, or gives no boolean, fails the workflow; no branch runs', async () => {
  const { system, fired } = bench()
  const throws = conditional({
    name: 'w',
    branches: [
      branch('a', () => {
        throw new Error('boom')
      }),
      other(),
    ],
  })
  expect(await system.workflows.execute(throws, 1)).toMatchObject({ status: 'failed', error: { message: 'boom' } })
  const odd = conditional({ name: 'v', branches: [branch('a', (() => 'yes') as never)] })
  expect(await system.workflows.execute(odd, 1)).toMatchObject({ status: 'failed', error: { code: 'INVALID_OUTPUT' } })
  expect(fired).not.toContain('BeforeWorkflowStage in other')
})

test('hooks replace the value of a condition, or cancel', async () => {
  const { system } = bench({}, [])
  const workflow = conditional({ name: 'w', branches: [branch('a', no), branch('b', yes)] })
  const added = system.hooks.register(
    'ConditionEvaluation',
    ({ data }) => hook.replace(data.branch === 'a' && data.index === 0 && data.input === 1),
    { name: 'decides' },
  )
  expect((await system.workflows.execute(workflow, 1)).output).toBe('a')
  expect((await system.workflows.execute(workflow, 2)).output).toBeUndefined()
  added.unregister()
  const odd = system.hooks.register('ConditionEvaluation', () => hook.replace('yes'), { name: 'odd' })
  expect(await system.workflows.execute(workflow, 1)).toMatchObject({ status: 'completed', output: 'b' })
  odd.unregister()
  system.hooks.register('ConditionEvaluation', () => hook.cancel('no'), { name: 'stops' })
  expect(await system.workflows.execute(workflow, 1)).toMatchObject({
    status: 'cancelled',
    error: { code: 'HOOK_CANCELLED' },
  })
})

test('hooks send the choice to another branch, the default one too, or cancel; an unknown branch fails', async () => {
  const { system } = bench({}, [])
  const workflow = conditional({ name: 'w', branches: [branch('a', no), branch('b', no), other()] })
  const seen: unknown[] = []
  let target = 'a'
  system.hooks.register(
    'BranchSelection',
    ({ data }) => {
      seen.push(data)
      return target === '' ? hook.cancel('no') : hook.redirect(target)
    },
    { name: 'sends' },
  )
  expect((await system.workflows.execute(workflow, 1)).output).toBe('a')
  expect(seen).toEqual([{ input: 1, branch: 'other', isDefault: true }])
  target = 'nowhere'
  expect(await system.workflows.execute(workflow, 1)).toMatchObject({
    status: 'failed',
    error: { code: 'UNKNOWN_TARGET', details: { known: ['a', 'b', 'other'] } },
  })
  target = ''
  expect(await system.workflows.execute(workflow, 1)).toMatchObject({ status: 'cancelled' })
})

test('a branch that fails fails the workflow; each branch begins with the state of those before it', async () => {
  const { system } = bench({}, [])
  const adds = (name: string) => ({
    name,
    condition: yes,
    steps: [step.run('add', ({ state }) => void (state['n'] = ((state['n'] as number | undefined) ?? 0) + 1))],
  })
  const counts = conditional({ name: 'counts', executeAllMatching: true, branches: [adds('a'), adds('b')] })
  expect(await system.workflows.execute(counts, 1)).toMatchObject({ status: 'completed', state: { n: 2 } })
  const bad = {
    name: 'bad',
    condition: yes,
    steps: [
      step.run('bad', () => {
        throw new Error('boom')
      }),
    ],
  }
  const fails = conditional({ name: 'fails', executeAllMatching: true, branches: [adds('a'), bad, adds('b')] })
  expect(await system.workflows.execute(fails, 1)).toMatchObject({
    status: 'failed',
    error: { message: 'Workflow "fails" failed at step "bad" of branch "bad": boom' },
    state: { n: 1 },
  })
})

test('a branch that hooks send it to again gets the input of the workflow, and the state that the others left', async () => {
  const { system } = bench({}, [])
  const given: unknown[] = []
  const adds = (name: string) => ({
    name,
    condition: yes,
    steps: [
      step.run(`in ${name}`, ({ input, state }: StepCall<number>) => {
        given.push([name, input])
        state['ran'] = [...((state['ran'] as string[] | undefined) ?? []), name]
        return input + 1
      }),
    ],
  })
  const workflow = conditional({ name: 'w', executeAllMatching: true, branches: [adds('a'), adds('b'), adds('c')] })
  system.hooks.register('BranchSelection', ({ data }) => (data.branch === 'c' ? hook.redirect('a') : undefined), {
    name: 'sends',
  })
  expect(await system.workflows.execute(workflow, 1)).toMatchObject({
    output: { a: 2, b: 2 },
    state: { ran: ['a', 'b', 'a'] },
  })
  expect(given).toEqual([
    ['a', 1],
    ['b', 1],
    ['a', 1],
  ])
})
