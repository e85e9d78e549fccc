/** Statecharts at random, as data; `arbitrary-machine` makes machines of them. */
import fc from 'fast-check'

/** What a machine is told from outside. */
export const EVENTS = ['A', 'B', 'C', 'x.one', 'x.two', 'FUEL'] as const
const DESCRIPTORS = ['A', 'A', 'B', 'B', 'C', 'x.one', 'x.*', '*'] as const
const ACTORS = ['resolves', 'resolves', 'rejects', 'rejects', 'answers', 'counts', 'ends'] as const

const ACTIONS = [
  ...[
    'note',
    'note',
    'note',
    'count',
    'raise',
    'send',
    'emit',
    'later',
    'cancel',
    'enqueue',
    'spawn',
    'child',
    'stop',
    'log',
    'boom',
  ],
] as const
/** What hooks at a gate say, one call after another, at once or later. */
export const ANSWERS = ['let', 'refuse', 'change', 'let later', 'refuse later', 'never'] as const
const GUARDS = ['always', 'even', 'odd', 'few', 'both', 'either', 'in', 'params', 'boom'] as const

export type ActionName = (typeof ACTIONS)[number]

export interface TransitionSpec {
  readonly on: string
  /** Which state, of all of them; none for one that stays. */
  readonly targets: readonly number[]
  readonly reenter: boolean | undefined
  readonly guard: string
  readonly actions: readonly ActionName[]
}

/** A state, without its children. */
export interface StateSpec {
  readonly kind: 'atomic' | 'final' | 'shallow' | 'deep' | 'compound' | 'parallel'
  readonly entry: readonly ActionName[]
  readonly exit: readonly ActionName[]
  readonly initialActions: readonly ActionName[]
  readonly on: readonly TransitionSpec[]
  readonly always: TransitionSpec | undefined
  readonly after: (TransitionSpec & { readonly delay: number | string }) | undefined
  readonly onDone: TransitionSpec | undefined
  readonly invoke:
    | {
        readonly src: string
        readonly onDone: TransitionSpec | undefined
        readonly onError: TransitionSpec | undefined
        readonly onSnapshot: TransitionSpec | undefined
      }
    | undefined
  readonly tags: readonly string[]
  readonly children: readonly StateSpec[]
  /** Which child it begins in, or where a history state leads. */
  readonly pick: number
}

export interface MachineSpec {
  readonly root: StateSpec
}

/** Which states of a machine are gates as well. */
export interface GatesSpec {
  readonly gates: readonly {
    readonly state: number
    /** Where its decisions lead. */
    readonly ways: readonly [TransitionSpec, TransitionSpec, TransitionSpec]
  }[]
  /** What hooks say in turn; none where there is nobody. */
  readonly answers: readonly (typeof ANSWERS)[number][]
}

const actions = fc.array(fc.constantFrom<ActionName>(...ACTIONS), { maxLength: 2 })
const quietActions = fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, actions)
const transition: fc.Arbitrary<TransitionSpec> = fc.record({
  on: fc.constantFrom<string>(...DESCRIPTORS),
  targets: fc.oneof(
    { weight: 1, arbitrary: fc.constant([]) },
    { weight: 8, arbitrary: fc.array(fc.nat(60), { minLength: 1, maxLength: 1 }) },
    { weight: 1, arbitrary: fc.array(fc.nat(60), { minLength: 2, maxLength: 2 }) },
  ),
  reenter: fc.option(fc.boolean(), { nil: undefined }),
  guard: fc.oneof(
    { weight: 3, arbitrary: fc.constant('always') },
    { weight: 1, arbitrary: fc.constantFrom<string>(...GUARDS) },
  ),
  actions,
})
/** Mostly there: of `freq` values one is nil, so that with a frequency of 1 none would be anything else. */
const mostly = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 4 })
const maybe = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary })

const invoke = fc.record({
  src: fc.constantFrom<string>(...ACTORS),
  onDone: mostly(transition),
  onError: mostly(transition),
  onSnapshot: maybe(transition),
})

const { state } = fc.letrec<{ state: StateSpec; inner: StateSpec }>((tie) => {
  const of = (kind: fc.Arbitrary<StateSpec['kind']>, children: fc.Arbitrary<StateSpec[]>) =>
    fc.record({
      kind,
      entry: quietActions,
      exit: quietActions,
      initialActions: quietActions,
      on: fc.array(transition, { maxLength: 3 }),
      always: maybe(transition),
      after: maybe(
        fc
          .tuple(transition, fc.constantFrom<number | string>(10, 20, 'soon'))
          .map(([given, delay]) => ({ ...given, delay })),
      ),
      onDone: mostly(transition),
      invoke: fc.oneof({ weight: 2, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: invoke }),
      tags: fc.subarray(['red', 'green']),
      children,
      pick: fc.nat(10),
    })
  const leaf = of(
    fc.oneof(
      { weight: 6, arbitrary: fc.constant<StateSpec['kind']>('atomic') },
      // A state is done where a final one is found among its children: seldom by chance.
      { weight: 3, arbitrary: fc.constantFrom<StateSpec['kind']>('final', 'final', 'shallow', 'deep') },
    ),
    fc.constant([]),
  )
  const inner = of(
    fc.constantFrom<StateSpec['kind']>('compound', 'compound', 'parallel'),
    fc.array(tie('state'), { minLength: 1, maxLength: 4 }),
  )
  return {
    inner,
    state: fc.oneof(
      { maxDepth: 3, depthIdentifier: 'state' },
      { weight: 3, arbitrary: leaf },
      { weight: 2, arbitrary: inner },
    ),
  }
})

/** A statechart. */
export const machineSpec: fc.Arbitrary<MachineSpec> = fc.record({
  root: fc
    .tuple(state, fc.array(state, { minLength: 1, maxLength: 4 }), fc.constantFrom('compound', 'compound', 'parallel'))
    .map(([root, children, kind]) => ({ ...root, kind: kind, children })),
})

const timed = (spec: StateSpec): StateSpec => ({
  ...spec,
  ...(spec.invoke !== undefined && { invoke: { ...spec.invoke, src: spec.pick % 4 < 3 ? 'waits' : spec.invoke.src } }),
  children: spec.children.map(timed),
})

/** The same with timers in the place of most of what is invoked. */
export const timedSpec: fc.Arbitrary<MachineSpec> = machineSpec.map(({ root }) => ({ root: timed(root) }))

/** Gates in a statechart: few, and often none. Apart from it, so that what is recorded of charts stays what it was. */
export const gatesSpec: fc.Arbitrary<GatesSpec> = fc.record({
  gates: fc.array(fc.record({ state: fc.nat(20), ways: fc.tuple(transition, transition, transition) }), {
    maxLength: 3,
  }),
  answers: fc.array(fc.constantFrom(...ANSWERS), { maxLength: 4 }),
})
