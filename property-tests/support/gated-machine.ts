/** Small machines with gates of every kind in one or two regions, at random, and runs of them under hooks at random. */
import fc from 'fast-check'
import { createHooks, definePoint, hook } from 'hookchart/hooks'
import { gate, gates, hooked, unhooked } from 'hookchart/machines'
import { createActor, fromPromise, setup } from 'xstate'
import type { AnyMachineSnapshot, AnyStateMachine } from 'xstate'

const points = [
  definePoint('before_one', { phase: 'before' }),
  definePoint('before_two', { phase: 'before' }),
  definePoint('after_one', { phase: 'after' }),
] as const

const STATES = 3
const ROUTES = ['continue', 'modified', 'replace', 'cancel', 'redirect', 'retry'] as const
const ANSWERS = ['let', 'let', 'refuse', 'change', 'retry', 'redirect', 'replace'] as const

const to = fc.nat({ max: STATES - 1 })
const maybe = fc.option(to, { nil: undefined, freq: 2 })
const point = fc.nat({ max: 1 })

const state = fc.record({
  kind: fc.constantFrom('plain' as const, 'plain' as const, 'past' as const, 'works' as const, 'gate' as const),
  on: fc.record({ A: maybe, B: maybe, REFUSED: maybe }),
  /** Where decisions of a gate lead, and the ends of work. */
  ways: fc.tuple(to, to, to, to, to, to),
  isTold: fc.boolean(),
  point: fc.nat({ max: 2 }),
})

const spec = fc.record({
  before: fc.option(point, { nil: undefined, freq: 3 }),
  // What waits at once multiplies the states.
  after: fc.constantFrom(true, false, false),
  refused: fc.boolean(),
})

const regions = (count: number) =>
  fc.array(fc.array(state, { minLength: STATES, maxLength: STATES }), { minLength: count, maxLength: count })

/** A machine as it is drawn at random. */
export const gatedSpec = fc.record({
  regions: fc.oneof({ weight: 3, arbitrary: regions(1) }, { weight: 1, arbitrary: regions(2) }),
  /** Which past the first state of a region goes when it is entered. */
  starts: fc.option(fc.tuple(point, to, to), { nil: undefined, freq: 2 }),
  hooked: fc.record({ A: spec, B: spec }),
})

/** What hooks say in turn, at which points there are some, and what is done. */
export const gatedRun = fc.record({
  answers: fc.array(fc.record({ answer: fc.constantFrom(...ANSWERS), waits: fc.boolean() }), { maxLength: 8 }),
  hooked: fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()),
  sends: fc.array(fc.constantFrom('A' as const, 'A' as const, 'B' as const, 'toggle' as const), {
    ...{ minLength: 1, maxLength: 12, size: 'max' as const },
  }),
})

type GatedSpec = typeof gatedSpec extends fc.Arbitrary<infer Spec> ? Spec : never
type GatedRun = typeof gatedRun extends fc.Arbitrary<infer Run> ? Run : never
type RandomState = GatedSpec['regions'][number][number]

/** The machine of a spec; `work` is what it invokes. */
export function gatedMachine(given: GatedSpec, work: () => Promise<unknown>): AnyStateMachine {
  const region = (states: readonly RandomState[], index: number) => {
    const name = (i: number) => `r${String(index)}s${String(i)}`
    return {
      initial: given.starts === undefined ? name(0) : 'start',
      states: {
        ...(given.starts !== undefined && { start: { always: started(given.starts, name) } }),
        ...Object.fromEntries(states.map((each, i) => [name(i), stateOf(each, i, name)])),
      },
    }
  }
  const regions = given.regions.map(region)
  const machine = setup({ ...gates, actors: { ...gates.actors, work: fromPromise(work) } }).createMachine({
    id: 'm',
    type: 'parallel',
    states: Object.fromEntries(regions.map((each, i) => [`r${String(i)}`, each])),
  } as never) as unknown as AnyStateMachine
  const taken = new Set(given.regions.flatMap((states) => states.flatMap((each) => Object.keys(onOf(each, String)))))
  const on = Object.entries(given.hooked).flatMap(([type, { before, after, refused }]) => {
    if (!taken.has(type) || (before === undefined && !after)) return []
    const gated = {
      ...(before !== undefined && { before: points[before] as (typeof points)[0] }),
      ...(after && { after: points[2] }),
      ...(refused && { refused: 'REFUSED' }),
    }
    return [[type, gated] as const]
  })
  return on.length === 0 ? machine : hooked(machine, { on: Object.fromEntries(on) })
}

