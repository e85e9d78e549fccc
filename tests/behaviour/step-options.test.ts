/** The options of steps and of their retries: of each, two values that come to two outcomes. */
import { sequential, step } from 'hookchart'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { outcomesOf } from '../support/outcomes.ts'
import { bench } from '../support/workflows.ts'

/** Runs one step for so long, and tells when it was started and how it has ended. */
async function run(options: object, work: () => unknown = () => 1, forMs = 100) {
  const { system, clock } = bench({}, [])
  const starts: number[] = []
  let metadata: unknown
  system.hooks.register('BeforeWorkflowStage', (ctx) => void (metadata = ctx.step?.metadata))
  const only = step.run(
    'only',
    () => {
      starts.push(clock.now())
      return work()
    },
    options as never,
  )
  let status = 'running'
  void system.workflows.execute(sequential({ name: 'w', steps: [only] }), 'go').then((result) => {
    status = result.status
  })
  await clock.advanceSteps(forMs)
  return { starts, status, metadata }
}

const fails = () => {
  throw new Error('boom')
}

describe('step', () => {
  test('input: what it takes', async () => {
    const status = async (input: z.ZodType) => (await run({ input })).status
    expect(await outcomesOf(status, z.string(), z.number())).toEqual(['completed', 'failed'])
  })

  test('timeoutMs: how long one attempt may take', async () => {
    const status = async (timeoutMs: number) => (await run({ timeoutMs }, () => new Promise(() => {}))).status
    expect(await outcomesOf(status, 100, 101)).toEqual(['failed', 'running'])
  })

  test('retry: whether it is started again', async () => {
    const count = async (retry: object | undefined) => (await run({ retry }, fails)).starts.length
    expect(await outcomesOf(count, { backoff: 1 }, undefined)).toEqual([3, 1])
  })

  test('metadata: what hooks are told', async () => {
    const told = async (metadata: object) => (await run({ metadata })).metadata
    expect(await outcomesOf(told, { a: 1 }, { b: 2 })).toEqual([{ a: 1 }, { b: 2 }])
  })
})

describe('retry', () => {
  const startsWith = async (retry: object) => (await run({ retry }, fails, 1_000)).starts

  test('maxAttempts: how often it is started', async () => {
    const starts = (maxAttempts: number) => startsWith({ maxAttempts, backoff: 10 })
    expect(await outcomesOf(starts, 2, 3)).toEqual([
      [0, 10],
      [0, 10, 30],
    ])
  })

  test('backoff: the first wait', async () => {
    const starts = (backoff: number) => startsWith({ maxAttempts: 2, backoff })
    expect(await outcomesOf(starts, 10, 20)).toEqual([
      [0, 10],
      [0, 20],
    ])
  })

  test.each([
    [
      'backoff.delayMs',
      { multiplier: 1 },
      [10, 20],
      [
        [0, 10, 20],
        [0, 20, 40],
      ],
    ],
    [
      'backoff.multiplier',
      { delayMs: 10 },
      [1, 3],
      [
        [0, 10, 20],
        [0, 10, 40],
      ],
    ],
    [
      'backoff.maxDelayMs',
      { delayMs: 10 },
      [10, 15],
      [
        [0, 10, 20],
        [0, 10, 25],
      ],
    ],
  ] as const)('%s: the waits', async (option, others, values, outcomes) => {
    const key = option.slice('backoff.'.length)
    const starts = (value: number) => startsWith({ backoff: { ...others, [key]: value } })
    expect(await outcomesOf(starts, ...values)).toEqual(outcomes)
  })
})
