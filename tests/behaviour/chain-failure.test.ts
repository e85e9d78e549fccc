/** What the failure of a component does to its chain, and what is undone. */
import { createSystem, defineChain, hook } from 'hookchart'
import type { ChainErrorPolicy, FallbackCall } from 'hookchart/machines'
import { describe, expect, test } from 'vitest'
import { chainBench } from '../support/chains.ts'

describe('policies', () => {
  /** a fails while b runs; c comes after a, d after b. */
  const failing = (onError: ChainErrorPolicy | undefined) => {
    const bench = chainBench()
    const { waiting, tool, undo } = bench
    const chain = defineChain('report', {
      components: [
        { tool: waiting('a'), ...(onError !== undefined && { onError }), compensate: undo('a') },
        { tool: waiting('b'), compensate: undo('b') },
        { tool: tool('c'), after: ['a'] },
        { tool: tool('d'), after: ['b'] },
      ],
    })
    return { ...bench, running: bench.system.chains.execute(chain, 1) }
  }

  test.each([undefined, 'fail' as const])('%s: nothing more starts, and what runs is aborted', async (onError) => {
    const { running, breakDown, log } = failing(onError)
    await breakDown('a')
    expect(await running).toMatchObject({
      status: 'failed',
      error: { code: 'EFFECT_FAILED', message: 'report failed at "a": a broke' },
    })
    expect((await running).error?.details).toEqual({ component: 'report', failed: 'a' })
    expect(log).toEqual(['a', 'b', 'b aborted'])
  })

  test('what could start beside a component that is refused at once does not begin', async () => {
    const { system, tool, log } = chainBench()
    const chain = defineChain('report', { components: [{ tool: tool('a') }, { tool: tool('b') }] })
    const begun: string[] = []
    system.hooks.register('BeforeChainComponent', ({ component }) => {
      begun.push(component.id)
      return hook.cancel('not today')
    })
    expect(await system.chains.execute(chain, 1)).toMatchObject({ status: 'failed', error: { code: 'HOOK_CANCELLED' } })
    expect(begun).toEqual(['report/a'])
    expect(log).toEqual([])
  })

  test('skip_dependants: what depends on it is not run, the rest is', async () => {
    const { running, breakDown, go, log } = failing('skip_dependants')
    await breakDown('a')
    await go('b')
    expect(await running).toMatchObject({ status: 'partial' })
    expect((await running).output).toEqual({ b: 'b', d: 'd' })
    expect(log).toEqual(['a', 'b', 'd'])
  })

  test('skip_dependants: nor is what depends on that', async () => {
    const { system, failing: broken, tool, log } = chainBench()
    const chain = defineChain('report')
      .tool(broken('a'), { onError: 'skip_dependants' })
      .tool(tool('b'), { after: ['a'] })
      .tool(tool('c'), { after: ['b'] })
    expect(await system.chains.execute(chain, 1)).toMatchObject({ status: 'partial', output: {} })
    expect(log).toEqual(['a'])
  })

  test.each<[string, ChainErrorPolicy, unknown]>([
    ['a value', { fallback: { n: 0 } }, { n: 0 }],
    [
      'a function',
      {
        fallback: ({ input, error, results, attempt, signal, tools }: FallbackCall) => [
          input,
          error.message,
          results,
          attempt,
          signal.aborted,
          typeof tools.execute,
        ],
      },
      [1, 'a broke', {}, 1, false, 'function'],
    ],
  ])('fallback: %s is its output', async (_, onError, output) => {
    const { running, breakDown, go, log } = failing(onError)
    await breakDown('a')
    await go('b')
    expect(await running).toMatchObject({ status: 'completed', output: { a: output, b: 'b', c: 'c', d: 'd' } })
    expect(log).toEqual(['a', 'b', 'c', 'd'])
  })

  test('fallback: one that fails, fails the chain', async () => {
    const { running, breakDown } = failing({
      fallback: () => {
        throw new Error('nothing left')
      },
    })
    await breakDown('a')
    expect((await running).error?.message).toBe('report failed at "a": nothing left')
  })

  test('fallback: guards see what stands in', async () => {
    const { system, running, breakDown } = failing({ fallback: 'stale' })
    const seen: unknown[] = []
    system.hooks.register(
      'AfterChainComponent',
      ({ data }) => {
        seen.push([data.id, data.action, data.output])
        return { type: 'cancel', reason: 'stale' }
      },
      { kind: 'guard', name: 'fresh' },
    )
    await breakDown('a')
    expect(await running).toMatchObject({ status: 'failed', error: { code: 'HOOK_CANCELLED' } })
    expect(seen).toEqual([['a', 'fallback', 'stale']])
  })

  test('compensate: what was started is undone, then the chain has failed', async () => {
    const { running, breakDown, log } = failing('compensate')
    await breakDown('a')
    expect(await running).toMatchObject({
      status: 'failed',
      error: { message: 'report failed at "a": a broke', details: { failed: 'a', undone: ['b', 'a'], notUndone: [] } },
    })
    expect(log).toEqual(['a', 'b', 'b aborted', 'undo b', 'undo a'])
  })
})

