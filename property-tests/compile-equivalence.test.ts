/**
 * A compiled machine comes to what XState comes to: in an actor and as a flat run, on every event, in every action and in
 * their order, and in what is persisted and restored.
 */
import fc from 'fast-check'
import * as machines from 'hookchart/machines'
import { createTestClock } from 'hookchart/testing'
import type { TestClock } from 'hookchart/testing'
import { beforeAll, vi } from 'vitest'
import { createActor } from 'xstate'
import type { AnyMachineSnapshot, AnyStateMachine, Snapshot } from 'xstate'
import { EVENTS, machineSpec, toMachine } from './support/arbitrary-machine.ts'
import type { MachineSpec } from './support/arbitrary-machine.ts'
import { testLawOf } from './support/law.ts'

type Step = { readonly do: 'send'; readonly type: string } | { readonly do: 'advance' } | { readonly do: 'restore' }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(...EVENTS).map((type) => ({ do: 'send' as const, type })) },
  { weight: 2, arbitrary: fc.constant({ do: 'advance' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'restore' as const }) },
)

/** One way to run a machine. */
interface Running {
  snapshot(): AnyMachineSnapshot
  persisted(): Snapshot<unknown>
  send(event: { type: string }): void
  stop(): void
}

type Start = (
  machine: AnyStateMachine,
  clock: TestClock,
  restored: Snapshot<unknown> | undefined,
  emitted: unknown[],
) => Running

const inActor =
  (toLogic: (machine: AnyStateMachine) => AnyStateMachine): Start =>
  (machine, clock, restored, emitted) => {
    const options = { clock, ...(restored !== undefined && { snapshot: restored }) }
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

const flat =
  ({ compile }: typeof machines): Start =>
  (machine, clock, restored, emitted) => {
    const run = compile(machine).run({
      clock,
      ...(restored !== undefined && { snapshot: restored }),
      onEmit: (event) => emitted.push(event),
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

/** What one way comes to, step by step. */
async function record(start: Start, spec: MachineSpec, steps: readonly Step[]): Promise<string[]> {
  const clock = createTestClock()
  const log: unknown[] = []
  const emitted: unknown[] = []
  let running = start(toMachine(spec, log) as unknown as AnyStateMachine, clock, undefined, emitted)
  const seen = [describe(running, log, emitted)]
  for (const each of steps) {
    if (running.snapshot().status !== 'active') break
    if (each.do === 'send') running.send({ type: each.type })
    else if (each.do === 'advance') void clock.advance(10)
    else {
      const persisted = JSON.parse(JSON.stringify(running.persisted())) as Snapshot<unknown>
      running.stop()
      running = start(toMachine(spec, log) as unknown as AnyStateMachine, clock, persisted, emitted)
    }
    seen.push(describe(running, log, emitted))
    await clock.settle()
    seen.push(describe(running, log, emitted))
  }
  running.stop()
  seen.push(describe(running, log, emitted))
  return seen
}

function describe(running: Running, log: readonly unknown[], emitted: readonly unknown[]): string {
  const snapshot = running.snapshot()
  const { value, context, status, output, error, children, tags } = snapshot
  const isMachine = 'getMeta' in snapshot && status !== 'error'
  return JSON.stringify(
    {
      ...{ value, context, status, output, error: String(error), log, emitted },
      tags: [...(tags as Set<string>)],
      children: Object.keys(children),
      ...(isMachine && {
        can: EVENTS.filter((type) => canTake(snapshot, type)),
        meta: snapshot.getMeta(),
        json: { ...(snapshot.toJSON() as object), children: 0, machine: 0, error: 0, historyValue: 0 },
        persisted: running.persisted(),
      }),
    },
    (key, at: unknown) => (key === 'sessionId' ? 0 : at instanceof Error ? at.message : at),
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

// XState says when an event comes too late; here many do.
beforeAll(() => {
  vi.spyOn(console, 'warn').mockReturnValue(undefined)
})

const same = (way: string, found: readonly string[], wanted: readonly string[]) => {
  for (const [i, each] of wanted.entries()) {
    if (each !== found[i]) throw new Error(`${way}, at ${String(i)}:\n${String(found[i])}\nXState:\n${each}`)
  }
}

const law = (subject: typeof machines) =>
  fc.asyncProperty(machineSpec, fc.array(step, { maxLength: 12, size: 'max' }), async (spec, steps) => {
    const wanted = await record(inActor((machine) => machine), spec, steps)
    same('compiled', await record(inActor((machine) => subject.compile(machine) as unknown as AnyStateMachine), spec, steps), wanted)
    same('flat', await record(flat(subject), spec, steps), wanted)
  })

testLawOf(machines, 'machines/index.ts', 'a compiled machine is the machine', law, [], {
  regressions: [[-629186483, '33:0']],
})
