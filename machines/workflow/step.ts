/** `step`: the steps of workflows as they are described. */
import * as z from 'zod'
import { HookchartError, nameOf } from '../../src/errors.ts'
import { parseOptions } from '../../src/options.ts'
import type { AgentDefinition } from '../agent/definition.ts'
import { functionSchema, isSealed, jsonObjectSchema, keySchema, seal } from '../definition.ts'
import type { DefinitionType } from '../definition.ts'
import { retrySchema } from '../retry.ts'
import { standardSchema } from '../schema.ts'
import type { ToolDefinition } from '../tool/define-tool.ts'
import { timeoutSchema } from './options.ts'
import type { StepBuilder } from './step-builder.ts'
import type { AgentStep, MapInput, RunStep, ToolStep, WorkflowDefinition, WorkflowStep } from './tree.ts'

/** The reference system's `default_step_timeout`. */
const DEFAULT_TIMEOUT_MS = 30_000

const optionsSchema = z.strictObject({
  input: standardSchema.optional(),
  timeoutMs: timeoutSchema.optional(),
  retry: retrySchema.optional(),
  metadata: jsonObjectSchema.optional(),
  compensate: functionSchema<NonNullable<ToolStep['compensate']>>().optional(),
})

/** What all steps are, from what they are given. */
function fieldsOf(name: unknown, options: unknown, where: string, defaultTimeoutMs: number | undefined) {
  const given = parseOptions(z.object({ name: keySchema }), { name }, where)
  const { input, timeoutMs = defaultTimeoutMs, retry, ...rest } = parseOptions(optionsSchema, options ?? {}, where)
  return {
    name: given.name,
    input,
    timeoutMs: timeoutMs === false ? undefined : timeoutMs,
    retry,
    metadata: rest.metadata ?? Object.freeze({}),
    compensate: rest.compensate,
  }
}

/** The component of a step: a definition, or, where the system looks them up, the name of one. */
function parseComponent(given: unknown, type: DefinitionType, mayBeName: boolean, where: string): unknown {
  if (isSealed(given, type)) return given
  if (mayBeName && typeof given === 'string')
    return parseOptions(z.object({ [type]: keySchema }), { [type]: given }, where)[type]
  const maker =
    type === 'tool' ? 'defineTool' : type === 'agent' ? 'defineAgent' : 'sequential, conditional, loop or parallel'
  const problem = `the ${type} is ${nameOf(given)}`
  throw new HookchartError(
    'INVALID_OPTIONS',
    `${where}: ${problem}. Give what ${maker} gave${mayBeName ? `, or the name of ${type === 'agent' ? 'an' : 'a'} ${type}` : ''}.`,
    { details: { where, flaws: [{ path: type, problem }] } },
  )
}

function parseMapInput(given: unknown, where: string): MapInput | undefined {
  if (given === undefined || typeof given === 'function') return given as MapInput | undefined
  throw new HookchartError(
    'INVALID_HANDLER',
    `${where}: mapInput is ${nameOf(given)}, not a function. Options come behind it: pass undefined before them to leave it out.`,
    { details: { where } },
  )
}

/**
 * Makes the steps of workflows. What a step is given is the output of the one before, or the input of the workflow.
 *
 * A step's name is unique in its list. Tools and agents may be given by name; whether the system knows one is seen when
 * the workflow is handed to it. Functions get the state of the workflow as a draft: `state.count = 1`.
 *
 * @throws INVALID_OPTIONS, INVALID_HANDLER
 * @example
 * ```ts
 * import * as z from 'zod'
 * import { defineTool, step } from 'hookchart'
 * const wordCount = defineTool({
 *   name: 'word_count',
 *   description: 'counts words',
 *   input: z.object({ text: z.string() }),
 *   execute: ({ input }) => ({ words: input.text.split(' ').length }),
 * })
 * const count = step.tool('count', wordCount, ({ input }: { input: string }) => ({ text: input }))
 * const double = step.run('double', ({ input }: { input: { words: number } }) => input.words * 2, { timeoutMs: '1s' })
 * console.assert(count.type === 'tool' && count.timeoutMs === 30_000 && double.timeoutMs === 1_000)
 * ```
 */
export const step: StepBuilder = Object.freeze({
  tool(name: string, tool: unknown, mapInput?: unknown, options?: unknown): ToolStep {
    const where = `step.tool(${nameOf(name)})`
    return seal('step', {
      ...fieldsOf(name, options, where, DEFAULT_TIMEOUT_MS),
      type: 'tool' as const,
      tool: parseComponent(tool, 'tool', true, where) as ToolDefinition | string,
      mapInput: parseMapInput(mapInput, where),
    })
  },
  agent(name: string, agent: unknown, mapInput?: unknown, options?: unknown): AgentStep {
    const where = `step.agent(${nameOf(name)})`
    return seal('step', {
      ...fieldsOf(name, options, where, DEFAULT_TIMEOUT_MS),
      type: 'agent' as const,
      agent: parseComponent(agent, 'agent', true, where) as AgentDefinition | string,
      mapInput: parseMapInput(mapInput, where),
    })
  },
  workflow(name: string, workflow: unknown, mapInput?: unknown, options?: unknown): WorkflowStep {
    const where = `step.workflow(${nameOf(name)})`
    return seal('step', {
      ...fieldsOf(name, options, where, undefined),
      type: 'workflow' as const,
      workflow: parseComponent(workflow, 'workflow', false, where) as WorkflowDefinition,
      mapInput: parseMapInput(mapInput, where),
    })
  },
  run(name: string, execute: unknown, options?: unknown): RunStep {
    const where = `step.run(${nameOf(name)})`
    if (typeof execute !== 'function') {
      throw new HookchartError('INVALID_HANDLER', `${where}: the effect is ${nameOf(execute)}, not a function.`, {
        details: { where },
      })
    }
    return seal('step', {
      ...fieldsOf(name, options, where, DEFAULT_TIMEOUT_MS),
      type: 'run' as const,
      execute: execute as RunStep['execute'],
    })
  },
}) as StepBuilder
