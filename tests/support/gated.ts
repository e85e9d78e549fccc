/** Machines with gates and the hooks they are bound to, for tests. */
import { createHooks, createMemoryJournal, definePoint } from 'hookchart/hooks'
import { hooked } from 'hookchart/machines'
import type { HookedSpec } from 'hookchart/machines'
import { createTestClock, createTestIds } from 'hookchart/testing'
import type { CreateHooksOptions } from 'hookchart/hooks'
import { assign, createActor, fromPromise, setup } from 'xstate'
import type { AnyActorRef, AnyStateMachine } from 'xstate'

export const before = definePoint('before_x', { phase: 'before' })
export const after = definePoint('after_x', { phase: 'after' })

/** What the tests send. */
export interface SentEvent {
  readonly type: string
  readonly n?: number | undefined
  readonly [key: string]: unknown
}

interface Snapshot {
  readonly status: string
  readonly value: unknown
  readonly context: { readonly out?: unknown }
  readonly children: Readonly<Record<string, AnyActorRef | undefined>>
}

export const snapshotOf = (actor: AnyActorRef) => actor.getSnapshot() as Snapshot
export const valueOf = (actor: AnyActorRef) => snapshotOf(actor).value
export const eventOf = ({ event }: { event: unknown }) => event as SentEvent
export const persisted = (actor: AnyActorRef) =>
  JSON.parse(JSON.stringify((actor as { getPersistedSnapshot?(): unknown }).getPersistedSnapshot?.())) as never

/** Lets everything that is due settle. */
export const turns = async (count = 3) => {
  for (let i = 0; i < count; i++) await new Promise<void>((resolve) => void setImmediate(resolve))
}

/** Hooks, and what starts a machine with gates that are bound to them. */
export function gated(options: CreateHooksOptions = {}) {
  const clock = createTestClock()
  const journal = createMemoryJournal()
  const hooks = createHooks({ clock, ids: createTestIds(), journal, points: [before, after], ...options })
  const start = (machine: AnyStateMachine, on: HookedSpec['on'], given: object = {}): AnyActorRef => {
    const actor = createActor(hooked(machine, { on }).provide(hooks.provide()), given)
    actor.subscribe({ error: () => undefined })
    return actor.start()
  }
  const openRuns = () => journal.runs().filter(({ finished }) => !finished)
  return { clock, hooks, journal, start, openRuns }
}

/** The codes of the events that are refused from now on. */
export function refusalsOf(actor: AnyActorRef): string[] {
  const codes: string[] = []
  snapshotOf(actor).children['hookchart.gates']?.on('refused', (event) => {
    codes.push((event as unknown as { code: string }).code)
  })
  return codes
}

/** A machine whose X leads to an invoke. */
export const worker = (work: () => unknown = () => 1) =>
  setup({
    types: { events: {} as SentEvent, context: {} as { out: unknown } },
    actors: { work: fromPromise(async () => Promise.resolve(work())) },
  }).createMachine({
    id: 'worker',
    context: { out: undefined },
    initial: 'ready',
    states: {
      ready: { on: { X: 'running', Y: 'running' } },
      running: {
        on: { LEAVE: 'ready' },
        invoke: { src: 'work', onDone: { target: 'done', actions: assign({ out: ({ event }) => event.output }) } },
      },
      done: { on: { BACK: 'ready' } },
    },
  })
