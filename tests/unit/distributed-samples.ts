/** What the tests of distributed contexts share: two agents, a hook, a clock, ids and chance under control. */
import { createDistributedContext } from 'hookchart/hooks'
import type { CreateDistributedContextOptions, DistributedContext } from 'hookchart/hooks'

export const planner = { nodeId: 'berlin-1', agentId: 'planner' }
export const auditor = { nodeId: 'oslo-2', agentId: 'auditor' }

export const hook: CreateDistributedContextOptions['hook'] = {
  point: 'BeforeToolExecution',
  component: { type: 'tool', name: 'add', id: 'tool-1' },
  data: { input: { n: 1 } },
  metadata: { userId: 'ann' },
  correlationId: 'order-17',
  operation: { id: 'op-1', attempt: 1, gatePass: 1 },
  language: 'native',
  timestamp: 1_000,
}

/** A new draw a call: 1, 2, 3 … over 2^32. */
export function counting() {
  let n = 0
  return { next: () => ++n / 2 ** 32 }
}

export function sample(options: Partial<CreateDistributedContextOptions> = {}): DistributedContext {
  return createDistributedContext({ source: planner, targets: [auditor], hook, random: counting(), ...options })
}

export function clockAt(start: number) {
  const clock = { time: start, now: () => clock.time }
  return clock
}

export function idsFrom(...first: string[]) {
  let n = 0
  return { next: () => first[n++] ?? `nonce-${String(n)}` }
}

type Changeable = Record<string, unknown>

/** A copy by JSON. */
export function copyOf(value: unknown): Changeable {
  return JSON.parse(JSON.stringify(value)) as Changeable
}

/** A copy in which something else stands at a dotted path, made from what stood there; undefined takes it away. */
export function changed(value: unknown, path: string, change: (old: never) => unknown): Changeable {
  const copy = copyOf(value)
  const keys = path.split('.')
  const last = keys.pop() as string
  const parent = keys.reduce((inner, key) => inner[key] as Changeable, copy)
  const put = change(parent[last] as never)
  if (put === undefined) Reflect.deleteProperty(parent, last)
  else parent[last] = put
  return copy
}
