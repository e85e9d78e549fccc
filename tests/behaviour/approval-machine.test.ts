/** The life of an approval, as a chart. */
import { explore } from 'hookchart/chart'
import { approvalMachine } from 'hookchart/machines'
import type { ApprovalEvent, ApprovalInput } from 'hookchart/machines'
import { createTestClock } from 'hookchart/testing'
import { describe, expect, test, vi } from 'vitest'
import { createActor } from 'xstate'

function asked(input: Partial<ApprovalInput> = {}, machine = approvalMachine) {
  const clock = createTestClock()
  const set = vi.spyOn(clock, 'setTimeout')
  const actor = createActor(machine, { clock, input: { question: 'May it?', expiresInMs: 100, since: 0, ...input } })
  return { clock, set, actor: actor.start() }
}

const answer = (type: string, rest: object = {}): ApprovalEvent => ({ type: 'ANSWER', answer: { type, ...rest } })

describe('an answer', () => {
  test.each<[ApprovalEvent, string, object]>([
    [answer('continue'), 'approved', { type: 'answered', answer: { type: 'continue' } }],
    [
      answer('modified', { patch: { input: 1 } }),
      'edited',
      { type: 'answered', answer: { type: 'modified', patch: { input: 1 } } },
    ],
    [answer('replace', { value: 7 }), 'edited', { type: 'answered', answer: { type: 'replace', value: 7 } }],
    [
      answer('cancel', { reason: 'too dear' }),
      'cancelled',
      { type: 'refused', code: 'HOOK_CANCELLED', reason: 'too dear' },
    ],
    [{ type: 'REJECT', reason: 'no' }, 'rejected', { type: 'refused', code: 'APPROVAL_REJECTED', reason: 'no' }],
    [
      { type: 'ABORT' },
      'cancelled',
      {
        type: 'refused',
        code: 'RUN_ABORTED',
        reason: 'the operation was aborted while it waited for an approval',
      },
    ],
  ])('%j', (event, state, output) => {
    const { actor, clock } = asked()
    actor.send(event)
    expect(actor.getSnapshot()).toMatchObject({ value: state, status: 'done', output })
    expect(clock.timers).toBe(0)
  })

  test.each(['retry', 'redirect', 'suspend', 'skipped', ''])('%j is none', (type) => {
    const { actor } = asked()
    actor.send(answer(type))
    expect(actor.getSnapshot().value).toBe('pending')
  })

  test.each(['continue', 'modified', 'replace', 'cancel'])('%s that does not fit leaves it pending', (type) => {
    const { actor } = asked({}, approvalMachine.provide({ guards: { fits: () => false } }))
    actor.send(answer(type))
    expect(actor.getSnapshot().value).toBe('pending')
  })
})

describe('time', () => {
  test('nobody answers: it expires at its deadline, not before', async () => {
    const { actor, clock } = asked()
    await clock.advance(99)
    expect(actor.getSnapshot().value).toBe('pending')
    await clock.advance(1)
    expect(actor.getSnapshot()).toMatchObject({
      value: 'expired',
      output: { code: 'APPROVAL_EXPIRED', reason: 'nobody answered within 100 ms' },
    })
  })

  test('it is put once more to somebody else, with a fresh deadline, and then expires', async () => {
    const { actor, clock } = asked({ escalateTo: 'ann', data: { cost: 3 }, since: 5 })
    await clock.advance(100)
    expect(actor.getSnapshot().context).toMatchObject({
      request: { question: 'May it?', data: { cost: 3 }, escalatedTo: 'ann' },
      since: 5,
      expiresAt: 205,
    })
    await clock.advance(99)
    expect(actor.getSnapshot().value).toBe('pending')
    await clock.advance(1)
    expect(actor.getSnapshot().value).toBe('expired')
  })

  test('a wait longer than a timer of the platform is several', async () => {
    const { actor, clock, set } = asked({ expiresInMs: 2 ** 32 })
    await clock.advanceSteps(2 ** 32 - 1)
    expect(actor.getSnapshot().value).toBe('pending')
    await clock.advanceSteps(1)
    expect(actor.getSnapshot().value).toBe('expired')
    expect(set.mock.calls.map(([, delayMs]) => delayMs)).toEqual([2 ** 31 - 1, 2 ** 31 - 1, 2])
  })
})

test('it survives JSON', async () => {
  const { actor, clock } = asked({ escalateTo: 'ann' })
  await clock.advance(100)
  const snapshot = JSON.parse(JSON.stringify(actor.getPersistedSnapshot())) as never
  actor.stop()
  const next = createActor(approvalMachine, { clock, snapshot, input: undefined as never }).start()
  expect(next.getSnapshot().context).toEqual(actor.getSnapshot().context)
  next.send(answer('continue'))
  expect(next.getSnapshot().value).toBe('approved')
})

test('every state is reached, none is a dead end, and it is escalated once at most', () => {
  const found = explore(approvalMachine, {
    input: { question: 'May it?', expiresInMs: 100, escalateTo: 'ann', since: 0 },
    events: [
      ...['continue', 'modified', 'cancel', 'retry'].map((type) => answer(type)),
      ...([{ type: 'REJECT', reason: 'no' }, { type: 'ABORT' }] satisfies ApprovalEvent[]),
      { type: 'xstate.done.actor.deadline' },
    ],
    always: {
      'one fresh deadline': ({ context }) => [100, 200].includes((context as { expiresAt: number }).expiresAt),
      'refused or answered, where it has ended': ({ status, context }) => {
        const { answer: given, refusal } = context as { answer: unknown; refusal: unknown }
        return (status === 'done') === ((given === null) !== (refusal === null))
      },
    },
  })
  expect(found).toMatchObject({ result: 'complete', states: 13, violations: [], deadlocks: [], unreachable: [] })
})
