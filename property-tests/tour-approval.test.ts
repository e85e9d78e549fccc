/** The chart of an approval, everywhere: whatever is answered, however long it waits, asked once or twice. */
import * as machines from 'hookchart/machines'
import type { ApprovalContext } from 'hookchart/machines'
import { describe, expect, test } from 'vitest'
import type { AnyMachineSnapshot, AnyStateMachine } from 'xstate'
import { plant } from './support/planted.ts'
import { stuck, tour, untaken, violations } from './support/tour.ts'
import type { World } from './support/tour.ts'

const ANSWERS = ['continue', 'modified', 'replace', 'cancel', 'retry'].map((type) => ({ type, reason: 'so it is' }))

const always = {
  'it is put to one more person at most, and has no answer and no refusal at once': (snapshot: AnyMachineSnapshot) => {
    const { answer, refusal, expiresAt, expiresInMs } = snapshot.context as ApprovalContext
    return expiresAt <= 2 * expiresInMs && (answer === null || refusal === null)
  },
}

const worlds: World[] = [{}, { escalateTo: 'ann', data: { cost: 3 } }].map((more) => ({
  input: { question: 'May it?', expiresInMs: 100, since: 0, ...more },
  events: () => [
    ...ANSWERS.map((answer) => ({ type: 'ANSWER', answer })),
    { type: 'REJECT', reason: 'no' },
    { type: 'ABORT' },
  ],
  always,
}))

const machineOf = ({ approvalMachine }: typeof machines, fits = true) =>
  approvalMachine.provide({ guards: { fits: () => fits } }) as unknown as AnyStateMachine
const toursOf = (machine: AnyStateMachine) => worlds.map((world) => tour(machine, world))

describe('the chart of an approval', () => {
  const tours = toursOf(machineOf(machines))

  test('every transition is taken', () => {
    expect(untaken(tours)).toEqual([])
  })

  test('it always comes to its end, with what it is told and without', () => {
    for (const each of [...tours, ...toursOf(machineOf(machines, false))]) {
      expect([stuck(each), each.found.violations]).toEqual([[], []])
    }
  })

  test('an answer that does not fit ends nothing', () => {
    for (const { found } of toursOf(machineOf(machines, false)))
      expect(found.unreachable).toEqual(['approved', 'edited'])
  })

  test('snapshots survive JSON wherever they are made', () => {
    expect(worlds.map((world) => violations(machineOf(machines), world)).flat()).toEqual([])
  })

  const approval = 'machines/approval/approval-machine.ts'

  test('is seen to fail: it is put to one person after another', async () => {
    const broken = await plant<typeof machines>(
      'machines/index.ts',
      approval,
      ' && context.request.escalatedTo === undefined',
      '',
    )
    const { found } = tour(machineOf(broken), { ...worlds[1]!, states: 50 })
    expect([found.result, found.violations.length]).toEqual(['bounded', 1])
  })

  test('is seen to fail: a deadline that JSON does not bring back', async () => {
    const broken = await plant<typeof machines>(
      'machines/index.ts',
      'machines/approval/approval-context.ts',
      'expiresAt: since + expiresInMs,',
      'expiresAt: new Date(since + expiresInMs) as never,',
    )
    expect(violations(machineOf(broken), worlds[0]!)).not.toEqual([])
  })

  const timer = 'machines/effect/timer-logic.ts'

  test.each([
    [
      'a timer that a restore does not set again',
      timer,
      "if (status === 'active') arm(",
      "if (status !== 'active') arm(",
    ],
    ['one that comes too early', timer, 'arm(self, dueAt - nowOf(self))', 'arm(self, 0)'],
    ['one that waits for all of its delay again', timer, '(restored.dueAt as number | undefined) ?? ', ''],
    ['one that comes to nothing', timer, "status: 'done', output", "status: 'stopped', output"],
    [
      'a deadline that is a delay of XState',
      approval,
      "invoke: {\n        id: 'deadline',",
      "after: { 100: 'expired' },\n      invoke: {\n        id: 'deadline',",
    ],
  ])('is seen to fail: %s', async (_what, file, from, to) => {
    const broken = await plant<typeof machines>('machines/index.ts', file, from, to)
    expect(violations(machineOf(broken), worlds[0]!)).toHaveLength(1)
  })
})