describe('compensation', () => {
  test('in reverse order of start, one after another, each behind its gates, with what it needs', async () => {
    const { system, tool, failing, clock, log } = chainBench()
    const calls: unknown[] = []
    let release = () => {}
    const chain = defineChain('order')
      .tool(
        tool('reserve', () => ({ seat: 7 })),
        {
          compensate: ({ input, output, error, attempt, tools, emit }) =>
            void calls.push(['reserve', input, output, error, attempt, typeof tools.call, typeof emit]),
        },
      )
      .tool(
        tool('charge', () => 'paid'),
        {
          after: ['reserve'],
          compensate: ({ input, output }) => {
            calls.push(['charge', input, output])
            return new Promise<void>((resolve) => {
              release = resolve
            })
          },
        },
      )
      .tool(failing('send'), {
        after: ['charge'],
        onError: 'compensate',
        compensate: ({ input, error, ...rest }) => void calls.push(['send', input, error?.message, 'output' in rest]),
      })
    const gates: unknown[] = []
    system.hooks.register(
      ['BeforeChainComponent', 'AfterChainComponent', 'OperationSettled'],
      ({ point, data, component }) => {
        if ('action' in data ? data.action === 'compensate' : component.id.includes('compensate'))
          gates.push([point, component.id])
      },
      { kind: 'observe' },
    )
    const running = system.chains.execute(chain, 'seat')
    await clock.settle()
    expect(calls).toEqual([
      ['send', 'seat', 'send broke', false],
      ['charge', 'seat', 'paid'],
    ])
    release()
    expect(await running).toMatchObject({
      status: 'failed',
      error: { details: { failed: 'send', undone: ['send', 'charge', 'reserve'] } },
    })
    expect(calls[2]).toEqual(['reserve', 'seat', { seat: 7 }, undefined, 1, 'function', 'function'])
    expect(gates).toEqual(
      ['send', 'charge', 'reserve'].flatMap((id) =>
        ['BeforeChainComponent', 'AfterChainComponent', 'OperationSettled'].map((point) => [
          point,
          `order/${id}/compensate`,
        ]),
      ),
    )
    expect(log).toEqual(['reserve', 'charge', 'send'])
  })

  test('of those that completed, failed behind their effect, or timed out; not of those that never ran', async () => {
    const { system, tool, waiting, undo, clock, log } = chainBench()
    system.hooks.register('AfterChainComponent', ({ data }) =>
      data.id === 'after' && data.action === 'run' ? { type: 'cancel', reason: 'no good' } : undefined,
    )
    system.hooks.register('BeforeChainComponent', ({ data }) =>
      data.id === 'refused'
        ? { type: 'cancel', reason: 'no' }
        : data.id === 'replaced'
          ? { type: 'replace', value: 1 }
          : undefined,
    )
    system.hooks.register('BeforeToolExecution', ({ component }) =>
      component.name === 'inside' ? { type: 'cancel', reason: 'no' } : undefined,
    )
    const on = (id: string) => ({ onError: 'skip_dependants' as const, compensate: undo(id) })
    const chain = defineChain('order')
      .tool(tool('done'), on('done'))
      .tool(tool('after'), on('after'))
      .tool(tool('refused'), on('refused'))
      .tool(tool('replaced'), on('replaced'))
      .tool(tool('inside'), on('inside'))
      .tool(waiting('slow'), { ...on('slow'), timeoutMs: 100 })
      .tool(waiting('last'), { onError: 'compensate', timeoutMs: 200, compensate: undo('last') })
    const running = system.chains.execute(chain, 1)
    await clock.advanceSteps(200)
    expect((await running).error?.details).toMatchObject({ failed: 'last', undone: ['last', 'slow', 'after', 'done'] })
    expect(log.filter((line) => line.startsWith('undo'))).toEqual(['undo last', 'undo slow', 'undo after', 'undo done'])
  })

  test('one that fails, is refused or takes too long is noted, and the rest still run', async () => {
    const { system, tool, failing, undo, clock } = chainBench()
    system.hooks.register('BeforeChainComponent', ({ data }) =>
      data.id === 'b' && data.action === 'compensate' ? { type: 'cancel', reason: 'leave it' } : undefined,
    )
    const chain = defineChain('order')
      .tool(tool('a'), { compensate: undo('a') })
      .tool(tool('b'), { after: ['a'], compensate: undo('b') })
      .tool(tool('c'), { after: ['b'], timeoutMs: 50, compensate: () => new Promise(() => undefined) })
      .tool(tool('d'), {
        after: ['c'],
        compensate: () => {
          throw new Error('cannot')
        },
      })
      .tool(failing('e'), { after: ['d'], onError: 'compensate' })
    const running = system.chains.execute(chain, 1)
    await clock.advanceSteps(50)
    expect((await running).error?.details).toMatchObject({
      failed: 'e',
      undone: ['a'],
      notUndone: [
        { id: 'd', error: { message: 'cannot' } },
        { id: 'c', error: { code: 'OPERATION_TIMED_OUT' } },
        { id: 'b', error: { code: 'HOOK_CANCELLED' } },
      ],
    })
  })

  test('before the chain is recovered, and before it is tried again', async () => {
    const { system, tool, undo, log, clock } = chainBench()
    let attempts = 0
    const chain = defineChain('order')
      .tool(tool('a'), { compensate: undo('a') })
      .tool(
        tool('b', () => {
          if (++attempts < 3) throw new Error('not yet')
          return 'at last'
        }),
        { after: ['a'], onError: 'compensate' },
      )
    system.hooks.register('ChainError', () => ({ type: 'retry', delayMs: 10 }))
    const running = system.chains.execute(chain, 1)
    await clock.advanceSteps(20)
    expect(await running).toMatchObject({ status: 'completed', attempts: 3, output: { b: 'at last' } })
    expect(log).toEqual(['a', 'b', 'undo a', 'a', 'b', 'undo a', 'a', 'b'])
  })

  describe('of a chain that has completed', () => {
    const order = (policy: ChainErrorPolicy = 'compensate') => {
      const bench = chainBench()
      const { tool, undo } = bench
      const chain = defineChain('order')
        .tool(tool('a'), { compensate: undo('a') })
        .tool(tool('b'), { after: ['a'], compensate: undo('b') })
        .tool(tool('c'), { after: ['b'], onError: policy })
      return { ...bench, chain }
    }

    test('when a guard refuses it', async () => {
      const { system, chain, log } = order()
      system.hooks.register('AfterChain', () => ({ type: 'cancel', reason: 'no good' }), { kind: 'guard' })
      expect(await system.chains.execute(chain, 1)).toMatchObject({
        status: 'failed',
        error: { code: 'HOOK_CANCELLED', details: { effect: 'completed', undone: ['b', 'a'], notUndone: [] } },
      })
      expect(log).toEqual(['a', 'b', 'c', 'undo b', 'undo a'])
    })

    test('when it is cancelled while hooks there wait for an answer', async () => {
      const { system, chain, log, clock } = order()
      system.hooks.register('AfterChain', () => ({ type: 'suspend', question: 'good?' }))
      const run = system.chains.start(chain, 1)
      await clock.settle()
      run.cancel('enough')
      expect(await run.result).toMatchObject({ status: 'cancelled', error: { details: { undone: ['b', 'a'] } } })
      expect(log).toEqual(['a', 'b', 'c', 'undo b', 'undo a'])
    })

    test('before hooks there have it done again', async () => {
      const { system, chain, log } = order()
      let passes = 0
      system.hooks.register('AfterChain', () => (passes++ === 0 ? { type: 'retry', delayMs: 0 } : undefined))
      expect(await system.chains.execute(chain, 1)).toMatchObject({ status: 'completed', attempts: 2 })
      expect(log).toEqual(['a', 'b', 'c', 'undo b', 'undo a', 'a', 'b', 'c'])
    })

    test('not where no component has the policy', async () => {
      const { system, chain, log } = order('fail')
      system.hooks.register('AfterChain', () => ({ type: 'cancel', reason: 'no good' }), { kind: 'guard' })
      expect((await system.chains.execute(chain, 1)).error?.details).not.toHaveProperty('undone')
      expect(log).toEqual(['a', 'b', 'c'])
    })
  })
})

