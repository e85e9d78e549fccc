/** The options of `hooks.wrap`, of each execution and of composites: of each, two values that come to two outcomes. */
import { compose } from 'hookchart/hooks'
import type { ExecuteOptions, HookContext, HookHandler, VotingOptions, WrapOptions } from 'hookchart/hooks'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { bench, deferred, hook, TOOL } from '../support/kernel.ts'
import { outcomesOf } from '../support/outcomes.ts'

/** The contexts that hooks at these points see of one call. */
async function seenBy(
  points: readonly string[],
  options: WrapOptions<never>,
  effect = (input: unknown): unknown => input,
) {
  const { hooks } = bench()
  const seen: HookContext[] = []
  hooks.register(points, (ctx) => void seen.push(ctx), { name: 'seen', kind: 'observe' })
  const result = await hooks.wrap(options, effect)(1)
  return { seen, result }
}

describe('wrap', () => {
  test('name: the component that hooks see', async () => {
    const name = async (given: string) =>
      (await seenBy([TOOL.before], { name: given, ...TOOL })).seen[0]!.component.name
    expect(await outcomesOf(name, 'a', 'b')).toEqual(['a', 'b'])
  })

  test.each([
    ['before', 'BeforeToolExecution', 'BeforeModelCall'],
    ['after', 'AfterToolExecution', 'AfterModelCall'],
    ['error', 'ToolError', 'AgentError'],
  ] as const)('%s: the point that is passed there', async (phase, ...points) => {
    const passed = async (point: string) => {
      const effect = () => {
        if (phase === 'error') throw new Error('broken')
      }
      return (await seenBy(points, { name: 'work', [phase]: point }, effect)).seen.map((ctx) => ctx.point)
    }
    expect(await outcomesOf(passed, ...points)).toEqual(points.map((point) => [point]))
  })

  test('targets: where a redirect may lead', async () => {
    const outcome = async (targets: Readonly<Record<string, () => unknown>>) => {
      const { hooks } = bench()
      hooks.register(TOOL.before, () => hook.redirect('other'))
      const result = await hooks.wrap({ name: 'work', ...TOOL, targets }, () => 1)(undefined)
      return result.output ?? result.error?.code
    }
    expect(await outcomesOf(outcome, { other: () => 2 }, {})).toEqual([2, 'UNKNOWN_TARGET'])
  })

  test('type: what kind of component hooks see', async () => {
    const type = async (given: 'agent' | 'model') =>
      (await seenBy([TOOL.before], { name: 'work', type: given, ...TOOL })).seen[0]!.component.type
    expect(await outcomesOf(type, 'agent', 'model')).toEqual(['agent', 'model'])
  })

  test.each(['input', 'output'] as const)('%s: what fits its schema', async (which) => {
    const status = async (schema: z.ZodType) => {
      const options: WrapOptions = { name: 'work', [which]: schema }
      return (await bench().hooks.wrap(options, () => 1)(1)).status
    }
    expect(await outcomesOf(status, z.number(), z.string())).toEqual(['completed', 'failed'])
  })

  test('data: what hooks may read besides', async () => {
    const data = async (tool: Readonly<Record<string, unknown>>) =>
      (await seenBy([TOOL.before], { name: 'work', ...TOOL, data: { tool } })).seen[0]!.data
    expect(await outcomesOf(data, { a: 1 }, { b: 2 })).toEqual([
      { input: 1, tool: { a: 1 } },
      { input: 1, tool: { b: 2 } },
    ])
  })
})

