/** Tools in threads and processes of their own: what they are given, what they give, and how they are ended. */
import { createSystem, defineTool } from 'hookchart'
import type { CreateSystemOptions, ToolCall } from 'hookchart'
import type { ToolIsolation, ToolLimitOptions } from 'hookchart/machines'
import { createTestClock, createTestIds } from 'hookchart/testing'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { outcomesOf } from '../support/outcomes.ts'
import { errorOf } from '../support/refusal.ts'
import { listenForReports } from '../support/reports.ts'

const PLACES = ['worker', 'process'] as const satisfies ToolIsolation[]

function bench(options: CreateSystemOptions = {}) {
  const clock = createTestClock()
  return { clock, system: createSystem({ clock, ids: createTestIds(), ...options }) }
}

/** A tool that takes anything. */
function tool(isolation: ToolIsolation, execute: (call: never) => unknown, limits: ToolLimitOptions = {}) {
  const described = { name: 'work', description: 'works', input: z.any(), isolation, limits }
  return defineTool({ ...described, execute: execute as () => unknown })
}

const elsewhere = 42

describe.each(PLACES)('isolation "%s"', (isolation) => {
  test('it runs elsewhere, with what it is called with', async () => {
    const { system } = bench()
    const seen = tool(isolation, async ({ input, signal, emit, ...rest }: ToolCall) => {
      const { isMainThread, threadId } = await import('node:worker_threads')
      return {
        ...rest,
        input,
        aborted: signal.aborted,
        emit: typeof emit,
        elsewhere: [isMainThread, threadId > 0, process.pid],
      }
    })
    const result = await system.tools.execute(seen, { n: 1 }, { correlationId: 'c-1', metadata: { userId: 'ann' } })
    expect(result).toMatchObject({ status: 'completed', attempts: 1 })
    expect(result.output).toEqual({
      input: { n: 1 },
      attempt: 1,
      idempotencyKey: 'id-1',
      correlationId: 'c-1',
      metadata: { userId: 'ann' },
      aborted: false,
      emit: 'function',
      elsewhere:
        isolation === 'worker'
          ? [false, true, process.pid]
          : [true, false, expect.not.toSatisfy((pid) => pid === process.pid)],
    })
    await system.stop()
  })

  test.each<[string, (call: never) => unknown]>([
    ['an arrow', ({ input }: { input: number }) => input + 1],
    [
      'a function',
      function add({ input }: { input: number }) {
        const named = (n: number) => n + 1
        return named(input)
      },
    ],
    [
      'a method',
      {
        async add(this: void, { input }: { input: number }) {
          return input + 1
        },
      }.add,
    ],
  ])('%s can be sent', async (_, execute) => {
    await using system = bench().system
    expect((await system.tools.execute(tool(isolation, execute), 1)).output).toBe(2)
  })

  test('schemas parse in front of it and behind it', async () => {
    await using system = bench().system
    const later = defineTool({
      name: 'later',
      description: 'a day later',
      input: z.string().transform((text) => new Date(text)),
      output: z.date().transform((date) => date.toISOString()),
      isolation,
      execute: ({ input }) => new Date(input.getTime() + 86_400_000),
    })
    const result = await system.tools.execute(later, '2020-01-01T00:00:00.000Z')
    expect(result.output).toBe('2020-01-02T00:00:00.000Z')
  })

  test('what it throws is its error, with code, name and message', async () => {
    await using system = bench().system
    const broken = tool(isolation, () => {
      throw Object.assign(new RangeError('too far'), { code: 'E_FAR', retryable: true })
    })
    const { status, error } = await system.tools.execute(broken, 1)
    expect(status).toBe('failed')
    expect(error).toMatchObject({ code: 'E_FAR', name: 'RangeError', message: 'too far', retryable: true })
    const odd = tool(isolation, () => {
      throw 'just text'
    })
    expect((await system.tools.execute(odd, 1)).error).toMatchObject({ code: 'EFFECT_FAILED', message: 'just text' })
  })

  test('what it takes from where it was written is a ReferenceError that says so', async () => {
    await using system = bench().system
    const { error } = await system.tools.execute(
      tool(isolation, () => elsewhere),
      1,
    )
    expect(error).toMatchObject({ code: 'EFFECT_FAILED', name: 'ReferenceError' })
    expect(error?.message).toBe(
      `elsewhere is not defined. The function of work is sent to a ${isolation === 'worker' ? 'thread' : 'process'} as text: it may use what it is called with, globals and await import(…), and nothing else of where it was written.`,
    )
  })

  test('what cannot be copied is refused, both ways', async () => {
    await using system = bench().system
    const gives = tool(isolation, () => ({ later: () => 1 }))
    expect((await system.tools.execute(gives, 1)).error).toMatchObject({
      code: 'DATA_NOT_JSON',
      details: { component: 'work', what: 'output' },
    })
    const takes = defineTool({
      name: 'takes',
      description: 'takes a function',
      input: z.number().transform((n) => () => n),
      isolation,
      execute: () => 1,
    })
    expect((await system.tools.execute(takes, 1)).error).toMatchObject({
      code: 'DATA_NOT_JSON',
      details: { component: 'takes', what: 'input' },
    })
  })

  test('one that goes without an answer has failed', async () => {
    await using system = bench().system
    const exits = tool(isolation, () => process.exit(3))
    const { error } = await system.tools.execute(exits, 1)
    expect(error).toMatchObject({ code: 'TOOL_EXITED', details: { component: 'work', isolation, how: 'exit code 3' } })
  })

  test('one that fails behind its own back has failed', async () => {
    await using system = bench().system
    const broken = tool(isolation, async () => {
      setTimeout(() => {
        throw new TypeError('late')
      })
      await new Promise(() => undefined)
    })
    // Threads need a reason to stay.
    expect((await system.tools.execute(broken, 1)).error).toMatchObject({ name: 'TypeError', message: 'late' })
  })

  describe('limits', () => {
    const fills = () => {
      const kept: unknown[] = []
      for (;;) kept.push(new Array(1_000).fill(kept.length))
    }
    // Piece by piece: a thread that asks for far too much at once takes its process with it.
    const holds = ({ input }: { input: number }) => {
      const kept: unknown[] = []
      for (let bytes = 0; bytes < input; bytes += 8_000) kept.push(new Array(1_000).fill(bytes + 0.5))
      return kept.length
    }
    const MIB = 1_024 * 1_024

    test('of memory, told to the system', async () => {
      const { system } = bench()
      const told: unknown[] = []
      system.hooks.register('ResourceLimitExceeded', ({ data }) => void told.push(data), { kind: 'observe' })
      const maxMemoryBytes = 24 * MIB
      const { status, error } = await system.tools.execute(tool(isolation, fills, { maxMemoryBytes }), 1)
      expect(status).toBe('failed')
      expect(error).toMatchObject({
        code: 'RESOURCE_LIMIT_EXCEEDED',
        message: expect.stringContaining(`${maxMemoryBytes} bytes allowed by maxMemoryBytes`),
        details: { component: 'work', resource: 'memory', limit: maxMemoryBytes },
      })
      expect(told).toMatchObject([{ resource: 'memory', limit: maxMemoryBytes }])
      await system.stop()
    })

    test('of memory: what is too much for one is enough for another', async () => {
      await using system = bench().system
      const input = 64 * MIB
      const run = (maxMemoryBytes: number) =>
        system.tools.execute(tool(isolation, holds, { maxMemoryBytes }), input).then(({ status }) => status)
      expect(await outcomesOf(run, 24 * MIB, 256 * MIB)).toEqual(['failed', 'completed'])
    })

    const spins = ({ input }: { input: number }) => {
      const until = performance.now() + input
      while (performance.now() < until);
      return 'done'
    }

    test('of processor time, for one that never ends', async () => {
      await using system = bench().system
      const { error } = await system.tools.execute(tool(isolation, spins, { maxCpuMs: 50 }), 1e9)
      expect(error).toMatchObject({
        code: 'RESOURCE_LIMIT_EXCEEDED',
        message: expect.stringMatching(/^work computed for [\d.]+ ms, of 50 allowed by maxCpuMs/),
        details: { component: 'work', resource: 'cpu', limit: 50 },
      })
      expect(error?.details['used']).toBeGreaterThan(50)
    })

    test('of processor time: what is too much for one is enough for another', async () => {
      await using system = bench().system
      const run = (maxCpuMs: number) =>
        system.tools.execute(tool(isolation, spins, { maxCpuMs }), 400).then(({ status }) => status)
      expect(await outcomesOf(run, 20, 60_000)).toEqual(['failed', 'completed'])
    })

    test('of processor time: waiting does not count', async () => {
      await using system = bench().system
      const waits = ({ input }: { input: number }) => new Promise((resolve) => setTimeout(resolve, input, 'waited'))
      const { status } = await system.tools.execute(tool(isolation, waits, { maxCpuMs: 300 }), 400)
      expect(status).toBe('completed')
    })

    test('hooks may lower them', async () => {
      const { system } = bench()
      const spinner = tool(isolation, spins, { maxCpuMs: 60_000 })
      system.hooks.register('ToolResourceAllocated', ({ data }) => ({
        type: 'modified',
        patch: { limits: { ...data.limits, maxCpuMs: 20 } },
      }))
      expect((await system.tools.execute(spinner, 1e9)).error?.details).toMatchObject({ resource: 'cpu', limit: 20 })
      await system.stop()
    })
  })

  describe('its end', () => {
    /** Reports that it has begun and that it was aborted; ends then, or spins. */
    const reporting = async ({ input, signal }: { input: { port: number; then: string }; signal: AbortSignal }) => {
      const { connect } = await import('node:net')
      const socket = connect(input.port, '127.0.0.1')
      const say = (line: string) => new Promise((resolve) => socket.write(`${line}\n`, resolve))
      await say('begun')
      if (input.then === 'spin') for (;;);
      await new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => {
          void say(`aborted: ${(signal.reason as Error).message}`).then(() => {
            if (input.then === 'return') resolve()
          })
        })
      })
      return 'gave up'
    }

    test.each([
      ['returns', 'return', ['begun', 'aborted: enough', 'closed']],
      ['ignores that', 'ignore', ['begun', 'aborted: enough', 'closed']],
      ['never looks', 'spin', ['begun', 'closed']],
    ])('aborted, its signal is; then it is ended: one that %s', async (_, then, lines) => {
      const { system } = bench()
      await using reports = await listenForReports()
      const controller = new AbortController()
      const running = system.tools.execute(
        tool(isolation, reporting),
        { port: reports.port, then },
        { signal: controller.signal },
      )
      expect(await reports.next()).toBe(lines[0])
      controller.abort(new Error('enough'))
      expect(await running).toMatchObject({ status: 'cancelled', error: { code: 'RUN_ABORTED' } })
      for (const line of lines.slice(1)) expect(await reports.next()).toBe(line)
      await system.stop()
    })

    test('its deadline ends it', async () => {
      const { system, clock } = bench()
      await using reports = await listenForReports()
      const running = system.tools.execute(tool(isolation, reporting, { timeoutMs: 1_000 }), {
        port: reports.port,
        then: 'ignore',
      })
      expect(await reports.next()).toBe('begun')
      await clock.advance(1_000)
      expect(await running).toMatchObject({ status: 'timed_out', error: { code: 'OPERATION_TIMED_OUT' } })
      expect(await reports.next()).toBe('aborted: work did not end within 1000 ms.')
      expect(await reports.next()).toBe('closed')
      await system.stop()
    })

    test('stop leaves nothing running', async () => {
      const { system } = bench()
      await using reports = await listenForReports()
      const work = tool(isolation, reporting)
      const running = ['spin', 'ignore'].map((then) => system.tools.execute(work, { port: reports.port, then }))
      expect([await reports.next(), await reports.next()]).toEqual(['begun', 'begun'])
      await system.stop({ timeoutMs: 0 })
      expect((await Promise.all(running)).map(({ status }) => status)).toEqual(['cancelled', 'cancelled'])
      const rest = [await reports.next(), await reports.next(), await reports.next()]
      expect(rest.sort()).toEqual(['aborted: The hooks were stopped.', 'closed', 'closed'])
    })

    test('its slot is given back when it has gone', async () => {
      const { system } = bench()
      await using reports = await listenForReports()
      const work = tool(isolation, reporting, { maxConcurrent: 1 })
      const controller = new AbortController()
      const first = system.tools.execute(work, { port: reports.port, then: 'ignore' }, { signal: controller.signal })
      expect(await reports.next()).toBe('begun')
      const second = system.tools.execute(work, { port: reports.port, then: 'return' })
      controller.abort(new Error('enough'))
      await first
      expect([await reports.next(), await reports.next(), await reports.next()]).toEqual([
        'aborted: enough',
        'closed',
        'begun',
      ])
      await system.stop({ timeoutMs: 0 })
      expect((await second).status).toBe('cancelled')
    })
  })

  test('a function without text is refused when it is defined', () => {
    const bound = ((n: number) => n).bind(null) as never
    expect(errorOf(() => tool(isolation, bound))).toMatchObject({
      code: 'INVALID_OPTIONS',
      message: expect.stringContaining('has no text that could be sent'),
    })
    expect(tool('inline', bound).isolation).toBe('inline')
  })
})
