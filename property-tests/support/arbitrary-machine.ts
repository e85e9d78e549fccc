/**
 * The machines of statecharts that are drawn at random. Every action writes down that it ran, on what
 * event and context. Loops end: what could go round for ever (eventless, raised, sent, wildcards) burns fuel.
 */
import { createHooks, definePoint, hook } from 'hookchart/hooks'
import * as real from 'hookchart/machines'
import { gate } from 'hookchart/machines'
import type { GateRoute } from 'hookchart/machines'
import { createTestClock, createTestIds } from 'hookchart/testing'
import { and, assign, cancel, emit, enqueueActions, log as logs, not, or, raise, sendTo, setup } from 'xstate'
import { spawnChild, stateIn, stopChild } from 'xstate'
import type { ActionName, ANSWERS, EVENTS, GatesSpec, MachineSpec, StateSpec, TransitionSpec } from './machine-spec.ts'
import { DELAYS, toActors } from './spec-actors.ts'

const point = definePoint('arbitrary', { phase: 'before', decisions: ['cancel', 'modified'] })

/** Hooks that answer in turn. */
function hooksOf({ answers }: GatesSpec, log: unknown[]) {
  const hooks = createHooks({ points: [point], clock: createTestClock(), ids: createTestIds() })
  let calls = 0
  if (answers.length > 0) {
    hooks.register(point, ({ component }) => {
      const answer = answers[calls++ % answers.length] as (typeof ANSWERS)[number]
      log.push(['asked', component.name, answer])
      if (answer === 'never') return new Promise<undefined>(() => undefined)
      const [what, later] = answer.split(' ')
      const decision =
        what === 'let' ? undefined : what === 'refuse' ? hook.cancel('no') : hook.modified({ changed: calls })
      return later === undefined ? decision : Promise.resolve(decision)
    })
  }
  return hooks
}

interface Placed extends StateSpec {
  readonly index: number
  readonly parent: Placed | undefined
  readonly placed: readonly Placed[]
}

/** Numbers the states; what cannot stand where it stands (history without siblings, as a region) becomes an atomic one. */
function place(root: StateSpec): readonly Placed[] {
  const all: Placed[] = []
  const add = (spec: StateSpec, parent: Placed | undefined): Placed => {
    const isHistory = spec.kind === 'shallow' || spec.kind === 'deep'
    const others = parent?.children.some(({ kind }) => kind !== 'shallow' && kind !== 'deep') ?? false
    const made: Placed & { placed: readonly Placed[] } = {
      ...spec,
      kind: isHistory && !others ? 'atomic' : spec.kind,
      index: all.length,
      parent,
      placed: [],
    }
    all.push(made)
    made.placed = spec.children.map((child) => add(child, made))
    return made
  }
  add(root, undefined)
  return all
}

/** What a machine begins with, and what eventless transitions leave of it: else they would burn all before an actor can end. */
const FUEL = 6
const SPARE = 3

const isHistory = ({ kind }: Placed) => kind === 'shallow' || kind === 'deep'
const lineage = (at: Placed | undefined): readonly Placed[] => (at === undefined ? [] : [at, ...lineage(at.parent)])

/** Two targets only where both can be active. */
function together(one: Placed, other: Placed): boolean {
  const above = lineage(other)
  const common = lineage(one).find((at) => above.includes(at))
  return common?.kind === 'parallel' && common !== one && common !== other
}

export interface Context {
  readonly n: number
  readonly fuel: number
}

