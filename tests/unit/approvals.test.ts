import { hook } from 'hookchart/hooks'
import type { PendingApproval, SuspendRequest } from 'hookchart/hooks'
import { describe, expect, test, vi } from 'vitest'
import * as z from 'zod'
import type { Answer, AnswerCheck } from '../../src/hooks/executor/approvals.ts'
import type { Operation } from '../../src/hooks/executor/operation.ts'
import { checkResult } from '../../src/hooks/check-result.ts'
import { deferred } from '../support/kernel.ts'
import { rejectionOf } from '../support/refusal.ts'
import { kernelOf } from './kernel-samples.ts'

const DAY_MS = 86_400_000
const accepts: AnswerCheck = () => ({ change: undefined })

function bench() {
  const { kernel, clock, operation } = kernelOf()
  const { approvals } = kernel
  const answers: Answer[] = []
  const ask = (
    request: Partial<SuspendRequest> = {},
    { of = operation(), check = accepts, point = 'P' }: { of?: Operation; check?: AnswerCheck; point?: string } = {},
  ): Operation => {
    of.run.outcome = Promise.resolve({ type: 'continue' } as const)
    const checked = checkResult(hook.suspend({ question: 'go?', ...request }))
    void approvals
      .ask({ operation: of, point, hook: 'asker', ask: checked as never, check })
      .then((answer) => answers.push(answer))
    return of
  }
  return { approvals, clock, operation, answers, ask, only: () => approvals.pending()[0] as PendingApproval }
}

describe('asking', () => {
  test('what is pending says what is asked, where, by whom, and until when', async () => {
    const { approvals, ask, clock } = bench()
    await clock.advance(5)
    ask({ data: { amount: 7 }, expiresInMs: '1s' })
    expect(approvals.pending()).toEqual([
      {
        id: 'op-1/P/1',
        request: { question: 'go?', data: { amount: 7 } },
        point: 'P',
        component: { type: 'tool', name: 'tool', id: 'tool' },
        correlationId: 'run of op-1',
        operationId: 'op-1',
        hook: 'asker',
        since: 5,
        expiresAt: 1_005,
      },
    ])
  })

  test('without data there is none', () => {
    const { ask, only } = bench()
    ask()
    expect(only().request).toStrictEqual({ question: 'go?' })
    expect(only().expiresAt).toBe(DAY_MS)
  })

  test('questions of one operation at one point are counted; the oldest comes first', () => {
    const { approvals, ask } = bench()
    const of = ask()
    ask({}, { of })
    ask({}, { of, point: 'Q' })
    expect(approvals.pending().map(({ id }) => id)).toEqual(['op-1/P/1', 'op-1/P/2', 'op-1/Q/1'])
  })

  test('tells whoever wants to know that the operation waits', () => {
    const { ask, operation } = bench()
    const told = vi.fn()
    ask({}, { of: Object.assign(operation(), { onSuspended: told }) })
    expect(told).toHaveBeenCalledExactlyOnceWith('op-1/P/1')
  })
})

