/** Approvals: what suspended hooks wait for. Asked here, answered from outside, each exactly once. */
import { HookchartError } from '../../errors.ts'
import { LONGEST_TIMER_MS } from '../../ports/clock.ts'
import type { Change } from '../change.ts'
import type { ComponentInfo } from '../context.ts'
import type { Decision } from '../decision.ts'
import { checkBySchema } from '../points/schema.ts'
import { checkResult } from '../check-result.ts'
import type { CheckedResult } from '../check-result.ts'
import type { HookResult } from '../result.ts'
import type { RunResult } from '../run-result.ts'
import { isPromise } from '../flow.ts'
import type { Operation } from './operation.ts'
import type { Time } from './time.ts'

/** What is asked, of whom. */
export interface ApprovalRequest {
  readonly question: string
  readonly data?: unknown
  /** Who is to answer; there once it was escalated. */
  readonly escalatedTo?: string
}

/** A pending approval. */
export interface PendingApproval {
  readonly id: string
  readonly request: ApprovalRequest
  readonly point: string
  readonly component: ComponentInfo
  readonly correlationId: string
  /** The operation that waits. */
  readonly operationId: string
  readonly hook: string
  readonly since: number
  readonly expiresAt: number
}

/** What a wait ends with: an answer that the gate accepts, or the code of a refusal. */
export type Answer =
  | { readonly type: 'answered'; readonly result: CheckedResult; readonly change: Change | undefined }
  | {
      readonly type: 'refused'
      readonly code: 'HOOK_CANCELLED' | 'APPROVAL_REJECTED' | 'APPROVAL_EXPIRED' | 'RUN_ABORTED'
      readonly reason: string
    }

/** Whether a gate can take an answer: the change it makes, or what is wrong with it. */
export type AnswerCheck = (result: CheckedResult) => AnswerVerdict | Promise<AnswerVerdict>
type AnswerVerdict = { readonly problem: string } | { readonly change: Change | undefined }

/** A question to put. */
export interface Question {
  readonly operation: Operation
  readonly point: string
  readonly hook: string
  readonly ask: Extract<CheckedResult, { type: 'suspend' }>
  readonly check: AnswerCheck
}

interface Waiting {
  pending: PendingApproval
  readonly question: Question
  readonly settle: (answer: Answer) => void
  timer: unknown
}

/** What `hooks.approvals` offers. */
export interface ApprovalsApi {
  /** What waits for an answer, oldest first. */
  pending(): readonly PendingApproval[]
  /**
   * Answers: `undefined` or `true` to go on, or a `modified`, `replace` or `cancel` result. The id is that of the approval, or of the operation
   * when it waits for one thing only. Gives the promise of what the operation comes to.
   *
   * Rejects with UNKNOWN_APPROVAL, or INVALID_RESUME (and it is still pending).
   */
  resume(id: string, result?: true | HookResult): Promise<RunResult | Decision>
  /** Refuses: the operation is cancelled with APPROVAL_REJECTED. */
  reject(id: string, reason?: string): Promise<RunResult | Decision>
}

/** See the head of this file. */
export class Approvals implements ApprovalsApi {
  readonly #time: Time
  readonly #waiting = new Map<string, Waiting>()

  constructor(time: Time) {
    this.#time = time
  }

