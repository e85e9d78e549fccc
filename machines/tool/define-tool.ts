/** `defineTool`: a tool as it is described. What runs it and holds its limits is elsewhere. */
import type { StandardSchemaV1 } from '@standard-schema/spec'
import * as z from 'zod'
import { parseOptions } from '../../src/options.ts'
import { HookchartError, nameOf } from '../../src/errors.ts'
import type { CallTarget, ToolCall } from '../call.ts'
import {
  componentNameSchema,
  componentOf,
  describe,
  describedShape,
  functionSchema,
  jsonObjectSchema,
  seal,
  textsSchema,
} from '../definition.ts'
import type { DefinedComponent, Described } from '../definition.ts'
import { standardSchema } from '../schema.ts'
import type { SchemaOutput, Work } from '../schema.ts'
import { limitsFor, limitsSchema } from './limits.ts'
import type { ToolIsolation, ToolLimitOptions, ToolLimitPreset, ToolLimits } from './limits.ts'

/** How much a tool may do: safe < restricted < privileged. A system refuses those above its maximum. */
export type SecurityLevel = 'safe' | 'restricted' | 'privileged'

/** What a tool says it touches outside: for hooks and people who decide. */
export interface ToolPermissions {
  /** Paths or globs; default none. */
  readonly files: readonly string[]
  /** Hosts; default none. */
  readonly network: readonly string[]
  /** Names of environment variables; default none. */
  readonly env: readonly string[]
}

/** What a tool says it does, in the terms and with the defaults of the Model Context Protocol: the worst is assumed. */
export interface ToolAnnotations {
  /** It changes nothing. Default false. */
  readonly readOnly: boolean
  /** It may destroy what was there. Default true, and false when it is `readOnly`. */
  readonly destructive: boolean
  /** Doing it again with the same input changes nothing more. Default false, and true when it is `readOnly`. */
  readonly idempotent: boolean
}

/** What {@link defineTool} takes. Strict: an unknown key is refused. */
export interface DefineToolOptions<
  Name extends string,
  Input extends StandardSchemaV1,
  Output extends StandardSchemaV1 | undefined,
  Result,
> {
  /** What it is called by; unique in a system. No `*`, which is for globs. */
  readonly name: Name
  /** What it does, for people and models. Not empty. */
  readonly description: string
  /** Any Standard Schema. Hooks see and change the raw input; `execute` gets the parsed one. */
  readonly input: Input
  /** Any Standard Schema for what `execute` gives; what it makes of it is the output. Default: the output is what it gives. */
  readonly output?: Output
  /** Default `restricted`: a tool counts as safe when it says so. */
  readonly level?: SecurityLevel
  /** What kind of tool it is; default `custom`. */
  readonly category?: string
  /** What it can do, for `discover`; default nothing. */
  readonly capabilities?: readonly string[]
  readonly tags?: readonly string[]
  /** Default `1.0.0`. */
  readonly version?: string
  readonly permissions?: Partial<ToolPermissions>
  readonly annotations?: Partial<ToolAnnotations>
  /**
   * Where it runs; default `inline`.
   *
   * For `worker` (a thread) and `process`, one of its own for each execution, the text of `execute` is sent there. So it may use
   * only what it is called with, globals, and modules that it takes with `await import(…)` itself: by names that Node finds
   * from the working directory. Anything else of where it was written is a ReferenceError. Input and output are copied by
   * structured clone; `emit` gives a promise there. When it is aborted or its deadline comes its signal is aborted, and a
   * quarter of a second later the thread or process is ended.
   */
  readonly isolation?: ToolIsolation
  /** Default the preset `default`, of which those limits hold that can be held with this isolation. */
  readonly limits?: ToolLimitPreset | ToolLimitOptions
  /** The JSON Schema of the input for models, where `input` cannot give one itself. */
  readonly inputJsonSchema?: Readonly<Record<string, unknown>>
  /** The work. May be asynchronous; obeys its signal. */
  readonly execute: Work<ToolCall<StandardSchemaV1.InferOutput<Input>>, Output, Result>
}

/** A tool: what {@link defineTool} gives. Frozen; all defaults are filled in. `Input` is the raw input. */
export interface ToolDefinition<Input = unknown, Output = unknown, Name extends string = string>
  extends CallTarget<'tool', Input, Output, Name>, Described {
  /** What hooks see; see `hooks.for`, which takes the definition as well. */
  readonly component: DefinedComponent<Input, Output>
  readonly input: StandardSchemaV1<Input, unknown>
  readonly output: StandardSchemaV1<unknown, Output> | undefined
  readonly level: SecurityLevel
  readonly category: string
  readonly capabilities: readonly string[]
  readonly permissions: ToolPermissions
  readonly annotations: ToolAnnotations
  readonly isolation: ToolIsolation
  /** What holds; a limit that is absent does not. */
  readonly limits: ToolLimits
  readonly inputJsonSchema: Readonly<Record<string, unknown>> | undefined
  readonly execute: (call: ToolCall<never>) => unknown
}

