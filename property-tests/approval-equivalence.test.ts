/** The approvals of the kernel come to the same as the machine that is told of the same answers and clock advances. */
import fc from 'fast-check'
import * as real from 'hookchart'
import type { HookResult, RunResult } from 'hookchart'
import type { ApprovalEvent } from 'hookchart/machines'
import { createTestClock, createTestIds } from 'hookchart/testing'
import { expect } from 'vitest'
import { createActor } from 'xstate'
import * as z from 'zod'
import { testLawOf } from './support/law.ts'

type Step =
  | { readonly do: 'advance'; readonly ms: number }
  | { readonly do: 'resume'; readonly answer: true | HookResult }
  | { readonly do: 'reject'; readonly reason: string }
  | { readonly do: 'abort' }

/** Longer than a timer of the platform can wait. */
const LONG = 2 ** 31 + 50

const answer = fc.constantFrom<true | HookResult>(
  true,
  { type: 'continue' },
  { type: 'modified', patch: { input: 7 } },
  { type: 'modified', patch: { input: 'no number' } },
  { type: 'modified', patch: { elsewhere: 1 } },
  { type: 'replace', value: 8 },
  { type: 'replace', value: { no: 'number' } },
  { type: 'cancel', reason: 'too dear' },
  // None of these is an answer.
  { type: 'retry' },
  { type: 'skipped' },
  { type: 'redirect', target: 'elsewhere' },
)

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('advance' as const), ms: fc.constantFrom(1, 99, 100, 101, LONG) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('resume' as const), answer }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('reject' as const), reason: fc.constantFrom('no', 'not now') }) },
  { weight: 1, arbitrary: fc.constant({ do: 'abort' as const }) },
)

const question = fc.record(
  {
    question: fc.constantFrom('May it?', 'Now?'),
    data: fc.constantFrom(3, { cost: 3 }),
    expiresInMs: fc.constantFrom(100, 200, LONG),
    escalateTo: fc.constant('ann'),
    schema: fc.constant(z.union([z.number(), z.strictObject({ input: z.number() })])),
  },
  { requiredKeys: ['question', 'expiresInMs'] },
)

/** What the gate of the run takes: its input and its output are numbers, and hooks change its input only. */
const takes = (given: HookResult): boolean =>
  given.type === 'modified'
    ? typeof (given.patch as { input?: unknown }).input === 'number'
    : given.type !== 'replace' || typeof given.value === 'number'

/** What a run comes to, by the state that its approval ends in. */
const ENDS: Record<string, (result: RunResult) => unknown> = {
  approved: ({ status, output }) => expect([status, output]).toEqual(['completed', 2]),
  edited: ({ status, output }) => expect([status, [14, 8].includes(output as number)]).toEqual(['completed', true]),
  rejected: ({ error }) => expect(error?.code).toBe('APPROVAL_REJECTED'),
  expired: ({ error }) => expect(error?.code).toBe('APPROVAL_EXPIRED'),
  cancelled: ({ error }) => expect(['HOOK_CANCELLED', 'RUN_ABORTED']).toContain(error?.code),
}

const law = ({ createHooks, approvalMachine }: typeof real) =>
  fc.asyncProperty(question, fc.array(step, { maxLength: 12, size: 'max' }), async ({ schema, ...ask }, steps) => {
    const clock = createTestClock()
    const { approvals, ...hooks } = createHooks({ clock, ids: createTestIds() })
    hooks.register('BeforeToolExecution', () => ({ type: 'suspend', ...ask, ...(schema && { schema }) }), {
      name: 'asks',
      kind: 'guard',
    })
    const work = hooks.wrap(
      { name: 'work', before: 'BeforeToolExecution', input: z.number(), output: z.number() },
      (n: number) => n * 2,
    )
    const controller = new AbortController()
    const running = Promise.resolve(work(1, { signal: controller.signal }))
    const machine = approvalMachine.provide({
      guards: { fits: ({ event }) => event.type === 'ANSWER' && takes(event.answer as HookResult) },
    })
    const told = createActor(machine, { clock, input: { ...ask, since: clock.now() } }).start()
    const tell = (event: ApprovalEvent) => {
      if (told.getSnapshot().status === 'active') told.send(event)
    }
    const id = approvals.pending()[0]!.id
    const same = () => {
      const { value, context } = told.getSnapshot()
      const { request, since, expiresAt } = context
      const pending = value === 'pending' ? [{ request, since, expiresAt }] : []
      expect(approvals.pending()).toMatchObject(pending)
      expect(approvals.pending()).toHaveLength(pending.length)
    }
    same()
    for (const each of steps) {
      switch (each.do) {
        case 'advance':
          await clock.advance(each.ms)
          break
        case 'resume': {
          const { answer: given } = each
          tell({ type: 'ANSWER', answer: given === true ? { type: 'continue' } : given })
          approvals.resume(id, given).catch(() => undefined)
          break
        }
        case 'reject':
          tell({ type: 'REJECT', reason: each.reason })
          approvals.reject(id, each.reason).catch(() => undefined)
          break
        case 'abort':
          tell({ type: 'ABORT' })
          controller.abort()
      }
      await clock.settle()
      same()
    }
    const { value, output } = told.getSnapshot()
    if (value === 'pending') return
    const result = await running
    ENDS[value as string]!(result)
    if (output?.type === 'refused' && output.code !== 'RUN_ABORTED') {
      expect(result.error).toMatchObject({ code: output.code, details: { reason: output.reason } })
    }
    if (output?.type === 'answered' && output.answer.type === 'replace') expect(result.output).toBe(output.answer.value)
  })

testLawOf(real, 'src/index.ts', 'approvals: the kernel and the machine come to the same', law, [
  {
    name: 'the kernel puts the question again and again',
    file: 'src/hooks/executor/approvals.ts',
    from: 'escalateTo === undefined || pending.request.escalatedTo !== undefined',
    to: 'escalateTo === undefined',
  },
  {
    name: 'the kernel keeps the deadline of the first who was asked',
    file: 'src/hooks/executor/approvals.ts',
    from: 'expiresAt: this.#time.now() + expiresInMs,\n    }\n    this.#expireLater',
    to: 'expiresAt: pending.expiresAt + 1,\n    }\n    this.#expireLater',
  },
  {
    name: 'the machine is never put to somebody else',
    file: 'machines/approval/approval-machine.ts',
    from: 'context.escalateTo !== null && ',
    to: 'context.escalateTo === null && ',
  },
  {
    name: 'the machine takes an edit that does not fit',
    file: 'machines/approval/approval-machine.ts',
    from: "and([answering(['modified', 'replace']), 'fits'])",
    to: "answering(['modified', 'replace'])",
  },
  {
    name: 'the machine takes a cancel for an approval',
    file: 'machines/approval/approval-machine.ts',
    from: "answering(['continue'])",
    to: "answering(['continue', 'cancel'])",
  },
  {
    name: 'a long wait of the machine starts over with each part',
    file: 'machines/effect/timer-logic.ts',
    from: '          arm(self, leftMs)\n',
    to: '          arm(self, before)\n',
  },
])