  pending(): readonly PendingApproval[] {
    return [...this.#waiting.values()].map(({ pending }) => pending)
  }

  async resume(id: string, result?: true | HookResult): Promise<RunResult | Decision> {
    const waiting = this.#find(id)
    const { pending, question } = waiting
    const checked = checkResult(result === true ? undefined : result)
    if (typeof checked === 'string') throw invalidResume(pending, checked.replace(/^returned/, 'is'))
    if (!ANSWERS.includes(checked.type)) throw invalidResume(pending, `is ${checked.type}`)
    const problem = validate(question.ask, checked)
    const asked = isPromise(problem) ? await problem : problem
    const checking = asked === undefined ? question.check(checked) : { problem: asked }
    const verdict = isPromise(checking) ? await checking : checking
    if ('problem' in verdict) throw invalidResume(pending, verdict.problem)
    if (this.#waiting.get(pending.id) !== waiting) throw unknownApproval(id)
    if (checked.type === 'cancel') waiting.settle({ type: 'refused', code: 'HOOK_CANCELLED', reason: checked.reason })
    else waiting.settle({ type: 'answered', result: checked, change: verdict.change })
    return question.operation.run.outcome
  }

  async reject(id: string, reason = 'rejected'): Promise<RunResult | Decision> {
    const { settle, question } = this.#find(id)
    settle({ type: 'refused', code: 'APPROVAL_REJECTED', reason })
    return question.operation.run.outcome
  }

  /** Puts a question; the promise never rejects. Aborting the operation answers it. */
  ask(question: Question): Promise<Answer> {
    const { operation, ask, point, hook } = question
    const id = `${operation.id}/${point}/${String(operation.countQuestion(point))}`
    const since = this.#time.now()
    const goOn = operation.standStill()
    return new Promise((resolve) => {
      const waiting: Waiting = {
        question,
        timer: undefined,
        settle: (answer) => {
          this.#waiting.delete(id)
          this.#time.clock.clearTimeout(waiting.timer)
          stopListening()
          goOn()
          resolve(answer)
        },
        pending: {
          id,
          request: { question: ask.question, ...(ask.data !== undefined && { data: ask.data }) },
          point,
          component: operation.component,
          correlationId: operation.run.correlationId,
          operationId: operation.id,
          hook,
          since,
          expiresAt: since + ask.expiresInMs,
        },
      }
      const stopListening = operation.onAbort(() => {
        waiting.settle({
          type: 'refused',
          code: 'RUN_ABORTED',
          reason: 'the operation was aborted while it waited for an approval',
        })
      })
      this.#waiting.set(id, waiting)
      this.#expireLater(waiting)
      operation.onSuspended?.(id)
    })
  }

  #expireLater(waiting: Waiting): void {
    const leftMs = waiting.pending.expiresAt - this.#time.now()
    waiting.timer = this.#time.clock.setTimeout(
      () => {
        if (this.#time.now() < waiting.pending.expiresAt) this.#expireLater(waiting)
        else this.#expire(waiting)
      },
      Math.min(Math.max(0, leftMs), LONGEST_TIMER_MS),
    )
    // Whoever was told at once that it is suspended does not wait for it, so neither does the process.
    if (waiting.question.operation.onSuspended !== undefined)
      (waiting.timer as { unref?: () => void } | undefined)?.unref?.()
  }

  #expire(waiting: Waiting): void {
    const { pending, question } = waiting
    const { escalateTo, expiresInMs } = question.ask
    if (escalateTo === undefined || pending.request.escalatedTo !== undefined) {
      waiting.settle({
        type: 'refused',
        code: 'APPROVAL_EXPIRED',
        reason: `nobody answered within ${String(expiresInMs)} ms`,
      })
      return
    }
    waiting.pending = {
      ...pending,
      request: { ...pending.request, escalatedTo: escalateTo },
      expiresAt: this.#time.now() + expiresInMs,
    }
    this.#expireLater(waiting)
  }

  #find(id: string): Waiting {
    const exact = this.#waiting.get(id)
    if (exact !== undefined) return exact
    const ofOperation = [...this.#waiting.values()].filter(
      ({ pending, question }) => pending.operationId === id || question.operation.run.id === id,
    )
    if (ofOperation.length === 1) return ofOperation[0] as Waiting
    throw unknownApproval(id)
  }
}

const ANSWERS = ['continue', 'modified', 'replace', 'cancel']

/** Checks what an answer gives by the schema that was asked with. */
function validate(
  { schema }: Question['ask'],
  answer: CheckedResult,
): string | undefined | Promise<string | undefined> {
  if (schema === undefined || (answer.type !== 'replace' && answer.type !== 'modified')) return undefined
  if (answer.type === 'replace') return checkBySchema(schema, answer.value)
  return typeof answer.patch === 'function'
    ? 'is a recipe, but the question has a schema for its answer: give a patch'
    : checkBySchema(schema, answer.patch)
}

function invalidResume({ id, request, point }: PendingApproval, problem: string): HookchartError {
  return new HookchartError(
    'INVALID_RESUME',
    `The answer to "${request.question}" at ${point} ${problem}. It is still pending; answer with true, or a modified, replace or cancel result.`,
    { details: { id, point } },
  )
}

function unknownApproval(id: string): HookchartError {
  return new HookchartError(
    'UNKNOWN_APPROVAL',
    `No approval "${id}" is pending: it was answered, has expired, or never was.`,
    { details: { id } },
  )
}
