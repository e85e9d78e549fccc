/** The isolation port itself: what it does that no tool of a system shows. */
import { afterEach, describe, expect, test } from 'vitest'
import type { IsolatedCall, IsolationLimits } from '../../src/ports/isolation.ts'
import { createNodeIsolation } from '../../src/ports/node/isolation.ts'

const isolation = createNodeIsolation()
afterEach(() => isolation.stop())

function start(
  where: 'worker' | 'process',
  execute: (call: never) => unknown,
  onEmit: (type: string, data: unknown) => void | Promise<void> = () => undefined,
  limits: IsolationLimits = {},
) {
  const call: IsolatedCall = {
    source: execute.toString(),
    input: 1,
    attempt: 1,
    idempotencyKey: 'key',
    correlationId: 'c-1',
    metadata: {},
  }
  return isolation.start(where, call, limits, onEmit)
}

interface Emitting {
  readonly emit: (type: string, data?: unknown) => Promise<void>
}

describe.each(['worker', 'process'] as const)('in a %s', (where) => {
  test('what is emitted arrives in order, in front of the output', async () => {
    const told: unknown[] = []
    const { ended } = start(
      where,
      ({ emit }: Emitting) => {
        void emit('work.begun')
        void emit('work.half', { done: 0.5 })
        return 'all'
      },
      (type, data) => void told.push([type, data]),
    )
    expect(await ended).toEqual({ type: 'completed', output: 'all' })
    expect(told).toEqual([
      ['work.begun', undefined],
      ['work.half', { done: 0.5 }],
    ])
  })

  test('emit waits until it was taken, and rejects when it was refused', async () => {
    const told: string[] = []
    const { ended } = start(
      where,
      async ({ emit }: Emitting) => {
        await emit('slow')
        await emit('next')
        return emit('refused').catch((error: unknown) => (error as Error).message)
      },
      async (type) => {
        await Promise.resolve()
        told.push(type)
        if (type === 'refused') throw new Error('the bus is full')
      },
    )
    expect(await ended).toEqual({ type: 'completed', output: 'the bus is full' })
    expect(told).toEqual(['slow', 'next', 'refused'])
  })

  test('nobody has to wait for a refusal', async () => {
    const { ended } = start(
      where,
      ({ emit }: Emitting) => {
        void emit('refused')
        return new Promise((resolve) => setTimeout(resolve, 20, 'fine'))
      },
      () => {
        throw new Error('no')
      },
    )
    expect(await ended).toEqual({ type: 'completed', output: 'fine' })
  })

  test('aborted before it has begun, it finds its signal aborted or is ended', async () => {
    const run = start(where, async ({ signal }: { signal: AbortSignal }) => {
      if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve))
      return (signal.reason as Error).message
    })
    run.abort(new Error('enough'))
    run.abort(new Error('twice'))
    // On a slow computer it may have been ended before it was up.
    expect([{ type: 'completed', output: 'enough' }, expect.objectContaining({ type: 'exited' })]).toContainEqual(
      await run.ended,
    )
  })

  test('what took too long is too much, even if it ends before somebody looks', async () => {
    const { ended } = start(
      where,
      () => {
        const until = performance.now() + 60
        while (performance.now() < until);
      },
      undefined,
      { maxCpuMs: 5 },
    )
    expect(await ended).toMatchObject({ type: 'over_limit', resource: 'cpu', limit: 5 })
  })
})
