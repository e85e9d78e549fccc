/** What a workflow undoes when it does not complete. */
import { conditional, defineTool, hook, loop, parallel, sequential, step } from 'hookchart'
import type { CompensateCall, Step, StepCall, StepOptions, WorkflowDefinition } from 'hookchart/machines'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { outcomesOf } from '../support/outcomes.ts'
import { bench } from '../support/workflows.ts'

function benchWithLog() {
  const { system, clock } = bench({}, [])
  /** What was done, left and undone, in order. */
  const log: string[] = []
  const undo = (name: string) => () => void log.push(`undo ${name}`)
  /** A step that can be undone. */
  const done = (name: string, options: StepOptions<unknown, unknown> = {}) =>
    step.run(
      name,
      (): unknown => {
        log.push(name)
        return name
      },
      { compensate: undo(name), ...options },
    )
  /** One that goes on until it is left. */
  const waiting = (name: string, options: StepOptions<unknown, unknown> = {}) =>
    step.run(
      name,
      ({ signal }) => {
        log.push(name)
        return new Promise<unknown>((_, reject) => {
          signal.addEventListener('abort', () => {
            log.push(`${name} left`)
            reject(new Error('left'))
          })
        })
      },
      { compensate: undo(name), ...options },
    )
  const failing = (name: string, options: StepOptions<unknown, unknown> = { compensate: undo(name) }) =>
    step.run(
      name,
      (): unknown => {
        log.push(name)
        throw new Error(`${name} broke`)
      },
      options,
    )
  const line = (...steps: Step[]) => sequential({ name: 'order', steps })
  const run = (workflow: WorkflowDefinition) => system.workflows.execute(workflow, 7)
  return { system, clock, log, undo, done, waiting, failing, line, run }
}

describe('a step', () => {
  test('compensate: whether it is undone', async () => {
    const undone = async (isUndone: boolean) => {
      const { undo, failing, line, run, log } = benchWithLog()
      const options = isUndone ? { compensate: undo('a') } : {}
      await run(
        line(
          step.run('a', () => 1, options),
          failing('b', {}),
        ),
      )
      return log
    }
    expect(await outcomesOf(undone, true, false)).toEqual([['b', 'undo a'], ['b']])
  })

  test('is undone after those behind it; those without an undo are left', async () => {
    const { failing, done, line, run, log } = benchWithLog()
    const result = await run(
      line(
        done('a'),
        step.run('b', () => 1),
        done('c'),
        failing('d'),
      ),
    )
    expect(result).toMatchObject({
      status: 'failed',
      error: { code: 'EFFECT_FAILED', details: { undone: ['d', 'c', 'a'], notUndone: [] } },
    })
    expect(log).toEqual(['a', 'c', 'd', 'undo d', 'undo c', 'undo a'])
  })

  test('is undone with what it was given, what it gave or why it did not, and callers, under a signal of its own', async () => {
    const { system, run } = benchWithLog()
    const calls: unknown[] = []
    const compensate = ({ input, signal, tools, emit, ...rest }: CompensateCall) => {
      const given = 'output' in rest ? ['output', rest.output] : [rest.error?.code, rest.error?.message]
      calls.push([input, given, signal.aborted, typeof tools.call, typeof emit])
    }
    const steps = [
      step.run('a', ({ input }: StepCall<number>) => input + 1, { compensate }),
      step.run(
        'b',
        () => {
          throw new TypeError('no')
        },
        { compensate },
      ),
    ]
    system.hooks.register('AfterWorkflowStage', () => hook.modified({ output: 'changed' }))
    await run(sequential({ name: 'order', steps }))
    expect(calls).toEqual([
      ['changed', ['EFFECT_FAILED', 'no'], false, 'function', 'function'],
      [7, ['output', 8], false, 'function', 'function'],
    ])
  })

  test('is undone if it was started: not where hooks refused it, replaced it or sent the workflow past it', async () => {
    const { system, done, failing, line, run, log, undo } = benchWithLog()
    const tool = defineTool({ name: 'tool', description: 'runs', input: z.any(), execute: () => 1 })
    system.hooks.register('BeforeToolExecution', () => hook.cancel('no'))
    system.hooks.register('BeforeWorkflowStage', ({ step: at }) =>
      at?.name === 'replaced' ? hook.replace(1) : at?.name === 'jumping' ? hook.redirect('after') : undefined,
    )
    system.hooks.register('AfterWorkflowStage', ({ step: at }) =>
      at?.name === 'after' && at.action === 'run' ? hook.cancel('no good') : undefined,
    )
    const result = await run(line(done('replaced'), done('jumping'), done('passed'), done('after'), failing('never')))
    expect(result.error?.details).toMatchObject({ undone: ['after'] })
    expect(log).toEqual(['after', 'undo after'])
    const refused = await run(line(step.tool('tool', tool, undefined, { compensate: undo('tool') })))
    expect(refused.error).toMatchObject({ code: 'HOOK_CANCELLED' })
    expect(refused.error?.details).not.toHaveProperty('undone')
  })

  test('whose time was up is undone, once it has been left', async () => {
    const { done, waiting, line, run, log, clock } = benchWithLog()
    const reasons: unknown[] = []
    const slow = waiting('slow', { timeoutMs: 100, compensate: ({ error }) => void reasons.push(error?.code) })
    const running = run(line(done('a'), slow))
    await clock.advanceSteps(100)
    expect((await running).error?.details).toMatchObject({ undone: ['slow', 'a'] })
    expect(log).toEqual(['a', 'slow', 'slow left', 'undo a'])
    expect(reasons).toEqual(['OPERATION_TIMED_OUT'])
  })

  test('that was tried several times is undone once', async () => {
    const { failing, line, run, log, undo, clock } = benchWithLog()
    const running = run(line(failing('a', { retry: { maxAttempts: 3, backoff: 1 }, compensate: undo('a') })))
    await clock.advanceSteps(10)
    await running
    expect(log).toEqual(['a', 'a', 'a', 'undo a'])
  })

  test('that ran again is undone as often', async () => {
    const { system, done, failing, line, run, log } = benchWithLog()
    let jumps = 0
    system.hooks.register('WorkflowStageTransition', ({ step: at }) =>
      at?.name === 'b' && jumps++ === 0 ? hook.redirect('a') : undefined,
    )
    await run(line(done('a'), done('b'), failing('c')))
    expect(log.slice(5)).toEqual(['undo c', 'undo b', 'undo a', 'undo b', 'undo a'])
  })
})

