/** The hooks that rows are measured with, and the data that they see. */
import type { HookHandler } from 'hookchart/hooks'

export const POINT = 'BeforeToolExecution'

/** The data of one firing. */
export interface CallData {
  readonly tool: {
    readonly name: string
    readonly description: string
    readonly category: string
    readonly level: 'safe'
    readonly tags: readonly string[]
  }
  readonly input: unknown
}

/** What a hook reads, whoever calls it. */
export interface Call {
  readonly data: CallData
}

export type SyncHook = (call: Call) => void
export type AsyncHook = (call: Call) => Promise<void>

const tool = { name: 'fetch', description: 'Reads a page.', category: 'web', level: 'safe', tags: [] } as const
const inputs = Array.from({ length: 8 }, (_, i) => ({ url: `https://example.test/${String(i)}`, retries: i }))

/** Fresh data, as every call of a tool has. */
export function dataOf(i: number): CallData {
  return { tool, input: inputs[i & 7] }
}

/** What hooks have read; small, so that it stays an integer to the engine. */
export const tally = { read: 0 }

function read({ data }: Call, weight: number): void {
  const { url, retries } = data.input as { url: string; retries: number }
  tally.read = (tally.read + url.length * weight + retries) & 0xffff
}

/** Ten hooks with code of their own, as real ones have: one function ten times would be compiled into the loop that calls it. */
const syncHooks = [
  (call: Call) => read(call, 1),
  (call: Call) => read(call, 2),
  (call: Call) => read(call, 3),
  (call: Call) => read(call, 4),
  (call: Call) => read(call, 5),
  (call: Call) => read(call, 6),
  (call: Call) => read(call, 7),
  (call: Call) => read(call, 8),
  (call: Call) => read(call, 9),
  (call: Call) => read(call, 10),
] as const

const asyncHooks: readonly AsyncHook[] = [
  async (call) => read(call, 1),
  async (call) => read(call, 2),
  async (call) => read(call, 3),
  async (call) => read(call, 4),
  async (call) => read(call, 5),
  async (call) => read(call, 6),
  async (call) => read(call, 7),
  async (call) => read(call, 8),
  async (call) => read(call, 9),
  async (call) => read(call, 10),
]

const [a, b, c, d, e, f, g, h, i, j] = syncHooks

/** The sync hooks as a program would call them that knows them all: nothing to loop over, and the compiler may inline them. */
export const writtenOut: Readonly<Record<number, SyncHook>> = {
  1: (call) => {
    a(call)
  },
  3: (call) => {
    a(call)
    b(call)
    c(call)
  },
  10: (call) => {
    a(call)
    b(call)
    c(call)
    d(call)
    e(call)
    f(call)
    g(call)
    h(call)
    i(call)
    j(call)
  },
}

/** The first hooks of a kind. */
export function syncHooksOf(count: number): readonly SyncHook[] {
  return syncHooks.slice(0, count)
}

export function asyncHooksOf(count: number): readonly AsyncHook[] {
  return asyncHooks.slice(0, count)
}

/** The same hooks as hookchart types them. */
export function asHandlers(hooks: readonly (SyncHook | AsyncHook)[]): readonly HookHandler<typeof POINT>[] {
  return hooks as unknown as readonly HookHandler<typeof POINT>[]
}
