/** What the types of points promise: several points at once, what may be written, the types of wrapped functions. */
import { createHooks, definePoint, hook } from 'hookchart/hooks'
import type { HookContext } from 'hookchart/hooks'
import { describe, expectTypeOf, test } from 'vitest'
import * as z from 'zod'

const hooks = createHooks()

describe('several points', () => {
  test('a result must be allowed at every one of them', () => {
    hooks.register(['ToolSecurityCheck', 'BeforeToolExecution'], () => hook.cancel('no'))
    hooks.register(['ToolSecurityCheck', 'BeforeToolExecution'], () => ({ type: 'suspend', question: 'may it?' }))
    hooks.register(['BeforeToolExecution', 'AfterToolExecution'], () => hook.replace(1))
    // @ts-expect-error ToolSecurityCheck allows no replace
    hooks.register(['ToolSecurityCheck', 'BeforeToolExecution'], () => hook.replace(1))
    // @ts-expect-error AfterToolExecution allows no cache
    hooks.register(['BeforeToolExecution', 'AfterToolExecution'], () => hook.cache({ key: 'x' }))
    // @ts-expect-error an observe-only point allows nothing
    hooks.register(['BeforeToolExecution', 'OperationSettled'], () => hook.cancel('no'))
    // @ts-expect-error the same in a list of hooks
    hooks.registerAll([[['ToolSecurityCheck', 'BeforeToolExecution'], () => hook.replace(1)]])
    const quiet = definePoint('quiet', { phase: 'before', decisions: ['cancel'] })
    hooks.register([quiet, 'BeforeToolExecution'], () => hook.cancel())
    // @ts-expect-error the custom point allows cancel only
    hooks.register([quiet, 'BeforeToolExecution'], () => hook.replace(1))
  })

  test('data is one of theirs', () => {
    hooks.register(['BeforeToolExecution', 'AfterAgentExecution'], (ctx) => {
      expectTypeOf(ctx.data.input).toEqualTypeOf<unknown>()
      // @ts-expect-error only one of them has a tool
      void ctx.data.tool
      if ('tool' in ctx.data) expectTypeOf(ctx.data.tool.name).toEqualTypeOf<string>()
    })
  })

  test('also where one is of one’s own', () => {
    const sent = definePoint('sent', { phase: 'before', schema: z.object({ to: z.string() }) })
    hooks.register([sent, 'BeforeToolExecution'], (ctx) => {
      if ('to' in ctx.data) expectTypeOf(ctx.data.to).toEqualTypeOf<string>()
      else expectTypeOf(ctx.data.tool.name).toEqualTypeOf<string>()
    })
  })

  test('a patch must fit all of them', () => {
    hooks.register(['BeforeToolExecution', 'BeforeAgentExecution'], () => hook.modified({ input: 1 }))
    // @ts-expect-error AfterToolExecution gives no input to change
    hooks.register(['BeforeToolExecution', 'AfterToolExecution'], () => hook.modified({ input: 1 }))
    const [n, m] = [
      definePoint('n', { phase: 'before', schema: z.object({ n: z.number(), x: z.number() }) }),
      definePoint('m', { phase: 'before', schema: z.object({ n: z.number(), x: z.string() }) }),
    ]
    hooks.register([n, m], () => hook.modified({ n: 1 }))
    // @ts-expect-error x is a text at the other point
    hooks.register([n, m], () => hook.modified({ x: 1 }))
  })

  test('globs and other texts allow anything; the kernel checks it', () => {
    hooks.register(['Before*', 'tool:error'], () => hook.replace(1))
    hooks.register('Before*', () => hook.modified({ input: 1 }))
  })
})

