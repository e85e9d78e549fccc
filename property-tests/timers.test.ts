/**
 * An approval expires at the same instant as one that was never restored, whenever it is restored and into whatever; what
 * came due while nobody ran it is taken when somebody does. A model of three lines says when.
 */
import fc from 'fast-check'
import * as machines from 'hookchart/machines'
import type { ApprovalContext } from 'hookchart/machines'
import { createTestClock } from 'hookchart/testing'
import type { TestClock } from 'hookchart/testing'
import { expect } from 'vitest'
import { createActor } from 'xstate'
import type { AnyMachineSnapshot, Snapshot } from 'xstate'
import { testLawOf } from './support/law.ts'

const WAYS = ['stock', 'compiled', 'flat', 'handed over'] as const

type Step =
  | { readonly do: 'advance'; readonly ms: number }
  | { readonly do: 'answer' }
  /** It is stopped, nobody runs it for a while, and it goes on in one of the ways. */
  | { readonly do: 'restore'; readonly into: (typeof WAYS)[number]; readonly downMs: number }

/** Longer than a timer of the platform can wait. */
const LONG = 2 ** 31 + 50

const ms = fc.oneof(fc.constantFrom(0, 1, 99, 100, 101, 2 ** 31 - 1, LONG), fc.nat(300))

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('advance' as const), ms }) },
  { weight: 1, arbitrary: fc.constant({ do: 'answer' as const }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('restore' as const),
      into: fc.constantFrom(...WAYS),
      downMs: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: ms }),
    }),
  },
)

const question = fc.record(
  { expiresInMs: fc.constantFrom(100, 250, LONG), escalateTo: fc.constant('ann') },
  { requiredKeys: ['expiresInMs'] },
)

interface Running {
  readonly snapshot: AnyMachineSnapshot
  getPersistedSnapshot(): unknown
  send(event: { type: string }): void
  stop(): void
}

/** How it is begun and restored, in each way. */
function waysOf({ approvalMachine, compile }: typeof machines, clock: TestClock, taken: number[]) {
  const machine = approvalMachine.provide({
    guards: {
      escalates: ({ context: { escalateTo, request } }) => {
        taken.push(clock.now())
        return escalateTo !== null && request.escalatedTo === undefined
      },
    },
  })
  const compiled = compile(machine)
  const inActor = (actor: { getSnapshot(): unknown; getPersistedSnapshot(): unknown }) =>
    ({
      ...{ getPersistedSnapshot: () => actor.getPersistedSnapshot() },
      get snapshot() {
        return actor.getSnapshot()
      },
      send: (event: never) => {
        ;(actor as unknown as Running).send(event)
      },
      stop: () => {
        ;(actor as unknown as Running).stop()
      },
    }) as Running
  return {
    stock: (from: object) => inActor(createActor(machine, { clock, ...from } as never).start()),
    compiled: (from: object) => inActor(createActor(compiled, { clock, ...from } as never).start()),
    flat: (from: object) => compiled.run({ clock, ...from } as never) as unknown as Running,
    'handed over': (from: object) => inActor(compiled.run({ clock, ...from } as never).toActor()),
  }
}

const law = (subject: typeof machines) =>
  fc.asyncProperty(
    question,
    fc.constantFrom(...WAYS),
    fc.array(step, { maxLength: 10, size: 'max' }),
    async (ask, first, steps) => {
      const clock = createTestClock()
      const taken: number[] = []
      const ways = waysOf(subject, clock, taken)
      let running = ways[first]({ input: { question: 'May it?', since: 0, ...ask } })

      const wanted: number[] = []
      let dueAt = ask.expiresInMs
      let state = 'pending'
      const passes = (from: number) => {
        for (; state === 'pending' && dueAt <= clock.now(); dueAt = Math.max(from, dueAt) + ask.expiresInMs) {
          wanted.push(Math.max(from, dueAt))
          if (ask.escalateTo === undefined || wanted.length === 2) state = 'expired'
        }
      }
      const same = () => {
        const { value, context } = running.snapshot
        expect([value, taken]).toEqual([state, wanted])
        if (state === 'pending') expect((context as ApprovalContext).expiresAt).toBe(dueAt)
        expect(clock.timers).toBe(state === 'pending' ? 1 : 0)
      }
      same()
      for (const each of steps) {
        const before = clock.now()
        switch (each.do) {
          case 'advance':
            await clock.advance(each.ms)
            passes(before)
            break
          case 'answer':
            if (state !== 'pending') break
            running.send({ type: 'ANSWER', answer: { type: 'continue' } } as never)
            state = 'approved'
            break
          case 'restore': {
            const snapshot = JSON.parse(JSON.stringify(running.getPersistedSnapshot())) as Snapshot<unknown>
            running.stop()
            expect(clock.timers).toBe(0)
            await clock.advance(each.downMs)
            running = ways[each.into]({ snapshot })
            // Overdue is as soon as possible.
            await clock.advance(0)
            passes(clock.now())
          }
        }
        same()
      }
      running.stop()
      expect(clock.timers).toBe(0)
    },
  )

const LOGIC = 'machines/effect/timer-logic.ts'

testLawOf(machines, 'machines/index.ts', 'an approval waits for what remains, whenever it is restored', law, [
  {
    name: 'what was restored is not set again',
    file: LOGIC,
    from: "return { ...{ status: 'active', output: undefined, error: undefined, input }, name",
    to: "return { ...{ status: 'stopped', output: undefined, error: undefined, input }, name",
  },
  {
    name: 'a restored timer waits for the whole delay again',
    file: LOGIC,
    from: '(restored.dueAt as number | undefined) ?? ',
    to: '',
  },
  {
    name: 'a flat run waits for the whole delay again',
    file: 'machines/compiled/effects.ts',
    from: 'standing, syncSnapshot, dueAt) as',
    to: 'standing, syncSnapshot, undefined) as',
  },
  {
    name: 'a flat run leaves its timers behind',
    file: 'machines/compiled/timer-child.ts',
    from: 'this.#wheel.clear(this.#handle)',
    to: 'void this.#handle',
  },
  {
    name: 'a wait that is too long for the platform ends with its first part',
    file: 'machines/effect/timer-time.ts',
    from: 'return Math.min(leftMs - waited, -lateMs)',
    to: 'return Math.min(0, leftMs - waited, -lateMs)',
  },
  {
    name: 'each part of a long wait is as long as all of it',
    file: LOGIC,
    from: '          arm(self, leftMs)\n',
    to: '          arm(self, before)\n',
  },
  {
    name: 'who is asked second has less time when the first deadline was noticed late',
    file: 'machines/approval/approval-machine.ts',
    from: 'context.expiresAt + lateMsOf(event) + context',
    to: 'context.expiresAt + context',
  },
])