describe('gates', () => {
  test('stand round each compensation; hooks are told that it is one, and of which step', async () => {
    const { system, done, failing, line, run } = benchWithLog()
    const seen: unknown[] = []
    system.hooks.register(
      ['BeforeWorkflowStage', 'AfterWorkflowStage', 'OperationSettled'],
      ({ point, step: at, workflow, component, operation }) => {
        if (at?.action === 'compensate')
          seen.push([point, at.name, at.index, workflow?.name, component.id, operation.id])
      },
      { kind: 'observe' },
    )
    await run(line(done('a'), done('b'), failing('c', {})))
    expect(seen.map((each) => (each as unknown[]).slice(0, 5))).toEqual(
      ['b', 'a'].flatMap((name, i) =>
        ['BeforeWorkflowStage', 'AfterWorkflowStage', 'OperationSettled'].map((point) => [
          ...[point, name, 1 - i, 'order', `order/${name}/compensate`],
        ]),
      ),
    )
    expect(new Set(seen.map((each) => (each as unknown[])[5])).size).toBe(2)
  })

  test('one that fails, is refused or takes too long is noted, and the rest still run', async () => {
    const { system, done, failing, line, run, log, clock } = benchWithLog()
    system.hooks.register(
      'BeforeWorkflowStage',
      ({ step: at }) => (at?.name === 'b' && at.action === 'compensate' ? hook.cancel('leave it') : undefined),
      { kind: 'guard' },
    )
    const running = run(
      line(
        done('a'),
        done('b'),
        done('c', { timeoutMs: 50, compensate: () => new Promise(() => undefined) }),
        done('d', {
          compensate: () => {
            throw new Error('cannot')
          },
        }),
        failing('e', {}),
      ),
    )
    await clock.advanceSteps(50)
    expect((await running).error?.details).toMatchObject({
      undone: ['a'],
      notUndone: [
        { id: 'd', error: { message: 'cannot' } },
        { id: 'c', error: { code: 'OPERATION_TIMED_OUT' } },
        { id: 'b', error: { code: 'HOOK_CANCELLED' } },
      ],
    })
    expect(log.at(-1)).toBe('undo a')
  })

  test('hooks there see the state of the workflow, and what they change of it stays', async () => {
    const { system, failing, line, run } = benchWithLog()
    const count = step.run('count', ({ state }) => void (state['count'] = 1), { compensate: () => undefined })
    system.hooks.register('AfterWorkflowStage', ({ step: at, state }) =>
      at?.action === 'compensate' ? hook.continue({ state: { count: Number(state['count']) - 1 } }) : undefined,
    )
    expect((await run(line(count, failing('b', {})))).state).toEqual({ count: 0 })
  })
})