describe('what may be written', () => {
  test('at a point of the catalogue', () => {
    hooks.register('BeforeToolExecution', () => hook.modified({ input: 1 }))
    hooks.register('AfterToolExecution', () => hook.modified({ output: 1 }))
    hooks.register('ToolResourceAllocated', () => hook.modified({ limits: { timeoutMs: 1 } }))
    hooks.register('ParallelFork', () => hook.modified({ concurrency: 1 }))
    hooks.register('BeforeStateRead', async () => hook.modified({ key: 'x' }))
    // @ts-expect-error the tool may be read only
    hooks.register('BeforeToolExecution', (ctx) => hook.modified({ tool: { ...ctx.data.tool, level: 'safe' } }))
    // @ts-expect-error also besides the input
    hooks.register('BeforeToolExecution', (ctx) => hook.modified({ input: 1, tool: ctx.data.tool }))
    // @ts-expect-error the input is over and done
    hooks.register('AfterToolExecution', () => hook.modified({ input: 1 }))
    // @ts-expect-error a plain object is checked the same
    hooks.register('AfterToolExecution', () => ({ type: 'modified', patch: { input: 1 } }))
    // @ts-expect-error the scope cannot be written
    hooks.register('BeforeStateWrite', () => hook.modified({ scope: 'global' }))
  })

  test('a recipe has a draft of all the data', () => {
    hooks.register('BeforeToolExecution', () =>
      hook.modified((draft) => {
        expectTypeOf(draft.tool.name).toEqualTypeOf<string>()
        draft.input = draft.tool.name
      }),
    )
  })

  test('at a point of one’s own: any key of its data', () => {
    const point = definePoint('send', { phase: 'before', schema: z.object({ to: z.string(), copies: z.number() }) })
    hooks.register(point, () => hook.modified({ to: 'ann', copies: 2 }))
    // @ts-expect-error the address is a text
    hooks.register(point, () => hook.modified({ to: 1 }))
    const either = definePoint('either', {
      phase: 'before',
      schema: z.union([z.object({ a: z.number() }), z.object({ b: z.string() })]),
    })
    hooks.register(either, () => hook.modified({ a: 1 }))
    hooks.register(either, () => hook.modified({ b: 'x' }))
  })
})

describe('one component', () => {
  interface Mail {
    readonly to: string
  }
  const send = hooks.wrap(
    { name: 'send', before: 'BeforeToolExecution', after: 'AfterToolExecution' },
    async (mail: Mail) => mail.to.length,
  )

  test('a wrapped function hands on its types', () => {
    hooks.for(send.component).register('BeforeToolExecution', (ctx) => {
      expectTypeOf(ctx.data.input).toEqualTypeOf<HookContext<string, { input: Mail }>['data']['input']>()
      expectTypeOf(ctx.data.input.to).toEqualTypeOf<string>()
      return hook.modified({ input: { to: ctx.data.input.to.trim() } })
    })
    hooks.for(send.component).register('AfterToolExecution', (ctx) => {
      expectTypeOf(ctx.data.output).toEqualTypeOf<number>()
    })
    // @ts-expect-error the input is a mail
    hooks.for(send.component).register('BeforeToolExecution', () => hook.modified({ input: 1 }))
    expectTypeOf(send.component.id).toEqualTypeOf<string>()
  })

  test('its types may be given instead, and other components have none', () => {
    hooks.for<Mail, number>(send.component).register('BeforeToolExecution', (ctx) => void ctx.data.input.to)
    hooks.for({ type: 'tool', name: 'send' }).register('BeforeToolExecution', (ctx) => {
      expectTypeOf(ctx.data.input).toEqualTypeOf<unknown>()
    })
  })

  test('at several points', () => {
    hooks.for(send.component).register(['BeforeToolExecution', 'AfterToolExecution'], (ctx) => {
      expectTypeOf(ctx.data.input.to).toEqualTypeOf<string>()
      if ('output' in ctx.data) expectTypeOf(ctx.data.output).toEqualTypeOf<number>()
    })
  })
})

test('the prefix of a custom point is there once', () => {
  expectTypeOf(definePoint('custom:x', { phase: 'before' }).id).toEqualTypeOf<'custom:x'>()
  expectTypeOf(definePoint('x', { phase: 'before' }).id).toEqualTypeOf<'custom:x'>()
})
