/** A composite: several hooks that act as one. Here its shape and how it becomes something the executor can call. */
import { HookchartError } from '../../errors.ts'
import type { BreakerFactory } from '../../ports/breaker.ts'
import type { HookHandler } from '../context.ts'
import { assertHandler, isComposite, isHookDefinition, optionsOf, parseHookOptions } from '../hook.ts'
import type { Composite, CompositeChild, HookDefinition } from '../hook.ts'
import type { HookKind } from '../points/point.ts'
import { failsClosed, makeBreaker, matcherOf } from '../registry/unit.ts'
import type { CompositeUnit, Unit } from '../registry/unit.ts'

/** Composites nest this deep at most. */
const MAX_NESTING = 16

/** What children take from the hook that holds them. */
export interface CompositeParent {
  readonly name: string
  readonly kind: HookKind
  readonly failsClosed: boolean
  readonly timeoutMs: number
  /** What `ctx.locals` of a child hangs on. */
  readonly localsKeyOf: (child: CompositeChild) => object
}

/**
 * The kind of a composite: what it says, or else that of all its children; undefined when none says. Kinds that are mixed
 * are refused: a composite acts in one stage.
 */
export function kindOfComposite(
  composite: Composite,
  stated: HookKind | undefined,
  where: string,
  path: readonly Composite[] = [],
): HookKind | undefined {
  assertNesting(composite, where, path)
  const kinds = new Map<HookKind, string>()
  for (const [i, child] of composite.children.entries()) {
    const kind = kindOfChild(child, i, where, [...path, composite])
    if (kind !== undefined) kinds.set(kind, childName(child, i))
  }
  if (kinds.size > 1) {
    const named = [...kinds].map(([kind, name]) => `${name} is a ${kind}`).join(', ')
    throw new HookchartError(
      'HOOK_KIND',
      `${where}: a composite acts in one stage, but ${named}. A guard among transforms would decide on data that can still change; register it on its own.`,
      { details: { where, kinds: Object.fromEntries(kinds) } },
    )
  }
  const [children] = kinds.keys()
  if (stated !== undefined && children !== undefined && stated !== children) {
    throw new HookchartError('HOOK_KIND', `${where} is of kind ${stated}, but its children are of kind ${children}.`, {
      details: { where, kind: stated, children },
    })
  }
  return stated ?? children
}

function kindOfChild(
  child: CompositeChild,
  index: number,
  where: string,
  path: readonly Composite[],
): HookKind | undefined {
  if (isComposite(child)) return kindOfComposite(child, undefined, where, path)
  if (!isHookDefinition(child)) return undefined
  const { handler, kind } = child
  return isComposite(handler) ? kindOfComposite(handler, kind, `${where}: ${childName(child, index)}`, path) : kind
}

/** Makes a composite callable. The children are read now, so that what changes in them later changes nothing here. */
export function compileComposite(
  composite: Composite,
  parent: CompositeParent,
  breakers: BreakerFactory,
): CompositeUnit {
  const { pattern, children } = composite
  const mayAbstain = pattern.type === 'voting' || pattern.type === 'first_match'
  return {
    pattern,
    children: children.map((child, i) => ({ ...compileChild(child, i, parent, breakers), mayAbstain })),
  }
}

function compileChild(child: CompositeChild, index: number, parent: CompositeParent, breakers: BreakerFactory): Unit {
  const { localsKeyOf } = parent
  const name = `${parent.name}/${childName(child, index)}`
  const where = `Hook "${name}"`
  const definition: HookDefinition = isHookDefinition(child) ? child : { handler: child }
  const options = parseHookOptions(optionsOf(definition), where)
  if (options.once || options.signal !== undefined) {
    throw new HookchartError(
      'INVALID_OPTIONS',
      `${where}: "once" and "signal" are for the composite as a whole, not for a child.`,
      {
        details: {
          where,
          flaws: [{ path: options.once ? 'once' : 'signal', problem: 'not for a child of a composite' }],
        },
      },
    )
  }
  const handler: unknown = definition.handler
  const { kind } = parent
  const timeoutMs = options.timeoutMs ?? parent.timeoutMs
  const closed = options.onFailure === undefined ? parent.failsClosed : failsClosed(kind, options)
  const inner = isComposite(handler) ? handler : undefined
  if (inner === undefined) assertHandler(handler, where)
  return {
    name,
    kind,
    handler: inner === undefined ? (handler as HookHandler) : undefined,
    composite: inner && compileComposite(inner, { name, kind, failsClosed: closed, timeoutMs, localsKeyOf }, breakers),
    failsClosed: closed,
    when: options.when,
    matches: matcherOf(options.match),
    timeoutMs,
    breaker: makeBreaker(options.breaker ?? false, kind, timeoutMs, breakers),
    localsKey: localsKeyOf(child),
    writes: options.writes,
  }
}

function childName(child: CompositeChild, index: number): string {
  if (isComposite(child)) return `${child.pattern.type}#${String(index)}`
  if (isHookDefinition(child)) return child.name ?? `child#${String(index)}`
  return typeof child === 'function' && child.name !== '' ? child.name : `child#${String(index)}`
}

function assertNesting(composite: Composite, where: string, path: readonly Composite[]): void {
  if (path.includes(composite)) {
    throw new HookchartError('COMPOSITE_CYCLE', `${where}: the ${composite.pattern.type} composite contains itself.`, {
      details: { where },
    })
  }
  if (path.length >= MAX_NESTING) {
    throw new HookchartError(
      'COMPOSITE_DEPTH',
      `${where}: composites are nested deeper than ${String(MAX_NESTING)}; flatten them.`,
      {
        details: { where, limit: MAX_NESTING },
      },
    )
  }
}
