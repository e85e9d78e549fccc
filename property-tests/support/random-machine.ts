/** Small pure machines at random: states in states, regions, history, guards, ends, and a context of three values. */
import fc from 'fast-check'
import { assign, createMachine } from 'xstate'
import type { AnyStateMachine } from 'xstate'

interface Move {
  readonly event: 'A' | 'B' | 'C'
  /** Which state it leads to, counted round; undefined: it only acts. */
  readonly to: number | undefined
  readonly guard: number | undefined
  readonly action: number | undefined
  readonly reenter: boolean
}

/** A state as it is drawn at random. */
export interface RandomState {
  readonly kind: 'atomic' | 'final' | 'shallow' | 'deep' | 'compound' | 'parallel'
  readonly children: readonly RandomState[]
  readonly on: readonly Move[]
  /** Leads on to the next sibling, so that it comes to an end: at once when the context is so, or when it is done. */
  readonly always: number | undefined
  readonly done: boolean
  /** Leads into two regions at once. */
  readonly both: boolean
}

const value = fc.nat({ max: 2 })
const maybe = <T>(arbitrary: fc.Arbitrary<T>, freq = 2) => fc.option(arbitrary, { nil: undefined, freq })

const moves: fc.Arbitrary<readonly Move[]> = fc.array(
  fc.record({
    event: fc.constantFrom('A' as const, 'B' as const, 'C' as const),
    to: maybe(fc.nat({ max: 30 }), 5),
    guard: maybe(value),
    action: maybe(value),
    reenter: fc.boolean(),
  }),
  { maxLength: 3 },
)

const parts = { on: moves, always: maybe(value), done: fc.boolean(), both: fc.boolean() }

const { compound } = fc.letrec<{ leaf: RandomState; compound: RandomState; parallel: RandomState; any: RandomState }>(
  (tie) => ({
    leaf: fc.record({
      ...parts,
      kind: fc.constantFrom(
        'atomic' as const,
        'atomic' as const,
        'final' as const,
        'shallow' as const,
        'deep' as const,
      ),
      children: fc.constant([]),
    }),
    compound: fc.record({
      ...parts,
      kind: fc.constant('compound' as const),
      children: fc.array(tie('any'), { minLength: 2, maxLength: 3 }),
    }),
    parallel: fc.record({
      ...parts,
      kind: fc.constant('parallel' as const),
      children: fc.array(tie('compound'), { minLength: 2, maxLength: 2 }),
    }),
    any: fc.oneof(
      { maxDepth: 2, depthSize: 'small' },
      { weight: 3, arbitrary: tie('leaf') },
      { weight: 1, arbitrary: tie('compound') },
      { weight: 1, arbitrary: tie('parallel') },
    ),
  }),
)

/** The root of a machine. */
export const randomState = compound

/** The machine of a state drawn at random. */
export function machineOf(root: RandomState): AnyStateMachine {
  let count = 0
  const ids: string[] = []
  const named = (state: RandomState): Named => {
    const id = `s${String(count++)}`
    ids.push(id)
    // A compound state begins with its first child, which must be one that can be entered.
    const children = state.children.map((child, i) => named(i === 0 ? entered(child) : child))
    return { id, state, children }
  }
  const tree = named(root)
  const config = configOf(tree, undefined, ids.slice(1))
  return createMachine({ ...config, context: { n: 0 } } as never)
}

interface Named {
  readonly id: string
  readonly state: RandomState
  readonly children: readonly Named[]
}

function isHistory({ kind }: RandomState): boolean {
  return kind === 'shallow' || kind === 'deep'
}

function entered(state: RandomState): RandomState {
  return isHistory(state) ? { ...state, kind: 'atomic' } : state
}

const isAt =
  (n: number) =>
  ({ context }: { readonly context: { readonly n: number } }) =>
    context.n === n
const set = (n: number) => assign({ n })

function configOf({ id, state, children }: Named, next: Named | undefined, ids: readonly string[]): object {
  const { kind, on, always, done, both } = state
  if (kind === 'shallow' || kind === 'deep') return { id, type: 'history', history: kind }
  if (kind === 'final') return { id, type: 'final' }
  // A history state may lead back, and on for ever.
  const target = next === undefined || isHistory(next.state) ? undefined : `#${next.id}`
  return {
    id,
    ...(kind === 'parallel' && { type: 'parallel' }),
    ...(kind === 'compound' && { initial: children[0]!.id }),
    on: { ...eventsOf(on, ids), ...(kind === 'parallel' && both && { D: regions(children) }) },
    ...(target !== undefined && always !== undefined && { always: { target, guard: isAt(always) } }),
    ...(target !== undefined && done && children.length > 0 && { onDone: target }),
    states: Object.fromEntries(
      // In a region there is no next one: it stands beside the others.
      children.map((child, i) => [child.id, configOf(child, kind === 'compound' ? children[i + 1] : undefined, ids)]),
    ),
  }
}

/** The last state of each region. */
function regions(children: readonly Named[]): object {
  return { target: children.map((region) => `#${region.children.at(-1)!.id}`) }
}

function eventsOf(on: readonly Move[], ids: readonly string[]): object {
  const events: Record<string, object[]> = {}
  for (const { event, to, guard, action, reenter } of on)
    (events[event] ??= []).push({
      ...(to !== undefined && { target: `#${ids[to % ids.length]!}`, reenter }),
      ...(guard !== undefined && { guard: isAt(guard) }),
      ...(action !== undefined && { actions: set(action) }),
    })
  return events
}
