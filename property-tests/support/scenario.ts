/** Random hooks for random gates: what they do, when they settle, and what is known of them in advance. */
import fc from 'fast-check'
import type { HookContext, HookHandler, HookKind, HookOptions, Hooks } from 'hookchart/hooks'
import type { Kernel } from './planted.ts'

/** What a hook does when it is called. */
export type Behaviour =
  | 'nothing'
  | 'skipped'
  | 'set'
  | 'recipe'
  | 'cancel'
  | 'replace'
  | 'redirect'
  | 'retry'
  | 'fork'
  | 'cache'
  | 'suspend'
  | 'throw'
  | 'invalid'
  | 'disallowed'
  | 'hang'

/** A random hook. */
export interface HookSpec {
  readonly name: string
  readonly kind: HookKind
  readonly priority: number
  readonly onFailure: 'open' | 'closed'
  readonly behaviour: Behaviour
  readonly isAsync: boolean
  readonly value: number
}

/** Deadline of hooks in scenarios. */
export const TIMEOUT_MS = 100

const GUARD_BEHAVIOURS: readonly Behaviour[] = [
  'nothing',
  'nothing',
  'nothing',
  'cancel',
  'retry',
  'suspend',
  'throw',
  'invalid',
  'disallowed',
  'hang',
]

/** Random hooks with names of their own. */
export function hookSpecs(
  behaviours: readonly Behaviour[],
  maxLength = 6,
  kinds: readonly HookKind[] = ['transform', 'guard', 'observe'],
): fc.Arbitrary<HookSpec[]> {
  const spec = fc
    .record({
      kind: fc.constantFrom(...kinds),
      priority: fc.constantFrom(-100, 0, 100),
      onFailure: fc.constantFrom('open' as const, 'open' as const, 'closed' as const),
      behaviour: fc.constantFrom(...behaviours),
      isAsync: fc.boolean(),
      value: fc.integer({ min: 0, max: 9 }),
    })
    .map((given) => {
      const fits = given.kind === 'guard' ? GUARD_BEHAVIOURS.includes(given.behaviour) : true
      return fits ? given : { ...given, behaviour: 'nothing' as const }
    })
  return fc.array(spec, { maxLength, size: 'max' }).map((specs) => specs.map((each, i) => ({ ...each, name: `h${i}` })))
}

/** Whether a hook of this behaviour has failed when it is done. */
export function fails({ behaviour }: HookSpec): boolean {
  return ['throw', 'invalid', 'disallowed', 'hang'].includes(behaviour)
}

/** Whether it refuses when it fails. */
export function failsClosed({ kind, onFailure }: HookSpec): boolean {
  return kind === 'guard' || (kind === 'transform' && onFailure === 'closed')
}

/** Called with every call of a hook, before it does anything. */
export type Watch = (spec: HookSpec, ctx: HookContext) => void

/** Makes a spec's handler; async ones settle when the scheduler says so. */
export function handlerOf(
  { hook }: Kernel,
  spec: HookSpec,
  scheduler: fc.Scheduler | undefined,
  watch: Watch,
): HookHandler {
  const result = (ctx: HookContext): unknown => {
    const { value, behaviour, kind } = spec
    switch (behaviour) {
      case 'nothing':
      case 'hang':
        return undefined
      case 'skipped':
        return kind === 'guard' ? undefined : hook.skipped('not mine')
      case 'set':
        return hook.modified({ input: { ...(ctx.data.input as object), [spec.name]: value } })
      case 'recipe':
        return hook.modified((draft: { input: Record<string, unknown> }) => {
          draft.input[spec.name] = { value, list: [value] }
        })
      case 'cancel':
        return hook.cancel(spec.name)
      case 'replace':
        return hook.replace({ replacedBy: spec.name })
      case 'redirect':
        return hook.redirect('other')
      case 'retry':
        return ctx.operation.gatePass <= 1 ? hook.retry({ delayMs: value, maxAttempts: 3 }) : undefined
      case 'fork':
        return hook.fork([{ id: spec.name, type: 'tool', target: 'other', input: value }])
      case 'cache':
        return hook.cache({ key: 'k', ttlMs: 1_000 })
      case 'suspend':
        return hook.suspend({ question: spec.name })
      case 'throw':
        throw new Error(spec.name)
      case 'invalid':
        return { type: 'nonsense' }
      case 'disallowed':
        // Whatever a guard may not do; a transform has nothing here that its point does not allow but this.
        return kind === 'guard' ? hook.modified({ input: {} }) : hook.modified({ nothing: 1 })
    }
  }
  const settles = async (ctx: HookContext) => {
    if (scheduler !== undefined) await scheduler.schedule(Promise.resolve(), spec.name)
    return result(ctx)
  }
  return ((ctx: HookContext) => {
    watch(spec, ctx)
    if (spec.behaviour === 'hang') return new Promise(() => {})
    return spec.isAsync ? settles(ctx) : result(ctx)
  }) as HookHandler
}

/** Registers specs at a point. */
export function registerSpecs(
  kernel: Kernel,
  hooks: Hooks,
  point: string,
  specs: readonly HookSpec[],
  scheduler: fc.Scheduler | undefined,
  watch: Watch = () => {},
  more: (spec: HookSpec) => HookOptions = () => ({}),
): void {
  for (const spec of specs) {
    hooks.register(point, handlerOf(kernel, spec, scheduler, watch), { ...optionsOf(spec), ...more(spec) })
  }
}

/** The options of a spec. */
export function optionsOf({ name, kind, priority, onFailure }: HookSpec) {
  return {
    name,
    kind,
    priority,
    timeoutMs: TIMEOUT_MS,
    breaker: false as const,
    ...(kind === 'transform' && { onFailure }),
  }
}
