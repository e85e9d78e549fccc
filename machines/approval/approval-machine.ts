/**
 * An approval as a statechart: a question that is answered once, refused, or left until it expires. A property test holds that
 * the approvals of the kernel come to the same. Pure: time comes by a timer, and what an answer must fit is a guard from outside.
 */
import { and, assign, setup } from 'xstate'
import { timer } from '../effect/timer-logic.ts'
import type { TimerOutput } from '../effect/timer-logic.ts'
import { beginApproval } from './approval-context.ts'
import type {
  ApprovalAnswer,
  ApprovalContext,
  ApprovalEvent,
  ApprovalInput,
  ApprovalOutput,
  RefusalCode,
} from './approval-context.ts'

interface Args {
  readonly context: ApprovalContext
  readonly event: ApprovalEvent
}

/** How late a deadline is noticed; who steps the chart by hand need not tell. */
const lateMsOf = (event: object) => (event as { readonly output?: TimerOutput }).output?.lateMs ?? 0

const answers = ({ event }: Args, { types }: { readonly types: readonly string[] }) =>
  event.type === 'ANSWER' && types.includes(event.answer.type)
const answering = (types: readonly string[]) => ({ type: 'answers' as const, params: { types } })
const refuse = (code: RefusalCode, reason: string | ((args: Args) => string)) =>
  assign<ApprovalContext, ApprovalEvent, undefined, ApprovalEvent, never>({
    refusal: (args) => ({ code, reason: typeof reason === 'string' ? reason : reason(args) }),
  })

/**
 * The life of one approval: `pending`, then `approved`, `edited`, `rejected`, `expired` or `cancelled`.
 *
 * A `continue` approves, a `modified` or `replace` edits, a `cancel` cancels. Where the guard `fits`, which is provided from
 * outside and lets everything pass otherwise, does not hold of an answer, it stays pending. At its deadline it is put once
 * more, to `escalateTo`, with a fresh deadline; without one, or the second time, it expires. What is restored waits for what
 * remains; a deadline that passed while nobody ran it is taken at once.
 *
 * @example
 * ```ts
 * import { approvalMachine } from 'hookchart/machines'
 * import { createTestClock } from 'hookchart/testing'
 * import { createActor } from 'xstate'
 * const clock = createTestClock()
 * const input = { question: 'Delete it?', expiresInMs: 1_000, escalateTo: 'ann', since: 0 }
 * const approval = createActor(approvalMachine, { clock, input }).start()
 * await clock.advance(1_000)
 * console.assert(approval.getSnapshot().context.request.escalatedTo === 'ann')
 * approval.send({ type: 'ANSWER', answer: { type: 'continue' } })
 * console.assert(approval.getSnapshot().value === 'approved')
 * ```
 */
export const approvalMachine = setup({
  types: {
    context: {} as ApprovalContext,
    events: {} as ApprovalEvent,
    input: {} as ApprovalInput,
    output: {} as ApprovalOutput,
  },
  actors: { timer },
  guards: {
    answers,
    /** An answer fits the schema of the question, and the gate can take it. Provided by whoever runs the machine. */
    fits: () => true,
    escalates: ({ context }) => context.escalateTo !== null && context.request.escalatedTo === undefined,
  },
  actions: {
    keepAnswer: assign({ answer: ({ event }) => (event.type === 'ANSWER' ? event.answer : null) }),
    escalate: assign({
      request: ({ context }) => ({ ...context.request, escalatedTo: String(context.escalateTo) }),
      expiresAt: ({ context, event }) => context.expiresAt + lateMsOf(event) + context.expiresInMs,
    }),
    refuseByAnswer: refuse('HOOK_CANCELLED', ({ event }) =>
      event.type === 'ANSWER' ? (event.answer.reason ?? 'no reason given') : '',
    ),
    refuseByRejection: refuse('APPROVAL_REJECTED', ({ event }) => (event.type === 'REJECT' ? event.reason : '')),
    refuseByDeadline: refuse(
      'APPROVAL_EXPIRED',
      ({ context }) => `nobody answered within ${String(context.expiresInMs)} ms`,
    ),
    refuseByAbort: refuse('RUN_ABORTED', 'the operation was aborted while it waited for an approval'),
  },
}).createMachine({
  id: 'approval',
  version: '1',
  context: ({ input }) => beginApproval(input),
  output: ({ context: { answer, refusal } }): ApprovalOutput =>
    refusal === null
      ? { type: 'answered', answer: answer as ApprovalAnswer }
      : { type: 'refused', code: refusal.code, reason: refusal.reason },
  initial: 'pending',
  states: {
    pending: {
      on: {
        ANSWER: [
          { guard: and([answering(['continue']), 'fits']), target: 'approved', actions: 'keepAnswer' },
          { guard: and([answering(['modified', 'replace']), 'fits']), target: 'edited', actions: 'keepAnswer' },
          { guard: and([answering(['cancel']), 'fits']), target: 'cancelled', actions: 'refuseByAnswer' },
        ],
        REJECT: { target: 'rejected', actions: 'refuseByRejection' },
        ABORT: { target: 'cancelled', actions: 'refuseByAbort' },
      },
      invoke: {
        id: 'deadline',
        src: 'timer',
        input: ({ context }) => ({ delayMs: context.expiresInMs }),
        onDone: [
          { guard: 'escalates', target: 'pending', reenter: true, actions: 'escalate' },
          { target: 'expired', actions: 'refuseByDeadline' },
        ],
      },
    },
    approved: { type: 'final' },
    edited: { type: 'final' },
    rejected: { type: 'final' },
    expired: { type: 'final' },
    cancelled: { type: 'final' },
  },
})