describe('time', () => {
  test.each<[object, string, unknown]>([
    [{ timeoutMs: 100 }, 'failed', 'OPERATION_TIMED_OUT'],
    [{ timeoutMs: false }, 'completed', undefined],
    [{}, 'failed', 'OPERATION_TIMED_OUT'],
  ])('a component with %j', async (options, status, code) => {
    const { system, waiting, clock, go } = chainBench()
    const chain = defineChain('slow', { timeoutMs: false }).tool(waiting('a'), options)
    const running = system.chains.execute(chain, 1)
    await clock.advanceSteps(29_999)
    if (status === 'failed') await clock.advanceSteps(1)
    else await go('a')
    const result = await running
    expect([result.status, result.error?.code]).toEqual([status, code])
  })

  test.each([
    [100, 'timed_out'],
    [200, 'completed'],
  ])('a chain with %s ms', async (timeoutMs, status) => {
    const { system, waiting, tool, clock, go, log } = chainBench()
    const chain = defineChain('slow', { timeoutMs })
      .tool(waiting('a'), { timeoutMs: false })
      .tool(tool('b'), { after: ['a'] })
    const running = system.chains.execute(chain, 1)
    await clock.advanceSteps(100)
    await go('a')
    expect((await running).status).toBe(status)
    expect(log).toEqual(status === 'completed' ? ['a', 'b'] : ['a', 'a aborted'])
  })

  test('a chain whose time is up is undone before it has ended', async () => {
    const { system, tool, waiting, undo, clock, log } = chainBench()
    let release = () => {}
    const chain = defineChain('order', { timeoutMs: 100 })
      .tool(tool('a'), { compensate: undo('a') })
      .tool(waiting('b'), {
        after: ['a'],
        timeoutMs: false,
        onError: 'compensate',
        compensate: ({ signal }) => {
          log.push(`undo b, ${signal.aborted ? 'aborted' : 'going'}`)
          return new Promise<void>((resolve) => {
            release = resolve
          })
        },
      })
    let ended = false
    const running = system.chains.execute(chain, 1).finally(() => {
      ended = true
    })
    await clock.advanceSteps(100)
    expect(ended).toBe(false)
    release()
    expect(await running).toMatchObject({
      status: 'timed_out',
      error: { code: 'OPERATION_TIMED_OUT', details: { undone: ['b', 'a'] } },
    })
    expect(log).toEqual(['a', 'b', 'b aborted', 'undo b, going', 'undo a'])
  })
})

