/** Tools of a system: what the whole of it costs round a function. */
import { createSystem } from 'hookchart'
import type { System } from 'hookchart'
import { createHooks } from 'hookchart/hooks'
import { defineTool } from 'hookchart/machines'
import { createActor, fromPromise, setup, toPromise } from 'xstate'
import * as z from 'zod'
import type { TimedRow } from '../row.ts'
import { asHandlers, syncHooksOf } from '../workload.ts'

const input = { url: 'https://example.test/', retries: 1 }
const compute = ({ url, retries }: typeof input) => url.length + retries

const tool = defineTool({
  name: 'fetch',
  description: 'Reads a page.',
  level: 'safe',
  input: z.unknown() as unknown as z.ZodType<typeof input>,
  execute: (call) => compute(call.input),
})

/** A machine made for each call, as a framework on XState would do it. */
const machine = setup({
  types: { input: {} as typeof input, context: {} as { input: typeof input; output: number } },
  actors: { work: fromPromise<number, typeof input>(({ input: given }) => Promise.resolve(compute(given))) },
}).createMachine({
  id: 'tool',
  context: ({ input: given }) => ({ input: given, output: 0 }),
  initial: 'executing',
  states: {
    executing: { invoke: { src: 'work', input: ({ context }) => context.input, onDone: 'done' } },
    done: { type: 'final' },
  },
})

export function tools(): TimedRow {
  const [bare, hooked, traced] = [
    createSystem({ trace: 'off' }),
    withHooks(createSystem({ trace: 'off' })),
    withHooks(createSystem()),
  ]
  const hooks = createHooks({ trace: 'off' })
  const wrapped = hooks.wrap({ name: 'fetch', before: 'BeforeToolExecution', after: 'AfterToolExecution' }, compute)
  const executes = (system: System) => async (times: number) => {
    let last: unknown
    for (let i = 0; i < times; i++) last = await system.tools.execute(tool, input)
    return last
  }
  return {
    title: 'Tool of a system with no work',
    workload:
      'Execute a tool that does next to nothing and await it: eight points, limits, a slot and a deadline round it. Two sync hooks stand before it and two after it where it says so. The peer is a machine of XState with one invoke, an actor a call.',
    cases: [
      {
        name: 'await the function',
        role: 'limit',
        batch: async (times) => {
          let last: unknown
          for (let i = 0; i < times; i++) last = await compute(input)
          return last
        },
      },
      { name: 'no hooks, trace off', role: 'ours', batch: executes(bare) },
      { name: '2 + 2 hooks, trace off', role: 'ours', batch: executes(hooked) },
      { name: '2 + 2 hooks, traced', role: 'ours', batch: executes(traced) },
      {
        name: 'hooks.wrap, no hooks',
        role: 'ours',
        batch: async (times) => {
          let last: unknown
          for (let i = 0; i < times; i++) last = await wrapped(input)
          return last
        },
      },
      {
        name: 'an actor of XState a call',
        role: 'peer',
        batch: async (times) => {
          let last: unknown
          for (let i = 0; i < times; i++) last = await toPromise(createActor(machine, { input }).start())
          return last
        },
      },
    ],
    firing: [hooked.hooks, traced.hooks],
    questions: [
      { type: 'time', of: 'no hooks, trace off', atMost: 10_000 },
      { type: 'time', of: '2 + 2 hooks, trace off', atMost: 10_000 },
      { type: 'time', of: '2 + 2 hooks, traced', atMost: 10_000 },
      { type: 'ratio', of: 'no hooks, trace off', to: 'an actor of XState a call' },
      { type: 'ratio', of: 'no hooks, trace off', to: 'hooks.wrap, no hooks' },
    ],
  }
}

function withHooks(system: System): System {
  for (const [i, handler] of asHandlers(syncHooksOf(4)).entries()) {
    if (i < 2) system.hooks.register('BeforeToolExecution', handler)
    else system.hooks.register('AfterToolExecution', handler as never)
  }
  return system
}