describe('execute', () => {
  /** A call that takes 15 ms, as its hook and its effect see it. */
  async function call(options: ExecuteOptions, meanwhile: () => void = () => undefined) {
    const { hooks, clock } = bench()
    let ctx: HookContext | undefined
    let key: string | undefined
    hooks.register(TOOL.before, (given) => void (ctx = given))
    const work = hooks.wrap({ name: 'work', ...TOOL }, (_: undefined, { idempotencyKey }) => {
      key = idempotencyKey
      return new Promise<void>((resolve) => clock.setTimeout(resolve, 15))
    })
    const running = work(undefined, options)
    meanwhile()
    await clock.advanceSteps(15)
    return { ctx: ctx!, key, result: await running }
  }

  test('correlationId: one for all that belongs together', async () => {
    const id = async (correlationId: string) => (await call({ correlationId })).result.correlationId
    expect(await outcomesOf(id, 'order-1', 'order-2')).toEqual(['order-1', 'order-2'])
  })

  test('parent: whose child it is', async () => {
    const outcome = async (isChild: boolean) => {
      const { hooks, seen } = bench()
      hooks.register(TOOL.before, seen.handler('seen'))
      const child = hooks.wrap({ name: 'child', ...TOOL }, () => 1)
      const work = hooks.wrap({ name: 'work' }, (_: undefined, parent) => child(undefined, isChild ? { parent } : {}))
      await work(undefined, { correlationId: 'order-1' })
      return seen.calls[0]!.correlationId === 'order-1'
    }
    expect(await outcomesOf(outcome, true, false)).toEqual([true, false])
  })

  test('signal: an abort ends it', async () => {
    const status = async (aborts: boolean) => {
      const controller = new AbortController()
      const { result } = await call({ signal: controller.signal }, () => {
        if (aborts) controller.abort()
      })
      return result.status
    }
    expect(await outcomesOf(status, true, false)).toEqual(['cancelled', 'completed'])
  })

  test('timeoutMs: how long it may take', async () => {
    const status = async (timeoutMs: number) => (await call({ timeoutMs })).result.status
    expect(await outcomesOf(status, 10, 20)).toEqual(['timed_out', 'completed'])
  })

  test('metadata: handed to hooks', async () => {
    const metadata = async (userId: string) => (await call({ metadata: { userId } })).ctx.metadata
    expect(await outcomesOf(metadata, 'ann', 'bob')).toEqual([{ userId: 'ann' }, { userId: 'bob' }])
  })

  test('idempotencyKey: handed to the effect', async () => {
    const key = async (idempotencyKey: string) => (await call({ idempotencyKey })).key
    expect(await outcomesOf(key, 'pay-1', 'pay-2')).toEqual(['pay-1', 'pay-2'])
  })

  test('onSuspend: whether a call that asks somebody stays pending', async () => {
    const outcome = async (onSuspend: 'wait' | 'return') => {
      const { hooks, clock } = bench()
      hooks.register(TOOL.before, () => hook.suspend({ question: 'may I?' }))
      let status = 'pending'
      const running = Promise.resolve(hooks.wrap({ name: 'work', ...TOOL }, () => 1)(undefined, { onSuspend }))
      void running.then((result) => (status = result.status))
      await clock.settle()
      return status
    }
    expect(await outcomesOf(outcome, 'wait', 'return')).toEqual(['pending', 'suspended'])
  })
})

describe('compose.parallel', () => {
  test('concurrency: how many children run at once', async () => {
    const started = async (concurrency: number) => {
      const { hooks, seen } = bench()
      const { promise, resolve } = deferred()
      const children = ['a', 'b', 'c'].map((name) => seen.handler(name, () => promise))
      hooks.register(TOOL.before, compose.parallel({ concurrency }, children))
      const running = hooks.wrap({ name: 'work', ...TOOL }, () => 1)(undefined)
      const { length } = seen.calls
      resolve()
      await running
      return length
    }
    expect(await outcomesOf(started, 1, 2)).toEqual([1, 2])
  })

  test('merge: what becomes of two changes of one field', async () => {
    const outcome = async (merge: (values: unknown[]) => unknown) => {
      const { hooks } = bench()
      const to = (input: number) => () => hook.modified({ input })
      const take = (_: unknown, changed: readonly Readonly<Record<string, unknown>>[]) => ({
        input: merge(changed.map(({ input }) => input)),
      })
      hooks.register(TOOL.before, compose.parallel({ merge: take }, [to(2), to(3)]))
      return (await hooks.wrap({ name: 'work', ...TOOL }, (input: unknown) => input)(1)).output
    }
    expect(
      await outcomesOf(
        outcome,
        (values) => values[0],
        (values) => values[1],
      ),
    ).toEqual([2, 3])
  })
})

describe('compose.voting', () => {
  const yes = () => hook.continue()
  const no = () => hook.cancel('no')
  const abstains = () => hook.skipped()

  test.each<[keyof VotingOptions, readonly [VotingOptions, VotingOptions], readonly HookHandler[]]>([
    ['threshold', [{ threshold: 0.5 }, { threshold: 0.9 }], [no, no, yes]],
    ['minVotes', [{ minVotes: 1 }, { minVotes: 2 }], [no, abstains, abstains]],
    ['weights', [{ weights: [3, 1, 1] }, { weights: [1, 1, 1] }], [no, yes, yes]],
    ['tieBreaker', [{ tieBreaker: 'cancel' }, { tieBreaker: 'continue' }], [yes, no]],
  ])('%s: who wins', async (_, options, votes) => {
    const status = async (given: VotingOptions) => {
      const { hooks } = bench()
      hooks.register(TOOL.before, compose.voting(given, votes as never))
      return (await hooks.wrap({ name: 'work', ...TOOL }, () => 1)(undefined)).status
    }
    expect(await outcomesOf(status, ...options)).toEqual(['cancelled', 'completed'])
  })
})
