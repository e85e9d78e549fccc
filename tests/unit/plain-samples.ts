/**
 * What the tests of the fast paths share. Those only run on the clock of the machine and where data is not checked, so
 * time is faked, and the environment is that of production.
 */
import { createHooks } from 'hookchart/hooks'
import type { CreateHooksOptions, HookContext, TraceEntry } from 'hookchart/hooks'
import { createTestIds } from 'hookchart/testing'
import { afterEach, beforeEach, vi } from 'vitest'

/** Call it once in a file. */
export function inProduction(): void {
  beforeEach(() => {
    vi.useFakeTimers()
    vi.stubEnv('NODE_ENV', 'production')
  })
  afterEach(() => {
    vi.useRealTimers()
    vi.unstubAllEnvs()
  })
}

const POINT = 'BeforeToolExecution'
const TOOL = { before: POINT, after: 'AfterToolExecution', error: 'ToolError' } as const

export type Handler = (ctx: HookContext<string, { input?: unknown }>) => unknown
type Entry = Handler | readonly [Handler, object]

/** Hooks in front of a tool that gives its input back. */
export function bench(handlers: Record<string, Entry>, options: CreateHooksOptions = {}) {
  const hooks = createHooks({ ids: createTestIds(), ...options })
  const order: string[] = []
  for (const [name, entry] of Object.entries(handlers)) {
    const [handler, more] = typeof entry === 'function' ? [entry, {}] : entry
    const logged = (ctx: HookContext) => {
      order.push(name)
      return handler(ctx) as undefined
    }
    hooks.register(POINT, logged, { name, ...more })
  }
  const tool = hooks.wrap({ name: 'tool', ...TOOL, targets: { other: () => 'other' } }, (input: unknown) => input)
  const fire = (data: { readonly input: unknown } = { input: 1 }) => hooks.run<string>(POINT, data)
  const counts = () => Object.fromEntries(hooks.stats().perHook.map(({ hook: name, count }) => [name, count]))
  return { hooks, order, tool, fire, counts }
}

/** A hook that takes so long before it returns. */
export const takes = (ms: number) => () => void vi.advanceTimersByTime(ms)
export const later = async () => undefined
export const sleeps = (ms: number) => () => new Promise<void>((resolve) => setTimeout(resolve, ms))
export const guard = { kind: 'guard' } as const
export const observer = { kind: 'observe' } as const
export const lines = (trace: readonly TraceEntry[]) =>
  trace.filter((entry) => entry.hook !== null).map((entry) => `${entry.hook} ${entry.outcome} ${entry.type}`)
