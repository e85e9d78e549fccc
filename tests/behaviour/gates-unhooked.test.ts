/** The way past a gate that is a state: with nobody at its point a machine does what one without the gate does. */
import { toMermaid } from 'hookchart/chart'
import { createHooks, definePoint, hook } from 'hookchart/hooks'
import { compile, gate, gates, unhooked } from 'hookchart/machines'
import type { UnhookedOptions } from 'hookchart/machines'
import { createActor, setup } from 'xstate'
import { expect, test } from 'vitest'
import { errorOf } from '../support/refusal.ts'

const point = definePoint('p', { phase: 'before' })
const routes = { continue: 'yes', modified: 'yes', replace: 'yes', cancel: 'no', redirect: 'no' }

function machineWith(taken: unknown[], guard?: ReturnType<typeof unhooked>) {
  const actions = ({ event }: { event: unknown }) => void taken.push(event)
  const way = { target: 'yes', actions }
  return setup(gates).createMachine({
    id: 'one',
    initial: 'i',
    states: {
      i: { on: { X: guard === undefined ? way : [{ ...way, guard }, { target: 'g' }] } },
      g: gate(point, routes),
      yes: { on: { BACK: 'i' } },
      no: { on: { BACK: 'i' } },
    },
  })
}

/** A machine, its hooks, and all that an inspector sees when it takes X. */
function world(options?: UnhookedOptions) {
  const hooks = createHooks({ points: [point] })
  const taken: unknown[] = []
  const seen = (guard?: ReturnType<typeof unhooked>) => {
    const events: object[] = []
    const actor = createActor(machineWith(taken, guard).provide(hooks.provide()), {
      inspect: ({ type, ...inspected }) => {
        const { event } = inspected as { event?: unknown }
        const { snapshot } = inspected as { snapshot?: { value: unknown } }
        events.push({ type, event, value: snapshot?.value })
      },
    }).start()
    actor.send({ type: 'X', n: 1 })
    return { value: actor.getSnapshot().value, children: Object.keys(actor.getSnapshot().children), events, actor }
  }
  return { hooks, taken, seen, past: () => seen(unhooked(point, options)) }
}

test('without a hook nothing is made and nothing is done that the transition itself does not', () => {
  const { seen, past, taken } = world()
  const { actor: _, ...wanted } = seen()
  const { actor: __, ...found } = past()
  expect(found).toEqual(wanted)
  expect(found.value).toBe('yes')
  expect(found.events.some((each) => (each as { type: string }).type === '@xstate.actor')).toBe(true)
  expect(found.events.filter((each) => (each as { type: string }).type === '@xstate.actor')).toHaveLength(1)
  expect(taken).toEqual([
    { type: 'X', n: 1 },
    { type: 'X', n: 1 },
  ])
})

test('a hook is asked from when it is registered, until it is not enabled', () => {
  const { hooks, past } = world()
  const handle = hooks.register(point, () => hook.cancel('no'))
  const { actor } = past()
  const ask = () => {
    actor.send({ type: 'BACK' })
    actor.send({ type: 'X' })
    return actor.getSnapshot().value
  }
  const values = [actor.getSnapshot().value]
  handle.disable()
  values.push(ask())
  handle.enable()
  values.push(ask())
  handle.unregister()
  values.push(ask())
  expect(values).toEqual(['no', 'yes', 'no', 'yes'])
})

test.each<[string, UnhookedOptions | undefined, string, boolean]>([
  ['hooks of any component lead to the gate', undefined, 'another', true],
  ['hooks of another component do not count', { component: 'one' }, 'another', false],
  ['hooks of its component do', { component: 'one' }, 'one', true],
])('component: %s', (_, options, name, isEntered) => {
  const { hooks, past } = world(options)
  hooks.register(point, () => undefined, { match: { component: name } })
  const { events, value } = past()
  expect([value, events.some((each) => JSON.stringify(each).includes('xstate.done.actor'))]).toEqual(['yes', isEntered])
})

test('compiled it is the same', () => {
  const hooks = createHooks({ points: [point] })
  const values = [undefined, () => hook.cancel('no')].map((handler) => {
    if (handler !== undefined) hooks.register(point, handler)
    const run = compile(machineWith([], unhooked(point)), hooks.provide()).run()
    run.send({ type: 'X' })
    return run.value
  })
  expect(values).toEqual(['yes', 'no'])
})

test('without hooks provided, or at a point that they do not know, the gate says so', () => {
  const errors = [
    machineWith([], unhooked(point)),
    machineWith([], unhooked(point)).provide(createHooks().provide()),
  ].map((machine) => {
    const actor = createActor(machine)
    actor.subscribe({ error: () => undefined })
    actor.start().send({ type: 'X' })
    return actor.getSnapshot().error
  })
  expect(errors).toMatchObject([{ code: 'GATE_UNBOUND' }, { code: 'UNKNOWN_POINT' }])
})

test('the drawing says which way it is', () => {
  expect(toMermaid(machineWith([], unhooked('SessionStart')))).toContain(
    'i --> yes: X [hookchart.unhooked(point=SessionStart)]',
  )
})

test.each<[string, () => unknown, string]>([
  ['an unknown point', () => unhooked('BeforeNope'), 'UNKNOWN_POINT'],
  ['no point', () => unhooked(undefined as never), 'INVALID_OPTIONS'],
  ['an unknown option', () => unhooked(point, { name: 'a' } as never), 'INVALID_OPTIONS'],
])('refused: %s', (_, call, code) => {
  expect(errorOf(call)).toMatchObject({ code })
})
