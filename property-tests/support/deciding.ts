/** Random hooks that decide at the points of operations: guards and transforms, at once and late, that throw and that hang. */
import fc from 'fast-check'
import { catalogue, hook } from 'hookchart/hooks'
import type { HookContext, HookOptions, Hooks, PointId } from 'hookchart/hooks'
import type { Guard, Observed } from './observed.ts'

const HANDLED = [
  ...['nothing', 'nothing', 'nothing', 'modified', 'replace', 'cancel', 'retry', 'cache', 'suspend', 'throw', 'hang'],
] as const

type Behaviour = (typeof HANDLED)[number] | 'redirect'

/** A hook at one of these points, which may do more than what is done everywhere. */
export function decidingAt(points: readonly string[], ...more: readonly Behaviour[]) {
  return fc.record({
    point: fc.constantFrom(...points),
    behaviour: fc.constantFrom<Behaviour[]>(...HANDLED, ...more),
    guards: fc.boolean(),
    isAsync: fc.boolean(),
    value: fc.integer({ min: 0, max: 3 }),
  })
}

/** See {@link decidingAt}. */
export type Deciding = ReturnType<typeof decidingAt> extends fc.Arbitrary<infer Made> ? Made : never

/** Guards put nothing in the place of what they guard. */
export const kindOf = ({ guards, behaviour }: Deciding) =>
  guards && !['modified', 'replace', 'cache', 'redirect'].includes(behaviour)
    ? ('guard' as const)
    : ('transform' as const)

/** Registers hooks, called h0, h1, … Gives the guards among them. `targets`: where they may send what runs. */
export function registerDeciding(
  hooks: Pick<Hooks, 'register'>,
  given: readonly Deciding[],
  seen: Observed,
  scheduler: fc.Scheduler,
  targets: Targets = () => [],
): Guard[] {
  const guards: Guard[] = []
  for (const [i, each] of given.entries()) {
    const name = `h${i}`
    const kind = kindOf(each)
    if (kind === 'guard') guards.push({ point: each.point, name })
    hooks.register(each.point, deciderOf(each, name, seen, scheduler, targets) as never, {
      ...{ name, kind, breaker: false, timeoutMs: 100 },
    } satisfies HookOptions)
  }
  return guards
}

/** Where a hook may send what runs. */
export type Targets = (ctx: HookContext) => readonly string[]

/** What a hook may change at a point, with the values that it gives. */
function changeAt({ point, data }: HookContext, value: number): object | undefined {
  if (point === 'BeforeModelCall') return { input: { ...(data.input as object), seed: value } }
  if (point === 'AfterModelCall') return { output: answerOf(value) }
  const [key] = catalogue[point as PointId].writable as readonly string[]
  if (key === undefined || key === 'error') return undefined
  return { [key]: key === 'concurrency' ? value : { n: value } }
}

/** What a hook gives in the place of what was to be done, or was done. */
function valueAt(point: string, value: number): unknown {
  if (point === 'ConditionEvaluation') return value % 2 === 0
  return MODEL.includes(point) ? answerOf(value) : { n: value }
}

const MODEL = ['BeforeModelCall', 'AfterModelCall', 'ModelError']

/** What a model might have said: text, a tool that it wants, or what is no answer at all. */
function answerOf(value: number): unknown {
  if (value === 3) return { n: value }
  if (value < 2) return `hook ${String(value)}`
  const call = { type: 'tool-call', toolCallId: 'of a hook', toolName: 'add', input: '{"n":9}' }
  return { content: [call] }
}

/** Its handler; what a guard says is noted. */
export function deciderOf(
  given: Deciding,
  name: string,
  seen: Observed,
  scheduler: fc.Scheduler,
  targets: Targets = () => [],
) {
  const { point, behaviour, isAsync, value } = given
  const isGuard = kindOf(given) === 'guard'
  const result = (ctx: HookContext): unknown => {
    const isOver = behaviour === 'retry' && ctx.operation.gatePass > 1
    if (isGuard) seen.guard(ctx, name, behaviour === 'suspend' || isOver ? 'nothing' : behaviour)
    switch (behaviour) {
      case 'modified': {
        const change = changeAt(ctx, value)
        return change && hook.modified(change as never)
      }
      case 'replace':
        return hook.replace(valueAt(point, value))
      case 'redirect': {
        // Now and then to what does not exist.
        const known = targets(ctx)
        const from = known.indexOf(String((ctx.data as { branch?: string }).branch ?? ctx.step?.name))
        if (known.length === 0) return undefined
        return hook.redirect(value === 3 ? 'nowhere' : known[(from + 1 + value) % known.length]!)
      }
      case 'cancel':
        return hook.cancel(name)
      case 'retry':
        return isOver ? undefined : hook.retry({ delayMs: value * 10, maxAttempts: 3 })
      case 'cache':
        return hook.cache({ key: 'k', ttlMs: 1_000 })
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
