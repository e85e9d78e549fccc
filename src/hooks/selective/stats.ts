/** What selective hooks have come to, as figures. */
import type { HookHandle } from '../api.ts'
import type { Features } from './features.ts'
import type { Instances } from './instances.ts'
import type { SelectiveHook } from './selective-hook.ts'

/** What selective hooks have come to. */
export interface SelectiveHooksStats {
  /** Hooks that are registered. */
  readonly registered: number
  /** Instances that live. */
  readonly instances: number
  /** Instances that had to go because others were called more recently. */
  readonly evictions: number
  /** Instances whose own `dispose` threw or rejected. */
  readonly disposeFailures: number
  /** In the order of registration. */
  readonly perHook: readonly {
    readonly id: string
    readonly hook: string
    /** How often it was called. */
    readonly accesses: number
    /** Whether it has an instance. */
    readonly live: boolean
    /** How often its factory failed. */
    readonly failures: number
  }[]
  /** In the order of declaration; the hooks that need each, and how often these were called. */
  readonly features: readonly {
    readonly name: string
    readonly enabled: boolean
    readonly hooks: number
    readonly accesses: number
  }[]
}

/** A selective hook as it is registered. */
export interface Entry {
  readonly hook: SelectiveHook
  readonly handle: HookHandle
  readonly features: readonly string[]
  readonly preloads: boolean
  /** As the handle says. */
  wanted: boolean
  /** As the registry under it has it. */
  enabled: boolean
}

/** Collects the figures. */
export function statsOf(entries: ReadonlySet<Entry>, instances: Instances, features: Features): SelectiveHooksStats {
  const all = [...entries]
  return {
    registered: all.length,
    instances: instances.size,
    evictions: instances.evictions,
    disposeFailures: instances.disposeFailures,
    perHook: all.map(({ handle, hook }) => ({
      id: handle.id,
      hook: handle.name,
      accesses: hook.accesses,
      live: hook.live,
      failures: hook.failures,
    })),
    features: features.list().map(({ name, enabled }) => {
      const needing = all.filter((entry) => entry.features.includes(name))
      const accesses = needing.reduce((sum, { hook }) => sum + hook.accesses, 0)
      return { name, enabled, hooks: needing.length, accesses }
    }),
  }
}