/** The machine of a spec; `log` gets what its actions do, and its timers are those of the names given. */
export function toMachine(
  { root }: MachineSpec,
  log: unknown[],
  asked: GatesSpec = { gates: [], answers: [] },
  { timer }: Pick<typeof real, 'timer'> = real,
) {
  const all = place(root)
  const id = ({ index }: Placed) => (index === 0 ? 'm' : `s${String(index)}`)
  const burn = assign({ fuel: ({ context }: { context: Context }) => context.fuel - 1 })
  const fueled = ({ context }: { context: Context }) => context.fuel > 0
  const spare = ({ context }: { context: Context }) => context.fuel > SPARE

  const note = (what: string) => {
    // A function of its own for each: inline actions and named ones are both in use.
    return ({ context, event }: { context: Context; event: { type: string } }) => {
      log.push([what, event.type, context.n, context.fuel])
    }
  }
  const toActions = (names: readonly ActionName[], where: string): unknown[] =>
    names.flatMap((name, i): unknown[] => {
      const what = `${where}/${String(i)}`
      const next = ({ context }: { context: Context }) => ({ type: context.fuel > 0 ? 'B' : 'never' })
      switch (name) {
        case 'note':
          return [i === 0 ? note(what) : { type: 'note', params: { what } }]
        case 'count':
          return [note(what), 'count']
        case 'raise':
          return [burn, raise(next)]
        case 'send':
          return [burn, sendTo((({ self }: { self: unknown }) => self) as never, next as never)]
        case 'emit':
          return [emit(({ context }: { context: Context }) => ({ type: 'emitted', what, n: context.n }))]
        case 'later':
          return [
            raise({ type: 'C' }, { delay: 15, id: 'later' }),
            sendTo((({ self }: { self: unknown }) => self) as never, { type: 'A' } as never, { delay: 5, id: 'sent' }),
          ]
        case 'cancel':
          return [cancel(i === 0 ? 'later' : () => 'sent')]
        case 'child':
          return [spawnChild('answers', { id: `child${String(i)}`, input: what })]
        case 'stop':
          return [stopChild(i === 0 ? 'child0' : () => 'spawned0')]
        case 'log':
          return [logs(({ context }) => [what, (context as Context).n])]
        case 'enqueue':
          return [
            enqueueActions(({ enqueue, check, context }) => {
              if (check('even')) enqueue('count')
              enqueue(note(`${what}/enqueued`) as never)
              if ((context as Context).fuel > 0) {
                enqueue(burn as never)
                enqueue.raise({ type: 'x.two' })
              }
            }),
          ]
        case 'spawn':
          return [
            assign(({ spawn, context }: { spawn: (src: string, options: object) => unknown; context: Context }) => {
              spawn('counts', { id: `spawned${String(context.n % 2)}`, input: context.n })
              return {}
            }),
          ]
        default:
          return [
            ({ event }: { event: { type: string } }) => {
              if (event.type === 'x.one') throw new Error(`boom in ${what}`)
            },
          ]
      }
    })
  const toGuard = (name: string, spec: TransitionSpec): unknown => {
    const [first = 1] = spec.targets
    const other = all[first % all.length] as Placed
    switch (name) {
      case 'both':
        return and(['odd', not('few')] as never)
      case 'either':
        return or(['even', stateIn(`#${id(other)}`)] as never)
      case 'in':
        return not(stateIn(`#${id(other)}`) as never)
      case 'params':
        return { type: 'atLeast', params: ({ context }: { context: Context }) => ({ least: context.fuel }) }
      case 'boom':
        return 'boom'
      case 'always':
        return undefined
      default:
        return name
    }
  }
  const toTransition = (spec: TransitionSpec, where: string, costs: boolean | 'spare'): object => {
    const picked = spec.targets.map((n) => all[n % all.length] as Placed)
    const [one, other] = picked
    const targets =
      one && other ? (together(one, other) && !isHistory(one) && !isHistory(other) ? picked : [one]) : picked
    const guard = toGuard(spec.guard, spec)
    const enough = costs === 'spare' ? spare : fueled
    const both = guard === undefined ? enough : and([enough, guard] as never)
    return {
      ...(targets.length > 0 && { target: targets.map((target) => `#${id(target)}`) }),
      ...(spec.reenter !== undefined && { reenter: spec.reenter }),
      ...((costs !== false || guard !== undefined) && { guard: costs === false ? guard : both }),
      actions: [...(costs === false ? [] : [burn]), ...toActions(spec.actions, where)],
    }
  }
  const toGate = (spec: Placed): object => {
    const found = asked.gates.find(({ state }) => all[state % all.length] === spec)
    if (found === undefined || spec.kind !== 'atomic' || spec.invoke !== undefined) return {}
    const ways = found.ways.map((way, i) => toTransition(way, `${id(spec)}.gate${String(i)}`, true))
    const [ahead, back, changed] = ways as [GateRoute, GateRoute, GateRoute]
    const data = ({ event }: { event: { type: string } }) => ({ input: event.type })
    return gate(point, { continue: ahead, cancel: back, modified: changed }, { data })
  }
  const toConfig = (spec: Placed): object => {
    const name = id(spec)
    if (isHistory(spec)) {
      const siblings = (spec.parent as Placed).placed.filter((each) => !isHistory(each))
      const target = siblings[spec.pick % siblings.length]
      return {
        id: name,
        type: 'history',
        history: spec.kind,
        ...(spec.pick % 2 === 0 && { target: `#${id(target as Placed)}` }),
      }
    }
    const on: Record<string, object[]> = {}
    const isAsked = spec.kind !== 'final'
    if (isAsked) {
      for (const [i, each] of spec.on.entries())
        (on[each.on] ??= []).push(toTransition(each, `${name}.on${String(i)}`, each.on.endsWith('*')))
    }
    if (spec.index === 0) on['FUEL'] = [{ actions: assign({ fuel: FUEL }) }]
    const { always, after, onDone, invoke } = spec
    const children = spec.placed.filter((each) => !isHistory(each))
    const initial = children[spec.pick % Math.max(1, children.length)]
    return {
      id: name,
      entry: [
        note(`enter ${name}`),
        // The actor that the state invokes exists only after its entry actions.
        ...(isAsked && invoke && spec.pick % 4 === 0 ? [sendTo(`${name}-actor`, { type: 'hello' })] : []),
        ...toActions(spec.entry, `${name}.entry`),
      ],
      exit: [...toActions(spec.exit, `${name}.exit`), note(`exit ${name}`)],
      tags: spec.tags,
      meta: { name },
      ...toGate(spec),
      ...(spec.kind === 'final' && {
        type: 'final',
        output: ({ context }: { context: Context }) => ({ name, n: context.n }),
      }),
      ...(spec.kind === 'parallel' && { type: 'parallel' }),
      ...(spec.kind === 'compound' && {
        initial: {
          target: `s${String((initial as Placed).index)}`,
          actions: toActions(spec.initialActions, `${name}.initial`),
        },
      }),
      on,
      ...(isAsked && always && { always: toTransition(always, `${name}.always`, 'spare') }),
      ...(isAsked && after && { after: { [after.delay]: toTransition(after, `${name}.after`, false) } }),
      ...(onDone && spec.placed.length > 0 && { onDone: toTransition(onDone, `${name}.done`, true) }),
      ...(isAsked &&
        invoke && {
          invoke: {
            src: invoke.src,
            ...(spec.pick % 2 === 0 && { id: `${name}-actor` }),
            input: ({ context }: { context: Context }) => (invoke.src === 'waits' ? DELAYS[context.n % 4] : context.n),
            ...(invoke.onDone && { onDone: toTransition(invoke.onDone, `${name}.actor-done`, true) }),
            ...(invoke.onError && { onError: toTransition(invoke.onError, `${name}.actor-error`, true) }),
            ...(invoke.onSnapshot && { onSnapshot: toTransition(invoke.onSnapshot, `${name}.actor-snapshot`, true) }),
          },
        }),
      ...(spec.placed.length > 0 && {
        states: Object.fromEntries(spec.placed.map((each) => [`s${String(each.index)}`, toConfig(each)])),
      }),
    }
  }
  return setup({
    types: { context: {} as Context, events: {} as { type: (typeof EVENTS)[number] } },
    actors: { ...toActors(log), waits: timer },
    delays: { soon: ({ context }) => 5 + (context.n % 2) * 10 },
    guards: {
      even: ({ context }) => context.n % 2 === 0,
      odd: ({ context }) => context.n % 2 === 1,
      few: ({ context }) => context.n < 2,
      atLeast: ({ context }, { least }: { least: number }) => context.n >= least,
      boom: ({ event }) => {
        if ((event.type as string) === 'C') throw new Error('boom in a guard')
        return true
      },
    },
    actions: {
      count: assign({ n: ({ context }) => context.n + 1 }),
      note: ({ event, context }, { what }: { what: string }) => {
        log.push([what, event.type, context.n, 'named'])
      },
    },
  })
    .createMachine({
      ...toConfig(all[0] as Placed),
      context: { n: 0, fuel: FUEL },
      output: ({ context, event }: { context: Context; event: unknown }) => ({ n: context.n, event }),
      options: { maxIterations: 200 },
    } as never)
    .provide(hooksOf(asked, log).provide() as never)
}
