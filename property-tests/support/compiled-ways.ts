/** The ways to run a machine, and what can be seen of each: by XState, compiled in an actor, and as a flat run. */
import type * as machines from 'hookchart/machines'
import type { TestClock } from 'hookchart/testing'
import { createActor } from 'xstate'
import type { AnyMachineSnapshot, AnyStateMachine, Snapshot } from 'xstate'

/** One way to run a machine. */
export interface Running {
  snapshot(): AnyMachineSnapshot
  persisted(): Snapshot<unknown>
  send(event: { type: string }): void
  stop(): void
}

export type Start = (
  machine: AnyStateMachine,
  clock: TestClock,
  restored: Snapshot<unknown> | undefined,
  emitted: unknown[],
  input?: unknown,
) => Running

export const inActor =
  (toLogic: (machine: AnyStateMachine) => AnyStateMachine): Start =>
  (machine, clock, restored, emitted, input) => {
    const logger = (...values: unknown[]) => emitted.push(values)
    const options = { id: 'm', clock, logger, input, ...(restored !== undefined && { snapshot: restored }) }
    const actor = createActor(toLogic(machine), options)
    actor.on('*', (event) => emitted.push(event))
    actor.subscribe({ error: () => undefined })
    actor.start()
    return {
      snapshot: () => actor.getSnapshot(),
      persisted: () => actor.getPersistedSnapshot(),
      send: (event) => {
        actor.send(event)
      },
      stop: () => actor.stop(),
    }
  }

export const flat =
  ({ compile }: typeof machines): Start =>
  (machine, clock, restored, emitted, input) => {
    const run = compile(machine).run({
      id: 'm',
      clock,
      input,
      ...(restored !== undefined && { snapshot: restored }),
      onEmit: (event) => emitted.push(event),
      log: (...values) => emitted.push(values),
    })
    return {
      snapshot: () => run.snapshot,
      persisted: () => run.getPersistedSnapshot(),
      send: (event) => {
        run.send(event)
      },
      stop: () => {
        run.stop()
      },
    }
  }

/** All that can be seen; `types` are the events that it is asked about. */
export function describe(
  running: Running,
  log: readonly unknown[],
  emitted: readonly unknown[],
  { timers }: TestClock,
  types: readonly string[],
): string {
  const snapshot = running.snapshot()
  const { value, context, status, output, error, children, tags } = snapshot
  const isMachine = 'getMeta' in snapshot && status !== 'error'
  return JSON.stringify(
    {
      ...{ value, context, status, output, error: String(error), log, emitted, timers },
      tags: [...tags],
      children: Object.keys(children),
      ...(isMachine && {
        can: types.filter((type) => canTake(snapshot, type)),
        meta: snapshot.getMeta(),
        json: { ...(snapshot.toJSON() as object), children: 0, machine: 0, error: 0, historyValue: 0 },
        // A run also keeps how often it has started each child.
        persisted: { ...running.persisted(), effects: 0 },
      }),
    },
    (key, at: unknown) => {
      if (key === 'sessionId') return 0
      // An actor that is restored has forgotten how often it has started what has ended.
      if (key === 'effectId') return String(at).replace(/#\d+$/, '')
      return at instanceof Error ? at.message : at
    },
  )
}

/** A guard that throws says neither. */
function canTake(snapshot: AnyMachineSnapshot, type: string): boolean | string {
  try {
    return snapshot.can({ type })
  } catch (error) {
    return String(error)
  }
}

/** Throws at the first difference. */
export const same = (way: string, found: readonly string[], wanted: readonly string[]) => {
  for (const [i, each] of wanted.entries()) {
    if (each !== found[i]) throw new Error(`${way}, at ${String(i)}:\n${String(found[i])}\nXState:\n${each}`)
  }
}