function started([past, one, other]: readonly [number, number, number], name: (i: number) => string): object[] {
  return [{ guard: unhooked(points[past] as (typeof points)[0]), target: name(one) }, { target: name(other) }]
}

function onOf({ kind, on, point: at, ways }: RandomState, name: (i: number) => string): Record<string, object[]> {
  const plain = Object.entries(on).flatMap(([type, target]) =>
    target === undefined ? [] : [[type, [{ target: name(target) }]] as const],
  )
  const past = [{ guard: unhooked(points[at] as (typeof points)[0]), target: name(ways[0]) }, { target: name(ways[1]) }]
  return { ...Object.fromEntries(plain), ...(kind === 'past' && { A: past }) }
}

function stateOf(given: RandomState, i: number, name: (i: number) => string): object {
  const { kind, ways, isTold, point: at } = given
  const on = onOf(given, name)
  if (kind === 'gate' && i < STATES - 1) {
    // Where nobody is hooked it goes on at once: in a ring for ever. Other decisions end with the answers.
    const onward = Math.max(i + 1, ways[0])
    const routes = Object.fromEntries(ROUTES.map((route, n) => [route, name(n === 0 ? onward : (ways[n] as number))]))
    return { ...gate(points[at] as (typeof points)[0], routes as never), on }
  }
  if (kind !== 'works') return { on }
  const invoke = {
    ...{ id: `work ${name(i)}`, src: 'work', onDone: name(ways[0]) },
    ...(isTold && { onError: name(ways[1]) }),
  }
  return { invoke, on }
}

/** What a machine may be sent, and the ends of what it has under way. */
export function eventsIn({ _nodes }: AnyMachineSnapshot): { type: string }[] {
  const work = _nodes.flatMap(({ invoke }) => invoke.map(({ id }) => id)).filter((id) => id.startsWith('work '))
  return [
    ...['A', 'B'].map((type) => ({ type })),
    ...work.map((id) => ({ type: `xstate.done.actor.${id}`, output: undefined, actorId: id })),
    ...work.map((id) => ({ type: `xstate.error.actor.${id}`, error: 'no luck', actorId: id })),
  ]
}

/** Where a machine stands, as text. */
export const standing = ({ value, status }: AnyMachineSnapshot) => `${status} ${JSON.stringify(value)}`

/** Runs a machine, and gives all the places where it has stood. */
export async function runGated(
  given: GatedSpec,
  { answers, hooked: at, sends }: GatedRun,
  scheduler: fc.Scheduler,
): Promise<ReadonlySet<string>> {
  let calls = 0
  const later = <T>(what: string, give: () => T) => scheduler.schedule(Promise.resolve(), what).then(give)
  const hooks = createHooks({ points: [...points], executor: { breaker: false } })
  for (const each of points) {
    hooks.register(each as (typeof points)[0], () => {
      const { answer, waits } = answers[calls++] ?? { answer: 'let', waits: false }
      return waits ? later(`answer ${answer}`, () => resultOf(answer)) : resultOf(answer)
    })
  }
  at.forEach((isThere, i) => hooks.setEnabled(isThere, points[i]!.id))
  let works = 0
  const work = () =>
    works++ < 10
      ? later('work', () => {
          if (calls % 2 === 1) throw new Error('no luck')
        })
      : new Promise<undefined>(() => undefined)
  const actor = createActor(gatedMachine(given, work).provide(hooks.provide() as never))
  const seen = new Set<string>()
  const see = () => void seen.add(standing(actor.getSnapshot() as AnyMachineSnapshot))
  actor.subscribe({ next: see, error: see })
  actor.start()
  see()
  for (const [i, type] of sends.entries()) {
    void later(type, () => {
      if (type === 'toggle') hooks.setEnabled(i % 2 === 0, points[i % 3]!.id)
      else if (actor.getSnapshot().status === 'active') actor.send({ type })
    })
  }
  await scheduler.waitIdle()
  await hooks.stop()
  return seen
}

function resultOf(answer: (typeof ANSWERS)[number]) {
  switch (answer) {
    case 'refuse':
      return hook.cancel('no')
    case 'change':
      return hook.modified({ changed: true } as never)
    case 'retry':
      return hook.retry({ delayMs: 0, maxAttempts: 100 })
    case 'redirect':
      return hook.redirect('B')
    case 'replace':
      return hook.replace(undefined)
    default:
      return undefined
  }
}
