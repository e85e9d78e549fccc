/** The options that all four patterns share, and how they are checked. */
import type { StandardSchemaV1 } from '@standard-schema/spec'
import * as z from 'zod'
import { positiveDurationSchema } from '../../src/duration.ts'
import type { Duration } from '../../src/duration.ts'
import { HookchartError, nameOf } from '../../src/errors.ts'
import {
  assertUnique,
  componentNameSchema,
  componentOf,
  describe,
  describedShape,
  isSealed,
  jsonObjectSchema,
  keySchema,
} from '../definition.ts'
import { retrySchema } from '../retry.ts'
import type { RetryOptions } from '../retry.ts'
import { standardSchema } from '../schema.ts'
import { textOrObject } from '../text-or-object.ts'
import type { Step, WorkflowDefinition } from './tree.ts'

/** What all workflows take. */
export interface WorkflowOptions<
  Name extends string,
  Input extends StandardSchemaV1 | undefined,
  Output extends StandardSchemaV1 | undefined,
> {
  /** What it is called by; unique in a system. No `*`, which is for globs. */
  readonly name: Name
  readonly description?: string
  /** Any Standard Schema. Hooks see and change the raw input; the steps get the parsed one. Default: any input. */
  readonly input?: Input
  /** Any Standard Schema for the output. */
  readonly output?: Output
  /** How long one run may take, `false` for as long as it likes. Default 5 minutes, for `parallel` 1 hour. */
  readonly timeoutMs?: Duration | false
  /** For hooks: `ctx.workflow.metadata`. JSON; default empty. */
  readonly metadata?: Readonly<Record<string, unknown>>
  readonly tags?: readonly string[]
  /** Default `1.0.0`. */
  readonly version?: string
}

/** What a failed step does to its workflow, as it is written. */
export type ErrorPolicyOption = 'fail_fast' | 'continue' | { readonly retry: RetryOptions }

/** A time limit that can be turned off. */
export const timeoutSchema = z.union([z.literal(false), positiveDurationSchema], {
  error: "expected a duration greater than 0, such as 100 or '5s', or false",
})

/** The options of all workflows as a schema. */
export const workflowShape = {
  ...describedShape,
  name: componentNameSchema,
  input: standardSchema.optional(),
  output: standardSchema.optional(),
  timeoutMs: timeoutSchema.optional(),
  metadata: jsonObjectSchema.optional(),
}

/** The option `onError`. */
export const onErrorSchema = textOrObject(
  z.enum(['fail_fast', 'continue'], {
    error: "expected 'fail_fast', 'continue', or { retry: { maxAttempts, backoff } }",
  }),
  z.strictObject({ retry: retrySchema }).transform((policy) => Object.freeze(policy)),
)

const stepSchema = z.custom<Step>((value) => isSealed(value, 'step'), {
  error: 'expected what step.tool, step.agent, step.workflow or step.run gave',
})

/** A list of steps: at least one. */
export const stepsSchema = z.array(stepSchema).min(1, 'expected at least one step')

/** The name of a branch, which its output is kept under. */
export const branchNameSchema = keySchema

/** Steps as a definition holds them. Their names tell them apart within one list. */
export function stepsOf(steps: readonly Step[], where: string): readonly Step[] {
  assertUnique(
    steps.map(({ name }) => name),
    'steps',
    where,
  )
  return Object.freeze([...steps])
}

/** The reference system's longest run of a workflow; of a parallel one, what it waits at most for its branches. */
export const DEFAULT_TIMEOUT_MS = 300_000
export const PARALLEL_TIMEOUT_MS = 3_600_000

type SharedFields = Pick<
  WorkflowDefinition,
  'type' | 'name' | 'component' | 'description' | 'version' | 'tags' | 'input' | 'output' | 'timeoutMs' | 'metadata'
>

/** What all workflows are, from parsed options. */
export function workflowFields(
  given: z.output<z.ZodObject<typeof workflowShape>>,
  defaultTimeoutMs: number = DEFAULT_TIMEOUT_MS,
): SharedFields {
  const { name, timeoutMs = defaultTimeoutMs, metadata = Object.freeze({}) } = given
  return {
    ...describe(given),
    type: 'workflow',
    name,
    component: componentOf('workflow', name),
    input: given.input,
    output: given.output,
    timeoutMs: timeoutMs === false ? undefined : timeoutMs,
    metadata,
  }
}

/** How errors name a definition in the making. */
export function placeOf(what: string, options: unknown): string {
  return `${what}(${nameOf((options as { name?: unknown } | undefined | null)?.name)})`
}

/** The error for options that do not go together. */
export function unfit(where: string, path: string, problem: string, advice: string): HookchartError<'INVALID_OPTIONS'> {
  return new HookchartError('INVALID_OPTIONS', `${where}: "${path}": ${problem}. ${advice}`, {
    details: { where, flaws: [{ path, problem }] },
  })
}
