/** Gates in machines that are compiled: as in the machine itself, in an actor, as a flat run and as the child of another. */
import { createHooks, createMemoryJournal, definePoint, hook } from 'hookchart/hooks'
import type { HookHandler } from 'hookchart/hooks'
import { compile, gate, gates, hooked } from 'hookchart/machines'
import { createActor, createMachine, setup } from 'xstate'
import type { AnyActorLogic, AnyActorRef, AnyStateMachine } from 'xstate'
import { describe, expect, test } from 'vitest'
import { turns } from '../support/gated.ts'

const point = definePoint('p', { phase: 'before' })
const asking = gate(point, { continue: 'yes', modified: 'yes', replace: 'yes', cancel: 'no', redirect: 'no' })
const states = { i: { on: { X: 'g' } }, g: { ...asking, on: { LEAVE: 'i' } }, yes: {}, no: {} }
const plain = createMachine({ id: 'one', initial: 'i', states })
const typed = setup(gates).createMachine({ id: 'one', initial: 'i', states })
const onTransition = hooked(createMachine({ id: 'one', initial: 'i', states: { i: { on: { X: 'yes' } }, yes: {} } }), {
  on: { X: { before: point } },
})

/** What is asked of a machine, however it runs. */
interface Running {
  readonly value: unknown
  readonly error: unknown
  readonly persisted: unknown
  send(event: { readonly type: string }): void
}

function inActor(logic: AnyActorLogic, snapshot?: unknown): Running {
  const actor = createActor(logic, (snapshot === undefined ? {} : { snapshot }) as never)
  actor.subscribe({ error: () => undefined })
  actor.start()
  return runningOf(actor)
}

const runningOf = (actor: AnyActorRef): Running => ({
  get value() {
    return (actor.getSnapshot() as { value: unknown }).value
  },
  get error() {
    return (actor.getSnapshot() as { error: unknown }).error
  },
  get persisted() {
    return (actor as { getPersistedSnapshot?(): unknown }).getPersistedSnapshot?.()
  },
  send: (event) => {
    actor.send(event)
  },
})

function flat(machine: AnyStateMachine, snapshot?: unknown): Running {
  const run = compile(machine).run((snapshot === undefined ? {} : { snapshot }) as never)
  return {
    get value() {
      return run.value as unknown
    },
    get error() {
      return run.error
    },
    get persisted() {
      return run.getPersistedSnapshot()
    },
    send: (event) => {
      run.send(event)
    },
  }
}

type Way = (machine: AnyStateMachine, provided: object, snapshot?: unknown) => Running

const ways: readonly (readonly [string, Way])[] = [
  ['interpreted', (machine, provided, snapshot) => inActor(machine.provide(provided), snapshot)],
  ['compiled in an actor', (machine, provided, snapshot) => inActor(compile(machine.provide(provided)), snapshot)],
  ['compiled with hooks', (machine, provided, snapshot) => inActor(compile(machine, provided), snapshot)],
  ['as a flat run', (machine, provided, snapshot) => flat(machine.provide(provided), snapshot)],
  [
    'as a flat run that becomes an actor',
    (machine, provided, snapshot) =>
      runningOf(
        compile(machine, provided)
          .run((snapshot === undefined ? {} : { snapshot }) as never)
          .toActor(),
      ),
  ],
]

const machines = { plain, 'set up': typed, hooked: onTransition } as const

describe.each(ways)('%s', (_, start) => {
  const world = (machine: AnyStateMachine, handler?: HookHandler) => {
    const journal = createMemoryJournal()
    const hooks = createHooks({ points: [point], journal })
    if (handler !== undefined) hooks.register(point, handler)
    const begin = (snapshot?: unknown) => start(machine, hooks.provide(), snapshot)
    const running = begin()
    return { hooks, journal, running, begin }
  }

  test.each(Object.entries(machines))('%s: gates pass as in the machine', async (name, machine) => {
    const unhooked = world(machine).running
    unhooked.send({ type: 'X' })
    expect([unhooked.value, unhooked.error]).toEqual(['yes', undefined])

    const refused = world(machine, () => hook.cancel('no')).running
    refused.send({ type: 'X' })
    expect(refused.value).toBe(name === 'hooked' ? 'i' : 'no')

    const { running } = world(machine, () => Promise.resolve())
    running.send({ type: 'X' })
    expect(running.value).toBe(name === 'hooked' ? 'i' : 'g')
    await turns()
    expect(running.value).toBe('yes')
  })

  test('hooks see the name of the machine', () => {
    const names: string[] = []
    world(plain, ({ component }) => void names.push(component.name)).running.send({ type: 'X' })
    expect(names).toEqual(['one'])
  })

  test('leaving aborts the hooks', async () => {
    const signals: AbortSignal[] = []
    const { running } = world(plain, ({ signal }) => {
      signals.push(signal)
      return new Promise<undefined>(() => undefined)
    })
    running.send({ type: 'X' })
    running.send({ type: 'LEAVE' })
    await turns()
    expect([running.value, signals.map(({ aborted }) => aborted)]).toEqual(['i', [true]])
  })

  test('a decision that comes from elsewhere is ignored, and recorded with the name of the machine', () => {
    const { running, journal } = world(plain, () => new Promise<undefined>(() => undefined))
    running.send({ type: 'X' })
    const [id] = Object.keys((running.persisted as { children: object }).children)
    running.send({ type: `xstate.done.actor.${id!}`, output: { type: 'continue' } } as never)
    expect(running.value).toBe('g')
    const records = journal.runs().flatMap(({ run }) => journal.read(run))
    expect(records.filter(({ result }) => result === 'ignored_decision')).toMatchObject([{ component: 'one' }])
  })

  test('restored inside, the gate is passed again', async () => {
    let asked = 0
    const { running, begin } = world(plain, () => (++asked === 1 ? new Promise<undefined>(() => undefined) : undefined))
    running.send({ type: 'X' })
    const restored = begin(JSON.parse(JSON.stringify(running.persisted)))
    await turns()
    expect([asked, restored.value]).toEqual([2, 'yes'])
  })
})

test.each([
  ['its machine', (provided: object) => compile(plain.provide(provided))],
  ['itself', (provided: object) => compile(typed, provided)],
])('an invoked machine that is compiled passes the gates of %s', async (_, logicOf) => {
  const hooks = createHooks({ points: [point] })
  hooks.register(point, () => Promise.resolve(hook.cancel('no')))
  const parent = createMachine({ invoke: { id: 'child', src: logicOf(hooks.provide()) as unknown as AnyStateMachine } })
  const { child } = createActor(parent).start().getSnapshot().children as unknown as { child: AnyActorRef }
  child.send({ type: 'X' })
  await turns()
  expect((child.getSnapshot() as { value: unknown }).value).toBe('no')
})

test('without hooks it says which machine has none', () => {
  for (const running of [inActor(compile(plain)), flat(plain)]) {
    running.send({ type: 'X' })
    expect(running.error).toMatchObject({ code: 'GATE_UNBOUND', details: { machine: 'one' } })
  }
})