describe('a run that was started', () => {
  test('has an id and a result', async () => {
    const { system, tool } = chainBench()
    const run = system.chains.start(defineChain('report').tool(tool('a')), 1)
    expect(run.id).toBe('id-1')
    expect(await run.result).toMatchObject({ id: 'id-1', status: 'completed', output: { a: 'a' } })
    run.pause()
    run.resume()
    run.cancel()
    expect((await run.result).status).toBe('completed')
  })

  test('paused, it starts nothing more until it is resumed', async () => {
    const { system, waiting, tool, go, log, clock } = chainBench()
    const chain = defineChain('report', { maxConcurrency: 1 })
      .tool(waiting('a'))
      .tool(tool('b'))
      .tool(tool('c'), { after: ['a'] })
    const run = system.chains.start(chain, 1)
    await clock.settle()
    run.pause()
    run.pause()
    await go('a')
    expect(log).toEqual(['a'])
    run.resume()
    await clock.settle()
    expect(log).toEqual(['a', 'b', 'c'])
    expect((await run.result).status).toBe('completed')
  })

  test('paused, its deadline stands still', async () => {
    const { system, waiting, go, clock } = chainBench()
    const chain = defineChain('slow', { timeoutMs: 100 })
      .tool(waiting('a'), { timeoutMs: false })
      .tool(waiting('b'), {
        after: ['a'],
        timeoutMs: false,
      })
    const run = system.chains.start(chain, 1)
    await clock.advanceSteps(60)
    run.pause()
    await go('a')
    await clock.advanceSteps(1_000)
    run.resume()
    await clock.advanceSteps(39)
    await go('b')
    expect(await run.result).toMatchObject({ status: 'completed', durationMs: 1_099 })
    const late = system.chains.start(defineChain('late', { timeoutMs: 100 }).tool(waiting('c')), 1)
    late.pause()
    await clock.advanceSteps(1_000)
    late.resume()
    await clock.advanceSteps(100)
    expect((await late.result).status).toBe('timed_out')
    late.pause()
    expect(clock.timers).toBe(0)
  })

  test('paused at once, it has not begun', async () => {
    const { system, tool, log, clock } = chainBench()
    const run = system.chains.start(defineChain('report').tool(tool('a')), 1)
    run.pause()
    await clock.settle()
    expect(log).toEqual([])
    run.resume()
    expect((await run.result).status).toBe('completed')
  })

  test.each([
    ['while it runs', false],
    ['while it is paused', true],
  ])('cancelled %s: what runs is aborted, the rest is not run, and it is undone', async (_, pauses) => {
    const { system, waiting, tool, undo, log, clock } = chainBench()
    const chain = defineChain('order')
      .tool(tool('a'), { compensate: undo('a') })
      .tool(waiting('b'), { after: ['a'], compensate: undo('b') })
      .tool(tool('c'), { after: ['b'], onError: 'compensate', compensate: undo('c') })
    const run = system.chains.start(chain, 1)
    await clock.settle()
    if (pauses) run.pause()
    run.cancel('changed my mind')
    expect(await run.result).toMatchObject({
      status: 'cancelled',
      error: { code: 'RUN_ABORTED', message: 'order was aborted: changed my mind.', details: { undone: ['b', 'a'] } },
    })
    expect(log).toEqual(['a', 'b', 'b aborted', 'undo b', 'undo a'])
  })

  test('cancelled: without a component that compensates nothing is undone', async () => {
    const { system, waiting, undo, log, clock } = chainBench()
    const run = system.chains.start(defineChain('order').tool(waiting('a'), { compensate: undo('a') }), 1)
    await clock.settle()
    run.cancel()
    expect((await run.result).error?.details).toEqual({ component: 'order' })
    expect(log).toEqual(['a', 'a aborted'])
  })

  test('stop ends it, and waits until it is undone', async () => {
    const { system, waiting, undo, log, clock } = chainBench()
    const chain = defineChain('order').tool(waiting('a'), { onError: 'compensate', compensate: undo('a') })
    const run = system.chains.start(chain, 1)
    await clock.settle()
    await system.stop({ timeoutMs: 0 })
    expect((await run.result).status).toBe('cancelled')
    expect(log).toEqual(['a', 'a aborted', 'undo a'])
    expect(clock.timers).toBe(0)
  })
})

test.each([
  ['what is no chain', {} as never, undefined, 'INVALID_OPTIONS'],
  ['an unknown option', defineChain('empty'), { prio: 1 } as never, 'INVALID_OPTIONS'],
])('%s is misuse', async (_, chain, options, code) => {
  const { system } = chainBench()
  await expect(system.chains.execute(chain, 1, options)).rejects.toMatchObject({ code })
  expect(() => system.chains.start(chain, 1, options)).toThrow(expect.objectContaining({ code }))
})

test('a stopped system starts none', async () => {
  const system = createSystem()
  await system.stop()
  await expect(system.chains.execute(defineChain('empty'), 1)).rejects.toMatchObject({ code: 'HOOKS_STOPPED' })
})
