/** Things that look like promises and break: they are failures of the hook or effect that gave them, and nothing more. */
import { afterEach, describe, expect, test } from 'vitest'
import { createHooks } from 'hookchart/hooks'
import { bench, hook, TOOL } from '../support/kernel.ts'

const environment = process.env['NODE_ENV']
afterEach(() => {
  process.env['NODE_ENV'] = environment
})

const broken = {
  'whose then throws': () => ({
    then() {
      throw new Error('broken')
    },
  }),
  'that cannot be asked for then': () => ({
    get then() {
      throw new Error('broken')
    },
  }),
}

describe.each(['test', 'production'])('with NODE_ENV %s', (mode) => {
  test.each(Object.entries(broken))('a hook that gives a thing %s fails alone', async (_, thing) => {
    process.env['NODE_ENV'] = mode
    const hooks = createHooks()
    hooks.register('BeforeToolExecution', thing as never, { name: 'broken' })
    hooks.register('AfterToolExecution', thing as never, { name: 'watches', kind: 'observe' })
    const { status, output, trace } = await hooks.wrap({ name: 'work', ...TOOL }, () => 1)(undefined)
    expect([status, output]).toEqual(['completed', 1])
    expect(trace.find((each) => each.hook === 'broken')).toMatchObject({ outcome: 'failed' })
    await hooks.stop()
  })

  test('an effect that gives one fails, and its error gate is passed', async () => {
    process.env['NODE_ENV'] = mode
    const hooks = createHooks()
    hooks.register('ToolError', () => hook.replace('recovered'))
    const result = await hooks.wrap({ name: 'work', ...TOOL }, broken['whose then throws'])(undefined)
    expect(result).toMatchObject({ status: 'completed', output: 'recovered' })
  })

  test('a pass that throws behind an async hook rejects, it does not hang', async () => {
    process.env['NODE_ENV'] = mode
    const hooks = createHooks()
    hooks.register('BeforeToolExecution', async () => hook.fork([{ id: 'a', type: 'tool', target: 'nope', input: 1 }]))
    await expect(hooks.run('BeforeToolExecution', { input: 1 } as never)).rejects.toMatchObject({
      code: 'UNKNOWN_TARGET',
    })
  })

  test('the signal of a hook is aborted at its deadline', async () => {
    process.env['NODE_ENV'] = mode
    const hooks = createHooks()
    const aborted = new Promise<unknown>((resolve) => {
      hooks.register(
        'BeforeToolExecution',
        ({ signal }) =>
          new Promise(() => {
            signal.addEventListener('abort', () => {
              resolve(signal.reason)
            })
          }),
        { timeoutMs: 5 },
      )
    })
    expect((await hooks.wrap({ name: 'work', ...TOOL }, () => 1)(undefined)).status).toBe('completed')
    expect(await aborted).toMatchObject({ code: 'HOOK_TIMED_OUT' })
  })

  test('a hook that aborts its own operation is the last: the effect does not start', async () => {
    process.env['NODE_ENV'] = mode
    const hooks = createHooks()
    const controller = new AbortController()
    hooks.register('BeforeToolExecution', () => {
      controller.abort()
    })
    hooks.register('BeforeToolExecution', () => {
      throw new Error('called')
    })
    let ran = false
    const { signal } = controller
    const result = await hooks.wrap({ name: 'work', ...TOOL }, () => (ran = true))(undefined, { signal })
    expect(result).toMatchObject({ status: 'cancelled', attempts: 0, error: { code: 'RUN_ABORTED' } })
    expect(ran).toBe(false)
  })
})

test('a condition that gives a rejecting promise is a failed condition, and no unhandled rejection', async () => {
  const { hooks } = bench()
  const when = (async () => {
    throw new Error('late')
  }) as never
  hooks.register('BeforeToolExecution', () => hook.cancel('no'), { when, name: 'conditional' })
  const { status, trace } = await hooks.wrap({ name: 'work', ...TOOL }, () => 1)(undefined)
  expect(status).toBe('completed')
  expect(trace.find((each) => each.hook === 'conditional')?.message).toContain('must answer at once')
})
