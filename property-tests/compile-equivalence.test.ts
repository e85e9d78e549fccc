/**
 * A compiled machine comes to what XState comes to: in an actor and as a flat run, on every event, in every action and in
 * their order, and in what is persisted and restored.
 */
import fc from 'fast-check'
import * as machines from 'hookchart/machines'
import { createTestClock } from 'hookchart/testing'
import { beforeAll, expect, test, vi } from 'vitest'
import { createActor } from 'xstate'
import type { AnyStateMachine, Snapshot } from 'xstate'
import { toMachine } from './support/arbitrary-machine.ts'
import { describe, flat, inActor, same } from './support/compiled-ways.ts'
import type { Start } from './support/compiled-ways.ts'
import { EVENTS, gatesSpec, machineSpec, timedSpec } from './support/machine-spec.ts'
import type { GatesSpec, MachineSpec } from './support/machine-spec.ts'
import { runs, testLawOf } from './support/law.ts'

type Step = { readonly do: 'send'; readonly type: string } | { readonly do: 'advance' } | { readonly do: 'restore' }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(...EVENTS).map((type) => ({ do: 'send' as const, type })) },
  { weight: 2, arbitrary: fc.constant({ do: 'advance' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'restore' as const }) },
)

/** What one way comes to, step by step. */
async function record(
  start: Start,
  spec: MachineSpec,
  gates: GatesSpec,
  steps: readonly Step[],
  subject: typeof machines = machines,
): Promise<string[]> {
  const clock = createTestClock()
  const log: unknown[] = []
  const emitted: unknown[] = []
  let running = start(toMachine(spec, log, gates, subject) as unknown as AnyStateMachine, clock, undefined, emitted)
  const seen = [describe(running, log, emitted, clock, EVENTS)]
  for (const each of steps) {
    if (running.snapshot().status !== 'active') break
    if (each.do === 'send') running.send({ type: each.type })
    else if (each.do === 'advance') void clock.advance(10)
    else {
      const persisted = JSON.parse(JSON.stringify(running.persisted())) as Snapshot<unknown>
      running.stop()
      running = start(toMachine(spec, log, gates, subject) as unknown as AnyStateMachine, clock, persisted, emitted)
    }
    seen.push(describe(running, log, emitted, clock, EVENTS))
    await clock.settle()
    seen.push(describe(running, log, emitted, clock, EVENTS))
  }
  running.stop()
  seen.push(describe(running, log, emitted, clock, EVENTS))
  return seen
}

// XState says when an event comes too late; here many do.
beforeAll(() => {
  vi.spyOn(console, 'warn').mockReturnValue(undefined)
})

const lawOn = (specs: fc.Arbitrary<MachineSpec>) => (subject: typeof machines) =>
  fc.asyncProperty(specs, fc.array(step, { maxLength: 12, size: 'max' }), gatesSpec, async (spec, steps, gates) => {
    const found = (start: Start, of = subject) => record(start, spec, gates, steps, of)
    const wanted = await found(
      inActor((machine) => machine),
      machines,
    )
    const compiled = inActor((machine) => subject.compile(machine) as unknown as AnyStateMachine)
    same('compiled', await found(compiled), wanted)
    same('flat', await found(flat(subject)), wanted)
  })

