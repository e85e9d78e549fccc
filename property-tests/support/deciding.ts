/** Random hooks that decide at the points of operations: guards and transforms, at once and late, that throw and that hang. */
import fc from 'fast-check'
import { hook } from 'hookchart/hooks'
import type { HookContext } from 'hookchart/hooks'
import type { Observed } from './observed.ts'

const HANDLED = [
  ...['nothing', 'nothing', 'nothing', 'modified', 'replace', 'cancel', 'retry', 'cache', 'suspend', 'throw', 'hang'],
] as const

/** A hook at one of these points. */
export function decidingAt(points: readonly string[]) {
  return fc.record({
    point: fc.constantFrom(...points),
    behaviour: fc.constantFrom(...HANDLED),
    guards: fc.boolean(),
    isAsync: fc.boolean(),
    value: fc.integer({ min: 0, max: 3 }),
  })
}

/** See {@link decidingAt}. */
export type Deciding = ReturnType<typeof decidingAt> extends fc.Arbitrary<infer Made> ? Made : never

/** Guards put nothing in the place of what they guard. */
export const kindOf = ({ guards, behaviour }: Deciding) =>
  guards && !['modified', 'replace', 'cache'].includes(behaviour) ? ('guard' as const) : ('transform' as const)

/** Its handler; what a guard says is noted. `before`: the points at which input can be changed. */
export function deciderOf(
  given: Deciding,
  name: string,
  before: readonly string[],
  seen: Observed,
  scheduler: fc.Scheduler,
) {
  const { point, behaviour, isAsync, value } = given
  const isGuard = kindOf(given) === 'guard'
  const result = (ctx: HookContext): unknown => {
    const isOver = behaviour === 'retry' && ctx.operation.gatePass > 1
    if (isGuard) seen.guard(ctx, name, behaviour === 'suspend' || isOver ? 'nothing' : behaviour)
    switch (behaviour) {
      case 'modified':
        return before.includes(point) ? hook.modified({ input: { n: value } }) : undefined
      case 'replace':
        return hook.replace(value)
      case 'cancel':
        return hook.cancel(name)
      case 'retry':
        return isOver ? undefined : hook.retry({ delayMs: value * 10, maxAttempts: 3 })
      case 'cache':
        return before.includes(point) ? hook.cache({ key: 'k', ttlMs: 1_000 }) : undefined
      case 'suspend':
        return hook.suspend({ question: name })
      case 'throw':
        throw new Error(name)
      default:
        return undefined
    }
  }
  return (ctx: HookContext): unknown => {
    if (behaviour === 'hang') {
      if (isGuard) seen.guard(ctx, name, behaviour)
      return new Promise(() => {})
    }
    return isAsync ? scheduler.schedule(Promise.resolve(), name).then(() => result(ctx)) : result(ctx)
  }
}

/** What an effect does. */
export const effectArbitrary = fc.constantFrom('gives' as const, 'throws' as const, 'later' as const, 'hangs' as const)

/** Does it. */
export async function doEffect(what: 'gives' | 'throws' | 'later' | 'hangs', n: number, scheduler: fc.Scheduler) {
  if (what === 'throws') throw new Error('broken')
  if (what === 'hangs') return new Promise<never>(() => {})
  if (what === 'later') await scheduler.schedule(Promise.resolve(), 'effect')
  return n
}
