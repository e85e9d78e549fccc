/** Which effect of a run one is: the same in every run of the same id, in a restored one, and in the actor that a run becomes. */
import { compile } from 'hookchart/machines'
import type { EffectCall } from 'hookchart/machines'
import { createHooks, definePoint } from 'hookchart/hooks'
import { gate } from 'hookchart/machines'
import { createTestClock } from 'hookchart/testing'
import { expect, test } from 'vitest'
import { createActor, fromPromise, setup } from 'xstate'
import * as z from 'zod'

const settle = () => createTestClock().settle()
const beforeEntry = definePoint('custom:before_entry', { phase: 'before', decisions: ['cancel'], schema: z.unknown() })
const viaJson = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T

/** Works, rests, and works again, for ever; two children of the same id in two states. */
const shift = setup({
  actors: { work: fromPromise(() => Promise.resolve(1)), rest: fromPromise(() => Promise.resolve(1)) },
}).createMachine({
  id: 'shift',
  initial: 'working',
  states: {
    working: { invoke: { id: 'task', src: 'work', input: { much: true }, onDone: 'resting' } },
    resting: { invoke: { id: 'task', src: 'rest', onDone: 'working' } },
  },
})
const compiled = compile(shift)

/** Effects that note their ids and end when they are told. */
function noting() {
  const ids: string[] = []
  let end: () => void = () => undefined
  const effect = ({ effectId }: EffectCall) => {
    ids.push(effectId)
    return new Promise<void>((resolve) => {
      end = resolve
    })
  }
  const next = async () => {
    end()
    await settle()
  }
  return { ids, next, effects: { work: effect, rest: effect } }
}

test('it names the run, the child and which it is of those', async () => {
  for (const id of ['run-1', 'run-2']) {
    const { ids, next, effects } = noting()
    compiled.run({ id, effects })
    await next()
    await next()
    expect(ids).toEqual([`${id}/task#1`, `${id}/task#2`, `${id}/task#3`])
  }
})

test('what had not ended goes on under its id, and those behind it are counted from there', async () => {
  const before = noting()
  const run = compiled.run({ id: 'run-1', effects: before.effects })
  await before.next()
  const persisted = viaJson(run.getPersistedSnapshot()) as unknown as { children: Record<string, { snapshot: object }> }
  expect(persisted.children['task']?.snapshot).toMatchObject({
    effectId: 'run-1/task#2',
    name: 'rest',
    status: 'active',
  })

  const after = noting()
  compiled.run({ id: 'run-1', effects: after.effects, snapshot: persisted as never })
  await after.next()
  expect(after.ids).toEqual(['run-1/task#2', 'run-1/task#3'])
})

test('a run that is restored where nothing was going on does not count anew', async () => {
  const between = setup({ actors: { work: fromPromise(() => Promise.resolve(1)) } }).createMachine({
    id: 'between',
    initial: 'working',
    states: {
      working: { invoke: { id: 'task', src: 'work', onDone: 'waiting' } },
      waiting: { on: { AGAIN: 'working' } },
    },
  })
  const { ids, effects } = noting()
  const done = { work: (call: EffectCall) => void effects.work(call) }
  const run = compile(between).run({ id: 'run-1', effects: done })
  await settle()
  const restored = compile(between).run({
    id: 'run-1',
    effects: done,
    snapshot: viaJson(run.getPersistedSnapshot()),
  })
  restored.send({ type: 'AGAIN' })
  expect(ids).toEqual(['run-1/task#1', 'run-1/task#2'])
})

test('the actor that a run becomes counts on', async () => {
  const { ids, next, effects } = noting()
  const run = compiled.run({ id: 'run-1', effects })
  await next()
  const actor = run.toActor()
  const { children } = viaJson(actor.getPersistedSnapshot()) as unknown as {
    children: Record<string, { snapshot: object }>
  }
  expect(children['task']?.snapshot).toMatchObject({ effectId: 'run-1/task#2', name: 'rest' })
  await next()
  expect(ids).toEqual(['run-1/task#1', 'run-1/task#2', 'run-1/task#3'])
  actor.stop()
})

test('a gate that is a state is an effect with an id as well, which a restored pass keeps', () => {
  const machine = setup({}).createMachine({
    id: 'door',
    initial: 'asking',
    states: {
      asking: gate(beforeEntry, { continue: 'open', cancel: 'shut' }),
      open: {},
      shut: {},
    },
  })
  const hooks = createHooks()
  hooks.register(beforeEntry, () => new Promise<undefined>(() => undefined))
  const bound = machine.provide(hooks.provide())
  const actor = createActor(bound, { id: 'run-1' }).start()
  const persisted = viaJson(actor.getPersistedSnapshot()) as unknown as {
    children: Record<string, { snapshot: Record<string, unknown> }>
  }
  const [child] = Object.values(persisted.children)
  expect(child?.snapshot['name']).toBe('custom:before_entry')
  expect(child?.snapshot['effectId']).toMatch(/^run-1\/.+#1$/)
  const restored = createActor(bound, { id: 'run-1', snapshot: persisted as never }).start()
  const again = viaJson(restored.getPersistedSnapshot()) as unknown as typeof persisted
  expect(Object.values(again.children)[0]?.snapshot['effectId']).toBe(child?.snapshot['effectId'])
  for (const each of [actor, restored]) each.stop()
})
