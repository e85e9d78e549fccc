/** `hooks.wrap`: gates round any function. */
import type { StandardSchemaV1 } from '@standard-schema/spec'
import * as z from 'zod'
import { HookchartError, nameOf } from '../../errors.ts'
import { findJsonFlaw } from '../../json.ts'
import { parseOptions } from '../../options.ts'
import type { GateData } from '../change.ts'
import type { ComponentInfo, ComponentRef, PointArg } from '../context.ts'
import type { Kernel } from '../executor/kernel.ts'
import type { Target, Targets } from '../executor/operation.ts'
import { COMPONENT_TYPES, isPointDefinition, isStandardSchema, nameSchema } from '../points/point.ts'
import type { ComponentType, HookPhase } from '../points/point.ts'
import type { Slot } from '../registry/slot.ts'
import type { RunResult } from '../run-result.ts'
import type { Effect } from './effect.ts'
import type { Executable, Startable } from './executable.ts'
import { Execution } from './execution.ts'
import { parseExecuteOptions } from './options.ts'
import type { ExecuteOptions } from './options.ts'
import { gateRules } from './rules.ts'
import { execute } from './start.ts'

/** What a function is wrapped with. */
export interface WrapOptions<Input = unknown, Output = unknown> {
  /** The name of the component that hooks see. */
  readonly name: string
  /** The point before the effect; its phase must be before. */
  readonly before?: PointArg
  /** The point after a success; its phase must be after. */
  readonly after?: PointArg
  /** The point after a failure; its phase must be error. */
  readonly error?: PointArg
  /** Where redirects, forks and `ctx.run` may lead: functions, or other wrapped functions with gates of their own. */
  readonly targets?: Readonly<Record<string, Effect>>
  /** What hooks see as the component's type; default the component of its points, or `custom`. */
  readonly type?: ComponentType
  /** Any Standard Schema; hooks see and change the raw input, the effect gets the parsed one. */
  readonly input?: StandardSchemaV1<unknown, Input>
  /** Any Standard Schema for the output. */
  readonly output?: StandardSchemaV1<unknown, Output>
  /** What gate data holds besides input, output and error; hooks may read it. */
  readonly data?: Readonly<Record<string, unknown>>
}

/** A function behind gates. Executes synchronously when its hooks and its effect do. Throws only for misuse: INVALID_OPTIONS, HOOKS_STOPPED. */
export interface Wrapped<Input, Output> {
  (input: Input, options?: ExecuteOptions): RunResult<Output> | Promise<RunResult<Output>>
  /** For `hooks.for`; carries the types of input and output. */
  readonly component: ComponentInfo & ComponentRef<Input, Output>
}

const TARGET = Symbol.for('hookchart.target')

const functionSchema = z.custom<Effect>((value) => typeof value === 'function', 'expected a function')
const pointSchema = z.custom<PointArg>(
  (value) => typeof value === 'string' || isPointDefinition(value),
  'expected a hook point',
)
const standardSchema = z.custom<StandardSchemaV1>(
  isStandardSchema,
  'expected a Standard Schema, such as z.object({ … })',
)

const schema = z.strictObject({
  name: nameSchema,
  before: pointSchema.optional(),
  after: pointSchema.optional(),
  error: pointSchema.optional(),
  targets: z.record(z.string(), functionSchema).optional(),
  type: z.enum(COMPONENT_TYPES).exclude(['performance', 'operation']).optional(),
  input: standardSchema.optional(),
  output: standardSchema.optional(),
  data: z
    .record(z.string(), z.unknown())
    .refine((value) => findJsonFlaw(value) === undefined, 'expected JSON')
    .optional(),
})

/** Puts gates round a function. */
export function wrap<Input, Output>(
  kernel: Kernel,
  options: WrapOptions<Input, Output>,
  effect: Effect<Input, Output>,
): Wrapped<Input, Output> {
  const where = `wrap(${nameOf((options as { name?: unknown } | undefined)?.name)})`
  const { name, data, ...parsed } = parseOptions(schema, options, where)
  const given: unknown = effect
  if (typeof given !== 'function') {
    throw new HookchartError('INVALID_HANDLER', `${where}: the effect is ${nameOf(given)}, not a function.`, {
      details: { where },
    })
  }
  const slotFor = (phase: HookPhase, point: PointArg | undefined) =>
    point === undefined ? undefined : slotOf(kernel, phase, point, where)
  // A point that is refused leaves none of the others declared.
  const [before, after, error] = kernel.registry.atomically(
    () => [slotFor('before', parsed.before), slotFor('after', parsed.after), slotFor('error', parsed.error)] as const,
  )
  const type = parsed.type ?? (before ?? after ?? error)?.definition.component ?? 'custom'
  const component: ComponentInfo = Object.freeze({ type, name, id: name })
  const { input, output } = parsed
  const { input: _input, output: _output, error: _error, ...own } = data ?? defaultData(type, name)
  const gateAt = (slot: Slot | undefined) =>
    slot && { slot, rules: gateRules(kernel, { component, input, output }, slot) }
  const what: Executable = {
    component,
    before: gateAt(before),
    after: gateAt(after),
    error: gateAt(error),
    effect,
    targets: targetsOf(kernel, options.targets ?? {}),
    input,
    output,
    data: own,
  }
  const startable = startableOf(what)
  const wrapped = (given: Input, executeOptions?: ExecuteOptions) =>
    execute(kernel, startable, given, parseExecuteOptions(executeOptions, name)) as
      RunResult<Output> | Promise<RunResult<Output>>
  const target: Target = (given, start) => execute(kernel, startable, given, {}, start)
  Object.defineProperty(wrapped, 'name', { value: name, configurable: true })
  return Object.assign(wrapped, { component, [TARGET]: target })
}

function startableOf(what: Executable): Startable {
  const { component, targets } = what
  return { component, targets, begin: (fields) => new Execution(fields, what) }
}

function defaultData(type: ComponentType, name: string): GateData {
  return type === 'tool' ? { tool: { name, description: '', category: 'custom', level: 'safe', tags: [] } } : {}
}

function slotOf(kernel: Kernel, phase: HookPhase, point: PointArg, where: string): Slot {
  const slot = kernel.registry.points.slot(point)
  const { id, phase: actual } = slot.definition
  if (actual === phase) return slot
  throw new HookchartError(
    'INVALID_OPTIONS',
    `${where}: ${id} is a point of phase "${actual}"; "${phase}" takes one of phase "${phase}".`,
    {
      details: { where, point: id, phase: actual },
    },
  )
}

/**
 * Targets by their names, looked up when they are needed, so that a function may be its own target. A wrapped function
 * is entered through its own gates; a plain one has none.
 */
function targetsOf(kernel: Kernel, functions: Readonly<Record<string, Effect>>): Targets {
  const targets: Targets = {
    find: (_, name): Target | undefined => {
      const effect = Object.hasOwn(functions, name)
        ? (functions[name] as Effect & { readonly [TARGET]?: Target })
        : undefined
      if (typeof effect !== 'function') return undefined
      return (
        effect[TARGET] ??
        ((input, start) => execute(kernel, startableOf(plain(name, effect, targets)), input, {}, start))
      )
    },
    names: () => Object.keys(functions),
  }
  return targets
}

function plain(name: string, effect: Effect, targets: Targets): Executable {
  const component: ComponentInfo = Object.freeze({ type: 'custom', name, id: name })
  return {
    component,
    before: undefined,
    after: undefined,
    error: undefined,
    effect,
    targets,
    input: undefined,
    output: undefined,
    data: {},
  }
}
