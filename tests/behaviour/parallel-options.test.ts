/** The options of parallel workflows: of each, two values that come to two outcomes. */
import { parallel, step } from 'hookchart'
import { describe, expect, test } from 'vitest'
import { outcomesOf } from '../support/outcomes.ts'
import { bench } from '../support/workflows.ts'

const give = (name: string) => ({ name, steps: [step.run(name, () => name)] })
const bad = (name: string) => ({
  name,
  steps: [
    step.run(name, () => {
      throw new Error('boom')
    }),
  ],
})
const hangs = (name: string) => ({ name, steps: [step.run(name, () => new Promise(() => {}), { timeoutMs: false })] })
const sets = (name: string) => ({
  name,
  steps: [
    step.run(name, ({ state }) => {
      state['who'] = name
    }),
  ],
})

const run = (branches: readonly object[], options: object = {}) => runOf({ branches, ...options })

/** How it has ended after 100 ms, if it has. */
async function runOf(options: object) {
  const { system, clock, fired } = bench()
  const workflow = parallel({ name: 'w', ...options } as never)
  const seen: { status: string; output?: unknown; state?: unknown } = { status: 'running' }
  void system.workflows.execute(workflow, 'go').then((result) => Object.assign(seen, result))
  await clock.advanceSteps(100)
  return { ...seen, begun: fired.filter((each) => each.startsWith('BeforeWorkflowStage')).length }
}

describe('parallel options', () => {
  test('branches: what runs', async () => {
    const output = async (name: string) => (await runOf({ branches: [give(name)] })).output
    expect(await outcomesOf(output, 'a', 'b')).toEqual([{ a: 'a' }, { b: 'b' }])
  })

  test('maxConcurrency: how many run at once', async () => {
    const begun = async (maxConcurrency: number) =>
      (await run([hangs('a'), hangs('b'), hangs('c')], { maxConcurrency })).begun
    expect(await outcomesOf(begun, 1, 2)).toEqual([1, 2])
  })

  test('failFast: whether a failure ends the others', async () => {
    const status = async (failFast: boolean) => (await run([bad('a'), hangs('b')], { failFast })).status
    expect(await outcomesOf(status, true, false)).toEqual(['failed', 'running'])
  })

  test('join: how many must complete', async () => {
    const status = async (join: string) => (await run([give('a'), hangs('b')], { join })).status
    expect(await outcomesOf(status, 'all', 'any')).toEqual(['running', 'completed'])
  })

  test('join.atLeast: how many must complete', async () => {
    const status = async (atLeast: number) => (await run([give('a'), hangs('b')], { join: { atLeast } })).status
    expect(await outcomesOf(status, 1, 2)).toEqual(['completed', 'running'])
  })

  test('mergeState: what becomes of two changes at one path', async () => {
    const state = async (merged: string) => (await run([sets('a'), sets('b')], { mergeState: () => merged })).state
    expect(await outcomesOf(state, 'a', 'both')).toEqual([{ who: 'a' }, { who: 'both' }])
  })
})

describe('branches', () => {
  test('name: what its output is kept under', async () => {
    const output = async (name: string) => (await run([{ ...give('x'), name }])).output
    expect(await outcomesOf(output, 'a', 'b')).toEqual([{ a: 'x' }, { b: 'x' }])
  })

  test('steps: what it does', async () => {
    const output = async (name: string) => (await run([{ name: 'b', steps: give(name).steps }])).output
    expect(await outcomesOf(output, 'a', 'c')).toEqual([{ b: 'a' }, { b: 'c' }])
  })

  test('optional: whether the workflow goes on without it', async () => {
    const status = async (optional: boolean) => (await run([give('a'), { ...bad('b'), optional }])).status
    expect(await outcomesOf(status, true, false)).toEqual(['partial', 'failed'])
  })

  test('timeoutMs: how long it may take', async () => {
    const status = async (timeoutMs: number) => (await run([{ ...hangs('a'), timeoutMs }])).status
    expect(await outcomesOf(status, 100, 101)).toEqual(['failed', 'running'])
  })
})