describe('in each pattern, the last started first', () => {
  test('a branch of a conditional', async () => {
    const { done, failing, run, log } = benchWithLog()
    const branch = (name: string, ...steps: Step[]) => ({ name, condition: { type: 'always' as const }, steps })
    const result = await run(
      conditional({
        name: 'choose',
        branches: [branch('x', done('a')), branch('y', done('a'), failing('b'))],
        executeAllMatching: true,
      }),
    )
    expect(result.error?.details).toMatchObject({ undone: ['y/b', 'y/a', 'x/a'] })
    expect(log).toEqual(['a', 'a', 'b', 'undo b', 'undo a', 'undo a'])
  })

  test('all iterations of a loop, each with what it was given', async () => {
    const { run, undo, log } = benchWithLog()
    const body = step.run(
      'pay',
      ({ input }: StepCall<number>) => {
        if (input === 2) throw new Error('broke')
        return input
      },
      { compensate: ({ input }) => undo(`of ${String(input)}`)() },
    )
    const result = await run(loop({ name: 'each', iterator: { range: { end: 5 } }, body: [body] }))
    expect(result.error?.details).toMatchObject({
      undone: ['iteration 2/pay', 'iteration 1/pay', 'iteration 0/pay'],
    })
    expect(log).toEqual(['undo of 2', 'undo of 1', 'undo of 0'])
  })

  test('of a parallel workflow what has completed, what failed and what was stopped, once all have ended', async () => {
    const { done, waiting, failing, run, log } = benchWithLog()
    const result = await run(
      parallel({
        name: 'all',
        branches: [
          { name: 'quick', steps: [done('a')] },
          { name: 'slow', steps: [done('b'), waiting('c')] },
          { name: 'bad', steps: [done('d'), done('e'), failing('f')] },
        ],
      }),
    )
    expect(result.error?.code).toBe('BRANCHES_FAILED')
    expect(new Set(log.slice(-6))).toEqual(new Set(['a', 'b', 'c', 'd', 'e', 'f'].map((name) => `undo ${name}`)))
    const started = log.filter((name) => name.length === 1)
    expect(log.slice(-6)).toEqual(started.toReversed().map((name) => `undo ${name}`))
    expect(log.indexOf('c left')).toBe(6)
  })
})

