/** The options that all workflows have, and those of sequences and conditional ones: of each, two values that come to two outcomes. */
import { conditional, createSystem, loop, parallel, sequential, step } from 'hookchart'
import type { WorkflowDefinition } from 'hookchart/machines'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { outcomesOf } from '../support/outcomes.ts'
import { bench } from '../support/workflows.ts'

const boom = step.run('boom', () => {
  throw new Error('boom')
})
const give = (name: string) => step.run(name, () => name)

const patterns = {
  sequential: (steps: unknown[], options: object) => sequential({ name: 'w', steps, ...options } as never),
  conditional: (steps: unknown[], options: object) =>
    conditional({ name: 'w', branches: [{ name: 'b', isDefault: true, steps }], ...options } as never),
  loop: (body: unknown[], options: object) =>
    loop({ name: 'w', iterator: { range: { end: 1 } }, body, ...options } as never),
  parallel: (steps: unknown[], options: object) =>
    parallel({ name: 'w', branches: [{ name: 'b', steps }], ...options } as never),
} as const

const run = (workflow: WorkflowDefinition) => bench({}, []).system.workflows.execute(workflow, 'go')

describe.each(['sequential', 'conditional', 'loop', 'parallel'] as const)('%s', (pattern) => {
  const workflowOf = (options: object, work: unknown = give('a')) =>
    patterns[pattern]([work], options) as WorkflowDefinition

  test('name: what it is found by', async () => {
    const found = (name: string) => createSystem({ workflows: [workflowOf({ name })] }).workflows.get('w')?.name
    expect(await outcomesOf(found, 'w', 'v')).toEqual(['w', undefined])
  })

  test.each([
    ['description', ['works', 'rests']],
    ['version', ['1.0.0', '2.0.0']],
    ['tags', [['a'], ['b']]],
  ] as const)('%s: what whoever has the workflow reads', async (option, values) => {
    const read = (value: unknown) => workflowOf({ [option]: value })[option]
    expect(await outcomesOf(read, ...values)).toEqual(values)
  })

  test('metadata: what hooks are told', async () => {
    const told = async (metadata: object) => {
      const { system } = bench({}, [])
      let seen: unknown
      system.hooks.register('BeforeWorkflowStart', ({ workflow }) => void (seen = workflow?.metadata))
      await system.workflows.execute(workflowOf({ metadata }), 'go')
      return seen
    }
    expect(await outcomesOf(told, { a: 1 }, { b: 2 })).toEqual([{ a: 1 }, { b: 2 }])
  })

  test.each(['input', 'output'] as const)('%s: what fits it', async (option) => {
    const status = async (schema: z.ZodType) => (await run(workflowOf({ [option]: schema }))).status
    const fits = option === 'input' ? z.string() : z.any()
    expect(await outcomesOf(status, fits, z.number())).toEqual(['completed', 'failed'])
  })

  test('timeoutMs: how long a run may take', async () => {
    const status = async (timeoutMs: number) => {
      const { system, clock } = bench({}, [])
      let ended = 'running'
      const hangs = step.run('hangs', () => new Promise(() => {}))
      void system.workflows.execute(workflowOf({ timeoutMs }, hangs), 'go').then((result) => (ended = result.status))
      await clock.advanceSteps(100)
      return ended
    }
    expect(await outcomesOf(status, 100, 101)).toEqual(['timed_out', 'running'])
  })
})

test('steps of sequential: what is done', async () => {
  const output = async (name: string) => (await run(sequential({ name: 'w', steps: [give(name)] }))).output
  expect(await outcomesOf(output, 'a', 'b')).toEqual(['a', 'b'])
})

describe('onError', () => {
  test.each([
    ['sequential', 'continue'],
    ['loop', 'continue'],
  ] as const)('of %s: what a failed step does', async (pattern, goesOn) => {
    const status = async (onError: string) => (await run(patterns[pattern]([boom], { onError }))).status
    expect(await outcomesOf(status, 'fail_fast', goesOn)).toEqual(['failed', 'partial'])
  })

  test('retry: how often a failed step is started', async () => {
    const starts = async (maxAttempts: number) => {
      let count = 0
      const flaky = step.run('flaky', () => {
        count++
        throw new Error('boom')
      })
      await run(sequential({ name: 'w', steps: [flaky], onError: { retry: { maxAttempts, backoff: 0 } } }))
      return count
    }
    expect(await outcomesOf(starts, 1, 3)).toEqual([1, 3])
  })
})

describe('conditional options', () => {
  const always = { type: 'always' } as const
  const outputOf = async (branches: unknown[], options: object = {}) =>
    (await run(conditional({ name: 'w', branches, ...options } as never))).output

  test('branches: between what it chooses', async () => {
    const output = async (name: string) => {
      const branches = [{ name, condition: always, steps: [give(name)] }] as const
      return (await run(conditional({ name: 'w', branches }))).output
    }
    expect(await outcomesOf(output, 'a', 'b')).toEqual(['a', 'b'])
  })

  test('executeAllMatching: whether all run that match', async () => {
    const branches = ['a', 'b'].map((name) => ({ name, condition: always, steps: [give(name)] }))
    const output = (executeAllMatching: boolean) => outputOf(branches, { executeAllMatching })
    expect(await outcomesOf(output, false, true)).toEqual(['a', { a: 'a', b: 'b' }])
  })

  test('name: what its output is kept under', async () => {
    const output = (name: string) =>
      outputOf([{ name, condition: always, steps: [give('x')] }], { executeAllMatching: true })
    expect(await outcomesOf(output, 'a', 'b')).toEqual([{ a: 'x' }, { b: 'x' }])
  })

  test('condition: whether it runs', async () => {
    const output = (type: string) => outputOf([{ name: 'a', condition: { type }, steps: [give('a')] }])
    expect(await outcomesOf(output, 'always', 'never')).toEqual(['a', undefined])
  })

  test('isDefault: whether it runs when no other does', async () => {
    const output = (isDefault: boolean) =>
      outputOf([{ name: 'a', isDefault, ...(!isDefault && { condition: { type: 'never' } }), steps: [give('a')] }])
    expect(await outcomesOf(output, true, false)).toEqual(['a', undefined])
  })

  test('steps: what the branch does', async () => {
    const output = (name: string) => outputOf([{ name: 'b', isDefault: true, steps: [give(name)] }])
    expect(await outcomesOf(output, 'a', 'b')).toEqual(['a', 'b'])
  })
})