describe('resume', () => {
  test.each<[string, Parameters<ReturnType<typeof bench>['approvals']['resume']>[1], object]>([
    ['nothing goes on', undefined, { type: 'continue' }],
    ['true goes on', true, { type: 'continue' }],
    ['continue goes on', hook.continue({ message: 'fine' }), { type: 'continue', message: 'fine' }],
    ['a replacement', hook.replace(7), { type: 'replace', value: 7 }],
    ['an edit', hook.modified({ input: 1 }), { type: 'modified', patch: { input: 1 } }],
  ])('%s', async (_, result, expected) => {
    const { approvals, ask, answers, clock } = bench()
    const of = ask()
    expect(await approvals.resume('op-1/P/1', result)).toBe(await of.run.outcome)
    expect(answers).toEqual([{ type: 'answered', result: expected, change: undefined }])
    expect(approvals.pending()).toEqual([])
    expect(clock.timers).toBe(0)
  })

  test('cancel refuses, with its reason', async () => {
    const { approvals, ask, answers } = bench()
    ask()
    await approvals.resume('op-1/P/1', hook.cancel('too dear'))
    expect(answers).toEqual([{ type: 'refused', code: 'HOOK_CANCELLED', reason: 'too dear' }])
  })

  test('the change that the gate found goes with the answer', async () => {
    const { approvals, ask, answers } = bench()
    const change = { data: { input: 1 }, patches: [], inversePatches: [] }
    ask({}, { check: async () => ({ change }) })
    await approvals.resume('op-1/P/1', hook.modified({ input: 1 }))
    expect(answers).toMatchObject([{ change }])
  })

  test.each<[string, unknown, string]>([
    ['false', false, 'is false instead of a hook result'],
    ['a text', 'yes', 'is "yes" instead of a hook result'],
    ['skipped', hook.skipped(), 'is skipped'],
    ['retry', hook.retry(), 'is retry'],
    ['redirect', hook.redirect('x'), 'is redirect'],
    ['another question', hook.suspend({ question: 'and now?' }), 'is suspend'],
    ['a cancel with an unknown key', { type: 'cancel', why: 1 }, 'is cancel with an unknown key "why"'],
  ])('%s is no answer, and it is still pending', async (_, result, problem) => {
    const { approvals, ask, answers } = bench()
    ask()
    const error = await rejectionOf(approvals.resume('op-1/P/1', result as never))
    expect(error.code).toBe('INVALID_RESUME')
    expect(error.message).toBe(
      `The answer to "go?" at P ${problem}. It is still pending; answer with true, or a modified, replace or cancel result.`,
    )
    expect(error.details).toEqual({ id: 'op-1/P/1', point: 'P' })
    expect(approvals.pending()).toHaveLength(1)
    expect(answers).toEqual([])
  })

  test.each([
    ['at once', () => ({ problem: 'does not fit' })],
    ['later', async () => ({ problem: 'does not fit' })],
  ])('what the gate cannot take is none, said %s', async (_, check) => {
    const { approvals, ask } = bench()
    ask({}, { check })
    const error = await rejectionOf(approvals.resume('op-1/P/1', hook.replace(1)))
    expect(error).toMatchObject({ code: 'INVALID_RESUME', message: expect.stringContaining('P does not fit.') })
    expect(approvals.pending()).toHaveLength(1)
  })

  test('of two answers at once the first counts', async () => {
    const { approvals, ask, answers } = bench()
    const gate = deferred()
    ask({}, { check: () => gate.promise.then(() => ({ change: undefined })) })
    const first = approvals.resume('op-1/P/1', hook.replace(1))
    const second = rejectionOf(approvals.resume('op-1/P/1', hook.replace(2)))
    gate.resolve()
    await first
    expect((await second).code).toBe('UNKNOWN_APPROVAL')
    expect(answers).toMatchObject([{ result: { value: 1 } }])
  })
})

describe('the schema of a question', () => {
  const schema = z.object({ limit: z.number().max(10) })
  const later = schema.refine(async ({ limit }) => limit > 0, 'must be over 0')

  test.each<[string, Partial<SuspendRequest>, Parameters<ReturnType<typeof bench>['approvals']['resume']>[1], string]>([
    ['a replacement', { schema }, hook.replace({ limit: 11 }), 'at P does not fit the schema of the question: "limit"'],
    ['a patch', { schema }, hook.modified({ limit: 'x' }), 'at P does not fit the schema of the question: "limit"'],
    ['a recipe', { schema }, hook.modified(() => undefined), 'is a recipe, but the question has a schema'],
    [
      'a replacement, later',
      { schema: later },
      hook.replace({ limit: 0 }),
      'does not fit the schema of the question: must be over 0',
    ],
  ])('holds for %s', async (_, request, answer, says) => {
    const { approvals, ask } = bench()
    ask(request)
    const error = await rejectionOf(approvals.resume('op-1/P/1', answer))
    expect(error.code).toBe('INVALID_RESUME')
    expect(error.message).toContain(says)
    expect(approvals.pending()).toHaveLength(1)
  })

  test.each([
    ['what fits', hook.replace({ limit: 10 })],
    ['a patch that fits', hook.modified({ limit: 1 })],
    ['true', true as const],
    ['cancel', hook.cancel()],
  ])('lets %s pass', async (_, answer) => {
    const { approvals, ask, answers } = bench()
    ask({ schema: later })
    await approvals.resume('op-1/P/1', answer)
    expect(answers).toHaveLength(1)
  })

  test('without one a recipe is an answer', async () => {
    const { approvals, ask, answers } = bench()
    ask()
    await approvals.resume(
      'op-1/P/1',
      hook.modified(() => undefined),
    )
    expect(answers).toHaveLength(1)
  })
})

