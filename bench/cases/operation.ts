/** Whole operations: a wrapped function with two hooks before and two after it. */
import { createHash } from 'node:crypto'
import { setImmediate as turn } from 'node:timers/promises'
import { createHooks } from 'hookchart/hooks'
import type { Hooks, Wrapped } from 'hookchart/hooks'
import { keep } from '../keep.ts'
import type { Batch, TimedRow } from '../row.ts'
import { asHandlers, asyncHooksOf, POINT, syncHooksOf } from '../workload.ts'
import type { AsyncHook, Call, SyncHook } from '../workload.ts'

const AFTER = 'AfterToolExecution'

/** Calls with which all of it is compiled before it is timed; with 1 ms of work each that would take a minute. */
const WARM_UP_CALLS = 6_000

interface ToolInput {
  readonly url: string
  readonly retries: number
}

type Tool = Wrapped<ToolInput, number>

/** The tool call of the goal: 1 ms of work. */
export async function toolCall(): Promise<TimedRow> {
  const input = { url: 'https://example.test/', retries: 1 }
  const work = { blocks: 0 }
  const compute = () => digest(work.blocks)
  // With the budget on, synchronous work that never lets the event loop turn gets these hooks shed, and nothing is left to time.
  const executor = { overheadBudget: false } as const
  const firing = [
    createHooks({ trace: 'off', executor }),
    createHooks({ executor }),
    createHooks({ executor }),
  ] as const
  const ours: readonly (readonly [name: string, tool: Tool])[] = [
    ['2 + 2 sync hooks, trace off', wrapWith(firing[0], syncHooksOf(4), compute)],
    ['2 + 2 sync hooks, traced', wrapWith(firing[1], syncHooksOf(4), compute)],
    ['2 + 2 async hooks, traced', wrapWith(firing[2], asyncHooksOf(4), compute)],
  ]
  for (let i = 0; i < WARM_UP_CALLS; i++) {
    for (const [, tool] of ours) await assertCompleted(tool, input)
    // The kernel's clock is read anew once the event loop has turned.
    if (i % 16 === 0) await turn()
  }
  work.blocks = blocksOf(1)
  return {
    title: 'Tool call of 1 ms work, 2 + 2 hooks',
    workload:
      'Await a call of a function that hashes for about 1 ms, with two hooks before and two after it. In between the processor does other work, so that clocks are read exactly and caches have to be filled again. The overhead budget is off.',
    roundsFactor: 10,
    oneByOne: true,
    cases: [
      {
        name: 'the work alone',
        role: 'limit',
        batch: async (times) => {
          let last: unknown
          for (let i = 0; i < times; i++) last = await compute()
          return last
        },
      },
      ...ours.map(([name, tool]) => ({ name, role: 'ours' as const, batch: awaited(tool, input) })),
    ],
    firing,
    questions: ours.flatMap(
      ([of]) =>
        [
          { type: 'ratio', of, to: 'the work alone', atMost: 1.01 },
          { type: 'difference', of, minus: 'the work alone', parts: 1, what: `${of}: a call` },
        ] as const,
    ),
  }
}

function awaited(tool: Tool, input: ToolInput): Batch {
  return async (times) => {
    let last: unknown
    for (let i = 0; i < times; i++) last = await tool(input)
    return last
  }
}

/** The same with no work: what an operation costs by itself. */
export async function operation(): Promise<TimedRow> {
  const inputs = Array.from({ length: 8 }, (_, i) => ({ url: `https://example.test/${String(i)}`, retries: i }))
  const compute = ({ url, retries }: ToolInput) => url.length + retries
  const [bare, untraced, traced] = [createHooks({ trace: 'off' }), createHooks({ trace: 'off' }), createHooks()]
  const tool = wrapWith(traced, syncHooksOf(4), compute)
  await assertCompleted(tool, inputs[0]!)
  const batchOf = (called: Tool): Batch => {
    return (times) => {
      let last: unknown
      for (let i = 0; i < times; i++) last = called(inputs[i & 7]!)
      return last
    }
  }
  return {
    title: 'Operation with no work, 2 + 2 sync hooks',
    workload:
      'Call a wrapped function that does next to nothing, with two sync hooks before and two after it. Nobody reads the trace, but in the last case.',
    cases: [
      { name: 'direct calls', role: 'limit', batch: directCalls(inputs, compute) },
      { name: 'no hooks, trace off', role: 'ours', batch: batchOf(wrapWith(bare, [], compute)) },
      { name: 'trace off', role: 'ours', batch: batchOf(wrapWith(untraced, syncHooksOf(4), compute)) },
      { name: 'traced', role: 'ours', batch: batchOf(tool) },
      {
        name: 'traced, trace read',
        role: 'ours',
        batch: (times) => {
          let last: unknown
          for (let i = 0; i < times; i++) {
            const result = tool(inputs[i & 7]!)
            if ('trace' in result) last = result.trace
          }
          return last
        },
      },
    ],
    firing: [bare, untraced, traced],
    questions: [
      { type: 'time', of: 'no hooks, trace off' },
      { type: 'time', of: 'trace off' },
      { type: 'time', of: 'traced' },
      { type: 'ratio', of: 'trace off', to: 'direct calls' },
      { type: 'ratio', of: 'traced', to: 'trace off' },
      { type: 'ratio', of: 'traced, trace read', to: 'traced' },
    ],
  }
}

function directCalls(inputs: readonly ToolInput[], compute: (input: ToolInput) => number): Batch {
  const before = syncHooksOf(2)
  const after = syncHooksOf(4).slice(2)
  return (times) => {
    let last: unknown
    for (let i = 0; i < times; i++) {
      const input = inputs[i & 7]!
      const call = { data: { input } } as Call
      for (const handler of before) handler(call)
      const output = compute(input)
      for (const handler of after) handler(call)
      last = { output, call }
    }
    return last
  }
}

/** The first half of the hooks stand before the function, the others after it. */
function wrapWith(
  hooks: Hooks,
  handlers: readonly (SyncHook | AsyncHook)[],
  compute: (input: ToolInput) => number,
): Tool {
  for (const [i, handler] of asHandlers(handlers).entries()) {
    if (i < handlers.length / 2) hooks.register(POINT, handler)
    else hooks.register(AFTER, handler as never)
  }
  return hooks.wrap({ name: 'fetch', before: POINT, after: AFTER, error: 'ToolError' }, compute)
}

async function assertCompleted(tool: Tool, input: ToolInput): Promise<void> {
  const { status, error } = await tool(input)
  if (status !== 'completed') throw error ?? new Error(status)
}

const block = new Uint8Array(4_096)

/** Work that takes CPU and nothing else. It is native: compiled work would be faster at one place of call than at another. */
function digest(blocks: number): number {
  if (blocks === 0) return 0
  const hash = createHash('sha256')
  for (let i = 0; i < blocks; i++) hash.update(block)
  return hash.digest().length
}

/** How many blocks take so many ms of CPU time. */
function blocksOf(ms: number): number {
  const blocks = 500
  let fastest = Infinity
  for (let i = 0; i < 20; i++) {
    const before = process.cpuUsage()
    keep(digest(blocks))
    fastest = Math.min(fastest, process.cpuUsage(before).user / 1_000)
  }
  return Math.round((blocks * ms) / fastest)
}
