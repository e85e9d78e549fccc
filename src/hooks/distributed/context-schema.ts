/** The wire form of a distributed context: its parts, their bounds and defaults. */
import * as z from 'zod'
import { positiveDurationSchema } from '../../duration.ts'
import { isHookchartError } from '../../errors.ts'
import { agentInputSchema, agentSchema, identityInputSchema, identitySchema, oncePerAgent } from './agent.ts'
import type { AgentIdentity } from './agent.ts'
import { COMPONENT_TYPES } from '../points/point.ts'
import { parseBaggage } from './baggage.ts'
import { parseTraceparent } from './traceparent.ts'
import { parseTracestate } from './tracestate.ts'

/** The form that this release writes and reads. */
export const PROTOCOL_VERSION = 1

const recordSchema = z.record(z.string(), z.unknown())
const timeSchema = z.number().nonnegative()
const countSchema = z.int().nonnegative()

/** Any protocol version; which one can be read is asked when the shape is known to be right. */
export const versionSchema = z.int().positive()

const hookSchema = z.strictObject({
  point: z.string().min(1, 'expected the id of a hook point'),
  component: z.strictObject({
    type: z.enum(COMPONENT_TYPES),
    name: z.string(),
    id: z.string(),
  }),
  data: recordSchema,
  metadata: recordSchema,
  correlationId: z.string().min(1, 'expected text that is not empty').max(200, 'expected at most 200 characters'),
  operation: z.strictObject({ id: z.string(), attempt: countSchema, gatePass: countSchema }),
  language: z.enum(['native', 'lua', 'javascript', 'python', 'unknown']),
  timestamp: timeSchema,
})

const prioritySchema = z.enum(['low', 'normal', 'high', 'critical'])

/** The flags as callers write them; its output is complete. */
const flagsInputSchema = z.strictObject({
  broadcast: z.boolean().default(false),
  awaitRemote: z.boolean().default(false),
  remoteTimeoutMs: positiveDurationSchema.default(30_000),
  continueOnFailure: z.boolean().default(true),
  priority: prioritySchema.default('normal'),
})

const flagsSchema = z.strictObject({
  broadcast: z.boolean(),
  awaitRemote: z.boolean(),
  remoteTimeoutMs: z.number().positive(),
  continueOnFailure: z.boolean(),
  priority: prioritySchema,
})

/** A header's text, by the function that throws when it is malformed. */
function header(parse: (text: string) => unknown) {
  return z.string().superRefine((text, check) => {
    try {
      parse(text)
    } catch (error) {
      if (!isHookchartError(error)) throw error
      check.addIssue({ code: 'custom', message: error.message.replace(/\.$/, '') })
    }
  })
}

const headers = {
  traceparent: header(parseTraceparent),
  tracestate: header(parseTracestate),
  baggage: header(parseBaggage),
}

const traceSchema = z.strictObject({
  traceparent: headers.traceparent,
  tracestate: headers.tracestate.optional(),
  baggage: headers.baggage.optional(),
})

const traceInputSchema = traceSchema
  .partial()
  .refine(({ traceparent, tracestate }) => tracestate === undefined || traceparent !== undefined, {
    path: ['tracestate'],
    message: 'a tracestate belongs to a traceparent; pass both or neither',
  })

const errorSchema = z.strictObject({
  code: z.string(),
  name: z.string(),
  message: z.string(),
  retryable: z.boolean(),
  details: recordSchema.optional(),
  cause: z.unknown().optional(),
})

/** One agent's answer, by how its agent is written. */
function resultOf<Agent extends z.ZodType<AgentIdentity>>(agent: Agent) {
  return z
    .strictObject({
      agent,
      status: z.enum(['completed', 'partial', 'failed', 'cancelled', 'timed_out']),
      output: z.unknown().optional(),
      error: errorSchema.optional(),
      durationMs: timeSchema,
      at: timeSchema,
    })
    .superRefine(({ status, output, error }, check) => {
      const good = status === 'completed' || status === 'partial'
      const stray = good ? error !== undefined && 'error' : output !== undefined && 'output'
      if (stray)
        check.addIssue({ code: 'custom', path: [stray], message: `a result that is ${status} has no ${stray}` })
    })
}

/** An answer as callers write it; its output is the answer in a context. */
export const resultInputSchema = resultOf(identityInputSchema)

/** A whole context. */
export const contextSchema = z.strictObject({
  version: versionSchema,
  source: agentSchema,
  targets: oncePerAgent(agentSchema, (agent) => agent),
  hook: hookSchema,
  trace: traceSchema,
  hops: z
    .strictObject({ max: countSchema, taken: countSchema })
    .refine(({ max, taken }) => taken <= max, { path: ['taken'], message: 'expected no more hops than hops.max' }),
  flags: flagsSchema,
  results: oncePerAgent(resultOf(identitySchema), ({ agent }) => agent),
  metadata: recordSchema,
})

/** What `createDistributedContext` takes, with its defaults. */
export const contextInputSchema = z.strictObject({
  source: agentInputSchema,
  targets: oncePerAgent(agentInputSchema, (agent) => agent).default([]),
  hook: hookSchema,
  trace: traceInputSchema.default({}),
  maxHops: countSchema.default(3),
  flags: flagsInputSchema.prefault({}),
  metadata: recordSchema.default({}),
})