describe('a workflow', () => {
  test.each([
    ['fails', 'fail_fast', 'failed', true],
    ['is partial', 'continue', 'partial', false],
  ] as const)('that %s', async (_, onError, status, isUndone) => {
    const { done, failing, run, log } = benchWithLog()
    const workflow = sequential({ name: 'order', onError, steps: [done('a'), failing('b')] })
    expect((await run(workflow)).status).toBe(status)
    expect(log.includes('undo a')).toBe(isUndone)
  })

  test('that is cancelled while a step runs', async () => {
    const { system, done, waiting, line, log, clock } = benchWithLog()
    const started = system.workflows.start(line(done('a'), waiting('b')), 1)
    await clock.settle()
    started.cancel('changed my mind')
    expect(await started.result).toMatchObject({
      status: 'cancelled',
      error: { code: 'RUN_ABORTED', details: { undone: ['b', 'a'] } },
    })
    expect(log).toEqual(['a', 'b', 'b left', 'undo b', 'undo a'])
  })

  test('that a guard refuses in front of a step', async () => {
    const { system, done, line, run, log } = benchWithLog()
    system.hooks.register('BeforeWorkflowStage', ({ step: at }) => (at?.name === 'b' ? hook.cancel('no') : undefined))
    expect(await run(line(done('a'), done('b')))).toMatchObject({
      status: 'cancelled',
      error: { details: { undone: ['a'] } },
    })
    expect(log).toEqual(['a', 'undo a'])
  })

  test('whose time is up: before it has ended, and before hooks are told', async () => {
    const { system, done, waiting, run, log, clock } = benchWithLog()
    system.hooks.register('WorkflowError', () => void log.push('told'))
    let release = () => {}
    const slow = waiting('b', {
      timeoutMs: false,
      compensate: () =>
        new Promise<void>((resolve) => {
          release = resolve
        }),
    })
    const running = run(sequential({ name: 'order', timeoutMs: 100, steps: [done('a'), slow] }))
    await clock.advanceSteps(200)
    expect(log).toEqual(['a', 'b', 'b left'])
    release()
    expect(await running).toMatchObject({
      status: 'timed_out',
      error: { code: 'OPERATION_TIMED_OUT', details: { undone: ['b', 'a'] } },
    })
    expect(log.slice(3)).toEqual(['undo a', 'told'])
  })

  test('that hooks refuse when it has completed', async () => {
    const { system, done, line, run, log } = benchWithLog()
    system.hooks.register('AfterWorkflowComplete', () => hook.cancel('no good'), { kind: 'guard' })
    expect(await run(line(done('a'), done('b')))).toMatchObject({
      status: 'failed',
      error: { code: 'HOOK_CANCELLED', details: { undone: ['b', 'a'] } },
    })
    expect(log).toEqual(['a', 'b', 'undo b', 'undo a'])
  })

  test('whose output does not fit', async () => {
    const { done, run, log } = benchWithLog()
    const result = await run(sequential({ name: 'order', output: z.number(), steps: [done('a')] }))
    expect(result.error).toMatchObject({ code: 'INVALID_OUTPUT', details: { undone: ['a'] } })
    expect(log).toEqual(['a', 'undo a'])
  })

  test.each(['WorkflowError', 'AfterWorkflowComplete'])('before it is done again for hooks at %s', async (point) => {
    const { system, done, line, run, log } = benchWithLog()
    let runs = 0
    const last = step.run('b', () => {
      if (runs++ === 0 && point === 'WorkflowError') throw new Error('not yet')
    })
    system.hooks.register(point as 'WorkflowError', () => (runs === 1 ? hook.retry({ delayMs: 0 }) : undefined))
    expect((await run(line(done('a'), last))).status).toBe('completed')
    expect(log).toEqual(['a', 'undo a', 'a'])
  })

  test('and the system waits for it when it stops', async () => {
    const { system, waiting, line, run, log, clock } = benchWithLog()
    const running = run(line(waiting('a')))
    await clock.settle()
    await system.stop({ timeoutMs: 0 })
    expect((await running).status).toBe('cancelled')
    expect(log).toEqual(['a', 'a left', 'undo a'])
    expect(clock.timers).toBe(0)
  })
})

describe('a workflow as a step', () => {
  const nested = (innerFails: boolean, outerFails: boolean) => {
    const { done, failing, run, log, undo } = benchWithLog()
    const inner = sequential({ name: 'inner', steps: [done('a'), ...(innerFails ? [failing('b')] : [])] })
    const steps = [
      done('first'),
      step.workflow('inner', inner, undefined, {
        compensate: ({ error }) => {
          undo(error === undefined ? 'inner' : `inner, undone ${error.code}`)()
        },
      }),
      ...(outerFails ? [failing('last')] : []),
    ]
    return run(sequential({ name: 'outer', steps })).then((result) => ({ result, log }))
  }

  test('undoes its own steps if it fails', async () => {
    const { result, log } = await nested(true, false)
    expect(result.error?.details).toMatchObject({ undone: ['inner', 'first'] })
    expect(log).toEqual([
      ...['first', 'a', 'b', 'undo b', 'undo a'],
      ...['undo inner, undone EFFECT_FAILED', 'undo first'],
    ])
  })

  test('is undone as a whole when what is round it fails later', async () => {
    const { log } = await nested(false, true)
    expect(log).toEqual(['first', 'a', 'last', 'undo last', 'undo inner', 'undo first'])
  })
})
