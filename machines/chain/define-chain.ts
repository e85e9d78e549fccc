/** `defineChain`: components and what each comes after, as they are described. What runs them is elsewhere. */
import type { StandardSchemaV1 } from '@standard-schema/spec'
import * as z from 'zod'
import type { Duration } from '../../src/duration.ts'
import { nameOf } from '../../src/errors.ts'
import type { ComponentInfo, ComponentRef } from '../../src/hooks/context.ts'
import { parseOptions } from '../../src/options.ts'
import type { CallTarget } from '../call.ts'
import { componentNameSchema, componentOf, describe, describedShape, jsonObjectSchema, seal } from '../definition.ts'
import type { DefinedComponent, Described } from '../definition.ts'
import { standardSchema } from '../schema.ts'
import type { SchemaInput, SchemaOutput } from '../schema.ts'
import { timeoutSchema } from '../workflow/options.ts'
import { parseComponent, parseEntry } from './component.ts'
import type { ChainComponent, ChainComponentEntry, ChainComponentOptions, ChainScope } from './component.ts'
import { assertGraph } from './graph.ts'

/** What {@link defineChain} takes besides the name. Strict: an unknown key is refused. */
export interface DefineChainOptions<Input extends StandardSchemaV1 | undefined = StandardSchemaV1 | undefined> {
  readonly description?: string
  /** Any Standard Schema. Hooks see and change the raw input; the components get the parsed one. Default: any input. */
  readonly input?: Input
  /** How long one run may take, `false` for as long as it likes. Default 5 minutes. */
  readonly timeoutMs?: Duration | false
  /** How many components run at once, from 1; default 4. */
  readonly maxConcurrency?: number
  /** For hooks; JSON, default empty. */
  readonly metadata?: Readonly<Record<string, unknown>>
  readonly tags?: readonly string[]
  /** Default `1.0.0`. */
  readonly version?: string
  /** The object form: all components at once, in any order; at least one. */
  readonly components?: readonly ChainComponentEntry<SchemaOutput<Input>>[]
}

/** A component that gets the input of the chain. */
export type PlainChainOptions<Id extends string, Output> = ChainComponentOptions<Id, Output> & {
  readonly input?: undefined
}

/** A component whose input is made from that of the chain and the results so far. */
export type MappedChainOptions<Id extends string, Output, Scope, Input> = ChainComponentOptions<Id, Output> & {
  readonly input: (scope: Scope) => Input
}

/**
 * A chain: what {@link defineChain} gives. Frozen; adding a component gives a new chain and leaves this one as it is.
 *
 * `Input` is the raw input, as far as it is known: what the schema takes, or what the components need that get the input of the
 * chain. `Output` is the outputs by id. `Given` is what the components see of the input.
 */
export interface ChainDefinition<
  Input = unknown,
  Output = Readonly<Record<string, unknown>>,
  Given = Input,
  Name extends string = string,
>
  extends ComponentRef<Input, Output>, Described {
  readonly type: 'chain'
  readonly name: Name
  /** What hooks see; see `hooks.for`, which takes the definition as well. */
  readonly component: DefinedComponent<Input, Output>
  readonly input: StandardSchemaV1<Input, unknown> | undefined
  /** Undefined: no limit of its own. */
  readonly timeoutMs: number | undefined
  readonly maxConcurrency: number
  /** JSON, for hooks. */
  readonly metadata: Readonly<Record<string, unknown>>
  readonly components: readonly ChainComponent[]
  /** Adds a tool. Those that it comes after must be there. */
  readonly tool: AddComponent<'tool', Input, Output, Given, Name>
  /** Adds an agent. Those that it comes after must be there. */
  readonly agent: AddComponent<'agent', Input, Output, Given, Name>
  /** Adds a workflow. Those that it comes after must be there. */
  readonly workflow: AddComponent<'workflow', Input, Output, Given, Name>
}

/** Adds a component to a chain and gives the new chain. Throws INVALID_OPTIONS, DUPLICATE_NAME, GRAPH_CYCLE. */
export interface AddComponent<Type extends string, Input, Output, Given, Name extends string> {
  <Needed, Made, Called extends string, const Id extends string = Called>(
    component: CallTarget<Type, Needed, Made, Called>,
    options?: PlainChainOptions<Id, NoInfer<Made>>,
  ): ChainDefinition<With<Given, Input, Needed>, WithResult<Output, Id, Made>, With<Given, Given, Needed>, Name>
  <Needed, Made, Called extends string, const Id extends string = Called>(
    component: CallTarget<Type, Needed, Made, Called>,
    options: MappedChainOptions<Id, NoInfer<Made>, ChainScope<Given, Output>, NoInfer<Needed>>,
  ): ChainDefinition<Input, WithResult<Output, Id, Made>, Given, Name>
}

/** What the input must be, once a component needs it. */
type With<Given, Known, Needed> = Given extends Needed ? Known : Known & Needed

/** The outputs with one more, as far as its id is known. */
type WithResult<Output, Id extends string, Made> = string extends Id
  ? Output & Readonly<Record<string, unknown>>
  : { readonly [Key in keyof Output | Id]: Key extends Id ? Made : Key extends keyof Output ? Output[Key] : never }

