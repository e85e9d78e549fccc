/** What an approval is asked with, knows, is told and comes to. */
import * as z from 'zod'
import type { ErrorCode } from '../../src/errors.ts'
import { parseOptions } from '../../src/options.ts'
import { jsonSchema } from '../definition.ts'

/** What is asked, and how long. */
export interface ApprovalInput {
  readonly question: string
  /** JSON. */
  readonly data?: unknown
  /** How long each one that is asked has. */
  readonly expiresInMs: number
  /** Who is asked when nobody has answered in that time; absent: nobody else. */
  readonly escalateTo?: string
  /** When it is asked. */
  readonly since: number
}

/** An answer as data; a recipe of a `modified` is no JSON and comes as the patch that it makes. */
export interface ApprovalAnswer {
  readonly type: string
  readonly value?: unknown
  readonly patch?: unknown
  readonly reason?: string
}

/** The codes that refusals have. */
export type RefusalCode = Extract<
  ErrorCode,
  'HOOK_CANCELLED' | 'APPROVAL_REJECTED' | 'APPROVAL_EXPIRED' | 'RUN_ABORTED'
>

/** What an approval knows; JSON. */
export interface ApprovalContext {
  readonly request: { readonly question: string; readonly data?: unknown; readonly escalatedTo?: string }
  readonly since: number
  readonly expiresAt: number
  readonly expiresInMs: number
  readonly escalateTo: string | null
  /** What was answered, once it was. */
  readonly answer: ApprovalAnswer | null
  /** Why it was refused, once it was. */
  readonly refusal: { readonly code: RefusalCode; readonly reason: string } | null
}

/** What an approval is told. */
export type ApprovalEvent =
  /** `continue`, `modified`, `replace` or `cancel`; anything else is no answer, and it stays pending. */
  | { readonly type: 'ANSWER'; readonly answer: ApprovalAnswer }
  | { readonly type: 'REJECT'; readonly reason: string }
  /** What waits for it was aborted. */
  | { readonly type: 'ABORT' }

/** How an approval has ended. */
export type ApprovalOutput =
  | { readonly type: 'answered'; readonly answer: ApprovalAnswer }
  | { readonly type: 'refused'; readonly code: RefusalCode; readonly reason: string }

const inputSchema = z.strictObject({
  question: z.string(),
  data: jsonSchema.optional(),
  expiresInMs: z.number().positive(),
  escalateTo: z.string().optional(),
  since: z.number(),
})

/** An approval that nobody has answered yet. Throws INVALID_OPTIONS. */
export function beginApproval(input: ApprovalInput): ApprovalContext {
  const {
    question,
    data,
    expiresInMs,
    escalateTo = null,
    since,
  } = parseOptions(inputSchema, input, 'input of approval')
  return {
    request: { question, ...(data !== undefined && { data }) },
    since,
    expiresAt: since + expiresInMs,
    expiresInMs,
    escalateTo,
    answer: null,
    refusal: null,
  }
}
