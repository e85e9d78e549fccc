/** The machines of workflows: what users see of them, and that they compile. */
import { conditional, loop, parallel, sequential, step } from 'hookchart'
import { toMermaid } from 'hookchart/chart'
import { compile, workflowMachine } from 'hookchart/machines'
import { expect, test } from 'vitest'

const one = step.run('one', () => 1)
const two = step.run('two', () => 2)
const workflows = [
  sequential({ name: 'in_order', steps: [one, two] }),
  sequential({ name: 'odd names', steps: [step.run('a.b#c', () => 1), step.run('a_b_c', () => 1)] }),
  conditional({
    name: 'either',
    branches: [
      { name: 'first', condition: { type: 'always' }, steps: [one, two] },
      { name: 'other', isDefault: true, steps: [two] },
    ],
    executeAllMatching: true,
  }),
  loop({
    name: 'again',
    iterator: { range: { end: 3 } },
    body: [one, two],
    breakConditions: ['$iteration >= 2'],
    iterationDelayMs: 5,
    onError: 'continue',
  }),
  parallel({
    name: 'at_once',
    branches: [
      { name: 'left', steps: [one, two] },
      { name: 'right', steps: [two] },
    ],
  }),
]

test.each(workflows.map((workflow) => [workflow.name, workflow] as const))(
  'the machine of "%s" compiles and has a version',
  (name, workflow) => {
    const machine = workflowMachine(workflow)
    expect(machine).toMatchObject({ id: name, version: '1' })
    expect(() => compile(machine)).not.toThrow()
  },
)

test('steps are states of their names; two names never become one state', () => {
  expect(Object.keys(workflowMachine(workflows[0]!).states)).toEqual(
    expect.arrayContaining(['one', 'leaving one', 'two', 'jumping', 'completed', 'partial', 'failed', 'cancelled']),
  )
  expect(Object.keys(workflowMachine(workflows[1]!).states)).toEqual(expect.arrayContaining(['a_b_c', 'a_b_c 2']))
})

test.each(workflows.map((workflow) => [workflow.name, workflow] as const))(
  'the machine of "%s" can be drawn, with its steps',
  (_, workflow) => {
    expect(toMermaid(workflowMachine(workflow) as never)).toContain(workflow.name === 'odd names' ? 'a_b_c' : 'two')
  },
)