const permissionsSchema = z.strictObject({
  files: textsSchema.optional(),
  network: textsSchema.optional(),
  env: textsSchema.optional(),
})

const annotationsSchema = z
  .strictObject({
    readOnly: z.boolean().optional(),
    destructive: z.boolean().optional(),
    idempotent: z.boolean().optional(),
  })
  .refine(({ readOnly, destructive }) => readOnly !== true || destructive !== true, {
    path: ['destructive'],
    error: 'expected false: what is readOnly destroys nothing',
  })

const schema = z.strictObject({
  ...describedShape,
  name: componentNameSchema,
  description: z.string().min(1, 'expected a description that is not empty'),
  input: standardSchema,
  output: standardSchema.optional(),
  level: z.enum(['safe', 'restricted', 'privileged']).optional(),
  category: componentNameSchema.optional(),
  capabilities: textsSchema.optional(),
  permissions: permissionsSchema.optional(),
  annotations: annotationsSchema.optional(),
  isolation: z.enum(['inline', 'worker', 'process']).optional(),
  limits: limitsSchema.optional(),
  inputJsonSchema: jsonObjectSchema.optional(),
  execute: functionSchema<ToolDefinition['execute']>(),
})

/** What is not written as text, such as a bound function, cannot be sent as text. */
function assertSource(execute: unknown, isolation: ToolIsolation = 'inline', where: string): void {
  const source = Function.prototype.toString.call(execute)
  if (isolation === 'inline' || !/\{\s*\[native code\]\s*\}$/.test(source)) return
  const problem = 'a bound or built-in function has no text that could be sent'
  throw new HookchartError('INVALID_OPTIONS', `${where}: "execute": ${problem}. Wrap it in a function.`, {
    details: { where, flaws: [{ path: 'execute', problem }] },
  })
}

/**
 * Describes a tool: a function with a schema, a security level and limits. Nothing runs and nothing is registered.
 *
 * `hooks.for(tool)` types hooks by it. The types of input and output come from the schemas; without `output` the output is what
 * `execute` gives.
 *
 * @throws INVALID_OPTIONS, LIMIT_NOT_ENFORCEABLE for a limit that is asked for and cannot be held with the isolation
 * @example
 * ```ts
 * import * as z from 'zod'
 * import { defineTool } from 'hookchart'
 * const wordCount = defineTool({
 *   name: 'word_count',
 *   description: 'counts words',
 *   input: z.object({ text: z.string() }),
 *   output: z.object({ words: z.number() }),
 *   level: 'safe',
 *   limits: { preset: 'strict', timeoutMs: '2s' },
 *   execute: ({ input }) => ({ words: input.text.split(/\s+/).filter(Boolean).length }),
 * })
 * console.assert(wordCount.version === '1.0.0' && wordCount.limits.timeoutMs === 2_000)
 * ```
 */
export function defineTool<
  const Name extends string,
  Input extends StandardSchemaV1,
  Result,
  Output extends StandardSchemaV1 | undefined = undefined,
>(
  options: DefineToolOptions<Name, Input, Output, Result>,
): ToolDefinition<StandardSchemaV1.InferInput<Input>, SchemaOutput<Output, Result>, Name>
export function defineTool(options: object): ToolDefinition {
  const where = `defineTool(${nameOf((options as { name?: unknown } | undefined)?.name)})`
  const given = parseOptions(schema, options, where)
  assertSource(given.execute, given.isolation, where)
  const { isolation = 'inline', permissions = {}, annotations = {}, ...rest } = given
  const { readOnly = false, destructive = !readOnly, idempotent = readOnly } = annotations
  const { files = [], network = [], env = [] } = permissions
  const definition: ToolDefinition = {
    ...describe(given),
    type: 'tool',
    name: rest.name,
    component: componentOf('tool', rest.name),
    input: rest.input,
    output: rest.output,
    level: rest.level ?? 'restricted',
    category: rest.category ?? 'custom',
    capabilities: Object.freeze([...(rest.capabilities ?? [])]),
    permissions: Object.freeze({
      files: Object.freeze([...files]),
      network: Object.freeze([...network]),
      env: Object.freeze([...env]),
    }),
    annotations: Object.freeze({ readOnly, destructive, idempotent }),
    isolation,
    limits: limitsFor(rest.limits, isolation, where),
    inputJsonSchema: rest.inputJsonSchema,
    execute: rest.execute,
  }
  return seal('tool', definition)
}