/** Numbers of the reference system: the longest run of a chain; the slots are those of its parallel workflows. */
const DEFAULTS = { timeoutMs: 300_000, maxConcurrency: 4 } as const

const schema = z.strictObject({
  ...describedShape,
  input: standardSchema.optional(),
  timeoutMs: timeoutSchema.optional(),
  maxConcurrency: z.int().positive().optional(),
  metadata: jsonObjectSchema.optional(),
  components: z.array(z.unknown()).min(1, 'expected at least one component').optional(),
})

/** What a chain is without the functions that add to it. */
type ChainFields = Omit<ChainDefinition, 'tool' | 'agent' | 'workflow' | 'type' | 'name'> & { readonly name: string }

/**
 * Describes a chain: tools, agents and workflows, each of which starts as soon as those that it comes after have settled. A component
 * without `input` gets the input of the chain; the output is `{ [id]: output }`.
 *
 * Components are added one by one, or all at once as `components`, where their order does not matter.
 *
 * @throws INVALID_OPTIONS, also for `after` without its component; DUPLICATE_NAME; GRAPH_CYCLE with the path
 * @example
 * ```ts
 * import * as z from 'zod'
 * import { defineAgent, defineChain, sequential, step } from 'hookchart'
 * const reader = defineAgent({ name: 'reader', input: z.object({ text: z.string() }), execute: ({ input }) => input.text.length })
 * const report = sequential({ name: 'report', steps: [step.run('write', ({ input }: { input: number }) => `${input} letters`)] })
 * const triage = defineChain('triage')
 *   .agent(reader)
 *   .workflow(report, { after: ['reader'], input: ({ results }) => results.reader ?? 0, onError: { fallback: 'unknown' } })
 * console.assert(triage.components.map(({ id }) => id).join() === 'reader,report')
 * ```
 */
export function defineChain<const Name extends string, Input extends StandardSchemaV1 | undefined = undefined>(
  name: Name,
  options: DefineChainOptions<Input> & { readonly components: readonly ChainComponentEntry<SchemaOutput<Input>>[] },
): ChainDefinition<SchemaInput<Input>, Readonly<Record<string, unknown>>, SchemaOutput<Input>, Name>
export function defineChain<const Name extends string, Input extends StandardSchemaV1 | undefined = undefined>(
  name: Name,
  options?: DefineChainOptions<Input> & { readonly components?: undefined },
): ChainDefinition<SchemaInput<Input>, object, SchemaOutput<Input>, Name>
export function defineChain(name: string, options: object = {}): object {
  const where = `defineChain(${nameOf(name)})`
  const parsedName = parseOptions(z.object({ name: componentNameSchema }), { name }, where).name
  const given = parseOptions(schema, options, where)
  const { timeoutMs = DEFAULTS.timeoutMs, maxConcurrency = DEFAULTS.maxConcurrency, components = [] } = given
  return new Chain({
    ...describe(given),
    name: parsedName,
    component: componentOf('chain', parsedName),
    input: given.input,
    timeoutMs: timeoutMs === false ? undefined : timeoutMs,
    maxConcurrency,
    metadata: given.metadata ?? Object.freeze({}),
    components: componentsOf(components, where),
  })
}

function componentsOf(given: readonly unknown[], where: string): readonly ChainComponent[] {
  const components = given.map((each, i) => parseEntry(each, `${where}: component ${String(i)}`))
  assertGraph(components, where, 'Give it an entry in components, or drop it.')
  return Object.freeze(components)
}

class Chain {
  readonly type = 'chain'
  readonly name: string
  readonly component: ComponentInfo
  readonly description: string
  readonly version: string
  readonly tags: readonly string[]
  readonly input: StandardSchemaV1 | undefined
  readonly timeoutMs: number | undefined
  readonly maxConcurrency: number
  readonly metadata: Readonly<Record<string, unknown>>
  readonly components: readonly ChainComponent[]
  readonly #fields: ChainFields

  constructor(fields: ChainFields) {
    this.name = fields.name
    this.component = fields.component
    this.description = fields.description
    this.version = fields.version
    this.tags = fields.tags
    this.input = fields.input
    this.timeoutMs = fields.timeoutMs
    this.maxConcurrency = fields.maxConcurrency
    this.metadata = fields.metadata
    this.components = fields.components
    this.#fields = fields
    seal('chain', this)
  }

  tool(tool: unknown, options?: unknown): Chain {
    return this.#with('tool', tool, options)
  }

  agent(agent: unknown, options?: unknown): Chain {
    return this.#with('agent', agent, options)
  }

  workflow(workflow: unknown, options?: unknown): Chain {
    return this.#with('workflow', workflow, options)
  }

  #with(type: ChainComponent['type'], component: unknown, options: unknown): Chain {
    const label = nameOf((component as { name?: unknown } | null | undefined)?.name)
    const where = `defineChain("${this.name}").${type}(${label})`
    const added = parseComponent(type, component, options, where)
    const components = Object.freeze([...this.components, added])
    assertGraph(components, where, 'Add it first, or use the object form, where the order does not matter.')
    return new Chain({ ...this.#fields, components })
  }
}