describe('reject', () => {
  test.each([
    ['too dear', 'too dear'],
    [undefined, 'rejected'],
  ])('for %s refuses', async (given, reason) => {
    const { approvals, ask, answers } = bench()
    const of = ask()
    expect(await approvals.reject('op-1/P/1', given)).toBe(await of.run.outcome)
    expect(answers).toEqual([{ type: 'refused', code: 'APPROVAL_REJECTED', reason }])
  })
})

describe('which one is meant', () => {
  test('the id of the operation does when it waits for one thing only', async () => {
    const { approvals, ask, answers } = bench()
    ask()
    await approvals.resume('op-1')
    expect(answers).toHaveLength(1)
  })

  test('of two it does not', async () => {
    const { approvals, ask } = bench()
    ask({}, { of: ask() })
    expect((await rejectionOf(approvals.resume('op-1'))).code).toBe('UNKNOWN_APPROVAL')
    expect(approvals.pending()).toHaveLength(2)
  })

  test('other operations do not matter', async () => {
    const { approvals, ask, operation } = bench()
    ask()
    ask({}, { of: operation('op-2') })
    await approvals.reject('op-2')
    expect(approvals.pending().map(({ operationId }) => operationId)).toEqual(['op-1'])
  })

  test.each(['op-9', 'op-1/P/2', ''])('%j is nobody’s', async (id) => {
    const { approvals, ask } = bench()
    ask()
    const error = await rejectionOf(approvals.reject(id))
    expect(error.code).toBe('UNKNOWN_APPROVAL')
    expect(error.message).toBe(`No approval "${id}" is pending: it was answered, has expired, or never was.`)
    expect(error.details).toEqual({ id })
  })
})

describe('time', () => {
  test('at its deadline it is refused, not before', async () => {
    const { approvals, ask, answers, clock } = bench()
    ask({ expiresInMs: 100 })
    await clock.advance(99)
    expect(answers).toEqual([])
    await clock.advance(1)
    expect(answers).toEqual([{ type: 'refused', code: 'APPROVAL_EXPIRED', reason: 'nobody answered within 100 ms' }])
    expect(approvals.pending()).toEqual([])
    expect((await rejectionOf(approvals.resume('op-1/P/1'))).code).toBe('UNKNOWN_APPROVAL')
  })

  test('it is put once more to somebody else, with a fresh deadline', async () => {
    const { ask, answers, clock, only } = bench()
    ask({ expiresInMs: 100, escalateTo: 'ann', data: 1 })
    await clock.advance(100)
    expect(only()).toMatchObject({
      id: 'op-1/P/1',
      request: { question: 'go?', data: 1, escalatedTo: 'ann' },
      since: 0,
      expiresAt: 200,
    })
    await clock.advance(99)
    expect(answers).toEqual([])
    await clock.advance(1)
    expect(answers).toMatchObject([{ code: 'APPROVAL_EXPIRED' }])
  })

  test('a wait longer than a timer of the platform is several', async () => {
    const { ask, answers, clock } = bench()
    const set = vi.spyOn(clock, 'setTimeout')
    ask({ expiresInMs: '30d' })
    expect(set.mock.calls[0]?.[1]).toBe(2 ** 31 - 1)
    await clock.advance(30 * DAY_MS - 1)
    expect(answers).toEqual([])
    await clock.advance(1)
    expect(answers).toHaveLength(1)
    expect(set).toHaveBeenCalledTimes(2)
  })

  test.each([
    ['who was told at once that it waits does not wait for it', () => undefined, 1],
    ['who was not does', undefined, 0],
  ])('the process: %s', (_, onSuspended, unrefs) => {
    const { ask, clock, operation } = bench()
    const unref = vi.fn()
    vi.spyOn(clock, 'setTimeout').mockReturnValue({ unref })
    ask({}, { of: Object.assign(operation(), { onSuspended }) })
    expect(unref).toHaveBeenCalledTimes(unrefs)
  })
})

describe('abort', () => {
  test('ends the wait', async () => {
    const { approvals, ask, answers, clock } = bench()
    const of = ask()
    of.abort('enough')
    await clock.settle()
    expect(answers).toEqual([
      { type: 'refused', code: 'RUN_ABORTED', reason: 'the operation was aborted while it waited for an approval' },
    ])
    expect([approvals.pending().length, clock.timers]).toEqual([0, 0])
  })

  test('after the answer changes nothing', async () => {
    const { approvals, ask, answers, clock } = bench()
    const of = ask()
    await approvals.resume('op-1/P/1')
    of.abort('enough')
    await clock.settle()
    expect(answers).toHaveLength(1)
  })
})