testLawOf(machines, 'machines/index.ts', 'a compiled machine is the machine', lawOn(machineSpec), [
  {
    name: 'a state that is its own target is left without reenter',
    file: 'machines/compiled/entry-set.ts',
    from: 'effective.every((target) => target === source || isWithin(target, source))',
    to: 'effective.every((target) => isWithin(target, source))',
  },
  {
    name: 'outer states are left before inner ones',
    file: 'machines/compiled/step.ts',
    from: 'return [...left].sort(outOfOrder)',
    to: 'return [...left].sort(inOrder)',
  },
  {
    name: 'history is forgotten',
    file: 'machines/compiled/macrostep.ts',
    from: 'if (step.remembered.length > 0) at.history',
    to: 'if (step.remembered.length < 0) at.history',
  },
  {
    name: 'a step that history led is taken for all times',
    file: 'machines/compiled/step.ts',
    from: 'if (!memory.wasAsked) from.steps',
    to: 'if (memory !== undefined) from.steps',
  },
  {
    name: 'a raised event is taken when the macrostep is over',
    file: 'machines/compiled/perform.ts',
    from: "if (typeof delayMs !== 'number') queue.push(raised)",
    to: "if (typeof delayMs !== 'number') host.defer(() => void host.scope.self.send(raised))",
  },
  {
    name: 'wildcards go before the exact descriptor',
    file: 'machines/compiled/descriptor.ts',
    from: '[...exact, ...wild',
    to: '[...wild, ...exact',
  },
  {
    name: 'of transitions in conflict the outer one goes first',
    file: 'machines/compiled/entry-set.ts',
    from: 'if (!isWithin(transition.source, other.source)) continue next',
    to: 'if (!isWithin(other.source, transition.source)) continue next',
  },
  {
    name: 'a state whose final state was entered is not told that it is done',
    file: 'machines/compiled/macrostep.ts',
    from: 'if (parent !== undefined) queue.push(',
    to: 'if (parent === undefined) queue.push(',
  },
  {
    name: 'a failure that nobody takes is passed over',
    file: 'machines/compiled/macrostep.ts',
    from: "else if (event.type.startsWith('xstate.error.actor')) {",
    to: "else if (event.type.startsWith('xstate.error.actors')) {",
  },
  {
    name: 'what was entered by transitions of two regions is not made whole',
    isRare: true,
    file: 'machines/compiled/configuration.ts',
    from: 'branch(root, completed(states))',
    to: 'branch(root, states)',
  },
  {
    name: 'a machine that is done stops what it invokes as if it left its states',
    file: 'machines/compiled/step.ts',
    from: 'leave: isDone ? after.flatMap(({ exit }) => exit)',
    to: 'leave: isDone ? after.flatMap(({ exit, stops }) => [...exit, ...stops])',
  },
  {
    name: 'the initial actions of a flat run go before its children',
    file: 'machines/compiled/flat-run.ts',
    from: 'if (this.isRunning) effect()\n    else this.defer(effect)',
    to: 'effect()',
  },
  {
    name: 'a flat run never cancels',
    file: 'machines/compiled/flat-run.ts',
    from: 'this.#timers?.cancel(id)',
    to: 'void id',
  },
  {
    name: 'gates of a flat run do not find its hooks',
    file: 'machines/compiled/run-face.ts',
    from: 'get logic(): StockMachine {\n    return this.machine',
    to: 'get logic(): StockMachine {\n    return undefined as never',
  },
])

testLawOf(machines, 'machines/index.ts', 'a compiled machine with timers is the machine', lawOn(timedSpec), [
  {
    name: 'a flat run takes the time from the beginning of its wait',
    file: 'machines/compiled/timer-child.ts',
    from: 'const lateMs = this.#wheel.clock.now() - dueAt',
    to: 'const lateMs = this.#wheel.clock.now() - dueAt + waitedMs',
  },
  {
    name: 'a timer is left behind where its state is left',
    file: 'machines/effect/timer-logic.ts',
    from: '        disarm(self)\n',
    to: '        void self\n',
  },
  {
    name: 'the timers of a flat run start before what its initial actions send',
    isRare: true,
    file: 'machines/compiled/flat-run.ts',
    from: 'this.act(() => {\n              this.defer(effect)\n            })',
    to: 'this.defer(effect)',
  },
  {
    name: 'a timer that a flat run never started counts as stopped',
    file: 'machines/compiled/run-child.ts',
    from: "if (!this.isRunning) return\n    this.end('stopped')",
    to: "this.end('stopped')",
  },
])

test('the breaker is the breaker, compiled', () => {
  const event = fc.oneof(
    fc.record({ type: fc.constantFrom('READ', 'ACQUIRE', 'FAILURE', 'TRIP', 'RESET', 'RELEASE'), at: fc.nat(400) }),
    fc.record({ type: fc.constant('SUCCESS'), at: fc.nat(400), durationMs: fc.nat(100) }),
  )
  const input = {
    ...machines.breakerPresets.default,
    failureThreshold: 2,
    successThreshold: 2,
    openMs: 100,
    slowCallMs: 50,
  }
  const compiled = machines.compile(machines.breakerMachine)
  fc.assert(
    fc.property(fc.array(event, { maxLength: 30, size: 'max' }), (events) => {
      const stock = createActor(machines.breakerMachine, { input }).start()
      const actor = createActor(compiled, { input }).start()
      const run = compiled.run({ input })
      for (const each of events) {
        for (const told of [stock, actor, run]) told.send(each)
        const wanted = JSON.stringify(stock.getPersistedSnapshot())
        expect(JSON.stringify(actor.getPersistedSnapshot())).toBe(wanted)
        expect(JSON.stringify(run.getPersistedSnapshot())).toBe(wanted)
      }
    }),
    { numRuns: runs(200) },
  )
})
