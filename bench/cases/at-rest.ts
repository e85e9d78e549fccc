/** What something that waits holds, and what it takes to make it: a flat run, an actor, a child of an actor. */
import { setImmediate as turn } from 'node:timers/promises'
import { compile } from 'hookchart/machines'
import { assign, createActor, setup } from 'xstate'
import { keep } from '../keep.ts'
import type { ProbeRow, Reading } from '../row.ts'

/** Children of one parent. */
const CHILDREN = 10
const MOST = { full: 40_000, quick: 8_000 }

const machine = setup({
  types: { context: {} as { count: number }, events: {} as { type: 'NEXT' } },
  actions: { count: assign({ count: ({ context }) => context.count + 1 }) },
}).createMachine({
  id: 'job',
  context: { count: 0 },
  initial: 'waiting',
  states: { waiting: { on: { NEXT: { target: 'working', actions: 'count' } } }, working: { on: { NEXT: 'waiting' } } },
})
const compiled = compile(machine)

/** A machine that spawns one child an event. */
const spawning = (child: typeof machine) =>
  setup({ types: { events: {} as { type: 'SPAWN'; id: string } }, actors: { child } }).createMachine({
    id: 'parent',
    on: { SPAWN: { actions: assign(({ spawn, event }) => void spawn('child', { id: event.id })) } },
  })

export function atRest(): ProbeRow {
  return {
    title: 'At rest',
    workload:
      'Make machines with two states and a count, start them, and leave them waiting: the heap after a full collection, and the CPU time, for each. Spawned ones are ten children of one parent, without it. 8 k with --quick.',
    probe: async ({ quick }) => {
      const most = MOST[quick ? 'quick' : 'full']
      const stock = await held(most, () => createActor(machine).start())
      const actor = await held(most, () => createActor(compiled).start())
      const run = await held(most, () => compiled.run())
      const parents = compile(spawning(compiled as unknown as typeof machine))
      const alone = await held(most / CHILDREN, () => createActor(parents).start())
      const family = await held(most / CHILDREN, () => {
        const parent = createActor(parents).start()
        for (let i = 0; i < CHILDREN; i++) parent.send({ type: 'SPAWN', id: `child-${String(i)}` })
        return parent
      })
      const spawned = { bytes: (family.bytes - alone.bytes) / CHILDREN, ns: (family.ns - alone.ns) / CHILDREN }
      return [
        ...readings('an actor of XState', stock),
        ...readings('a flat run', run, { bytes: 1_024, ns: 2_000 }),
        ...readings('a compiled actor', actor, { bytes: 3_687 }),
        ...readings('a compiled actor, spawned', spawned, { bytes: 2_253 }),
      ]
    },
  }
}

interface Held {
  readonly bytes: number
  readonly ns: number
}

function readings(name: string, { bytes, ns }: Held, goal: Partial<Held> = {}): Reading[] {
  return [
    { name: `${name} holds`, value: bytes, unit: 'bytes', ...(goal.bytes !== undefined && { atMost: goal.bytes }) },
    { name: `${name} takes to be made`, value: ns, unit: 'ns', ...(goal.ns !== undefined && { atMost: goal.ns }) },
  ]
}

async function held(count: number, make: (i: number) => unknown): Promise<Held> {
  for (let i = 0; i < Math.min(count, 2_000); i++) keep(make(i))
  const list = new Array<unknown>(count)
  const before = await heapBytes()
  const startedAt = process.cpuUsage()
  for (let i = 0; i < count; i++) list[i] = make(i)
  const { user, system } = process.cpuUsage(startedAt)
  const bytes = ((await heapBytes()) - before) / count
  keep(list.length)
  return { bytes, ns: ((user + system) * 1_000) / count }
}

async function heapBytes(): Promise<number> {
  await turn()
  const { gc } = globalThis as { gc?: () => void }
  if (gc === undefined) throw new Error('The memory rows need --expose-gc.')
  gc()
  return process.memoryUsage().heapUsed
}
