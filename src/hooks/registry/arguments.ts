/** What users hand to `hooks` is checked here before anything is done with it, so that a mistake is told as what it is. */
import * as z from 'zod'
import { HookchartError, nameOf } from '../../errors.ts'
import type { ErrorCode } from '../../errors.ts'
import { findJsonFlaw, isPlainObject } from '../../json.ts'
import { parseOptions } from '../../options.ts'
import type { ComponentRef, PointArg } from '../context.ts'
import { isHookDefinition, optionsOf } from '../hook.ts'
import { COMPONENT_TYPES, isPointDefinition, nameSchema } from '../points/point.ts'

/** Points, handler and options as they were given. */
export interface GivenHook {
  readonly points: unknown
  readonly handler: unknown
  readonly options: unknown
}

const A_POINT = "the id of one, such as 'BeforeToolExecution', or what definePoint gave"
const A_TUPLE = '[points, handler, options]'

/** Refuses what cannot be a point at all; whether it exists is another question. */
export function assertPoint(point: unknown, where: string): asserts point is PointArg {
  if (typeof point === 'string' || isPointDefinition(point)) return
  throw refusal('UNKNOWN_POINT', where, `the point is ${nameOf(point)}. Give ${A_POINT}.`)
}

/** Refuses points of a hook that cannot be any. */
export function assertPoints(points: unknown, where: string): asserts points is PointArg | readonly PointArg[] {
  const advice = `Give ${A_POINT}, a glob over ids, or a list of these.`
  if (!Array.isArray(points)) {
    if (typeof points === 'string' || isPointDefinition(points)) return
    throw refusal('UNKNOWN_POINT', where, `the hook's points are ${nameOf(points)}. ${advice}`)
  }
  if (points.length === 0) throw refusal('UNKNOWN_POINT', where, `the hook's points are an empty list. ${advice}`)
  for (const point of points) assertPoint(point, where)
}

/** The hooks of `registerAll`: definitions, or lists of points, handler and options. */
export function hooksOf(list: unknown): GivenHook[] {
  const where = 'hooks.registerAll'
  if (!Array.isArray(list)) throw refusal('INVALID_OPTIONS', where, `${isNo(list)} list. Give a list of ${A_TUPLE}.`)
  return list.map((each: unknown, i) => {
    if (isHookDefinition(each)) return definedHook(each, where)
    return listedHook(each, 3, where, `element ${String(i)}`, `${A_TUPLE} or what defineHook gave`)
  })
}

/** The hooks of `use`: one definition or several. */
export function definedHooksOf(hooks: unknown): GivenHook[] {
  const where = 'hooks.use'
  return [hooks].flat().map((each: unknown) => {
    if (isHookDefinition(each)) return definedHook(each, where)
    throw refusal('INVALID_OPTIONS', where, `${isNo(each)} defined hook. Give what defineHook gave, or a list of it.`)
  })
}

function definedHook(definition: Parameters<typeof optionsOf>[0], where: string): GivenHook {
  const { points, handler, name } = definition
  if (points === undefined) {
    const problem = `the hook ${name === undefined ? 'without a name' : nameOf(name)} names no points`
    const advice = 'Give it points in defineHook, or register it with hooks.register(points, hook.handler).'
    throw refusal('UNKNOWN_POINT', where, `${problem}. ${advice}`)
  }
  return { points, handler, options: optionsOf(definition) }
}

function listedHook(given: unknown, most: number, where: string, which: string, advice: string): GivenHook {
  if (!Array.isArray(given) || given.length < 2 || given.length > most) {
    const found = Array.isArray(given) ? `a list of ${String(given.length)}` : nameOf(given)
    throw refusal('INVALID_OPTIONS', where, `${which} is ${found}. Give ${advice}.`)
  }
  const [points, handler, options] = given as unknown[]
  return { points, handler, options }
}

/** Both parts of a pair. */
export function partsOf(pair: unknown, options: unknown): { readonly before: GivenHook; readonly after: GivenHook } {
  const where = 'hooks.registerPair'
  const advice = '{ before: [points, handler], after: [points, handler] }'
  if (!isPlainObject(pair)) throw refusal('INVALID_OPTIONS', where, `${isNo(pair)} pair. Give ${advice}.`)
  const { before, after, ...others } = pair
  const [unknown] = Object.keys(others)
  if (unknown !== undefined)
    throw refusal('INVALID_OPTIONS', where, `a pair has no ${nameOf(unknown)}. Give ${advice}.`)
  if (isPlainObject(options) && options['once'] === true) {
    const problem = '"once" is not for pairs: an operation that ends in between would leave the after part to another'
    throw refusal('INVALID_OPTIONS', where, `${problem}. Unregister the pair by its handle.`)
  }
  const part = (name: string, given: unknown) => ({ ...listedHook(given, 2, where, `"${name}"`, advice), options })
  return { before: part('before', before), after: part('after', after) }
}

const componentSchema = z.object({ type: z.enum(COMPONENT_TYPES), name: nameSchema, id: z.string().min(1).optional() })

/** Refuses what names no component. */
export function assertComponent(component: unknown): asserts component is ComponentRef {
  const parsed = componentSchema.safeParse(component)
  if (parsed.success) return
  const path = parsed.error.issues[0]?.path.join('.') ?? ''
  const flaw = path === '' || typeof component !== 'object' ? '' : `: its "${path}" is not one`
  const advice = 'Give a tool, an agent, a workflow or the "component" of a wrapped function: { type, name }.'
  throw refusal('INVALID_OPTIONS', 'hooks.for', `${isNo(component)} component${flaw}. ${advice}`)
}

const firingSchema = z.strictObject({
  component: componentSchema.optional(),
  signal: z.instanceof(AbortSignal, { error: 'expected an AbortSignal' }).optional(),
  correlationId: z
    .string()
    .min(1, 'expected text that is not empty')
    .max(200, 'expected at most 200 characters')
    .optional(),
  metadata: z
    .record(z.string(), z.unknown())
    .refine((value) => findJsonFlaw(value) === undefined, 'expected JSON')
    .optional(),
})

/** Refuses what `run` cannot fire with. Data of the right type without options costs nothing. */
export function assertFiring(point: unknown, data: unknown, options: unknown): void {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) {
    throw refusal(
      'INVALID_OPTIONS',
      firing(point),
      `the data is ${nameOf(data)}. Give an object, such as { input: 1 }.`,
    )
  }
  if (options !== undefined) parseOptions(firingSchema, options, firing(point))
}

function firing(point: unknown): string {
  return `hooks.run(${nameOf(isPointDefinition(point) ? point.id : point)})`
}

/** Refuses a switch that is neither on nor off. */
export function assertSwitch(on: unknown): asserts on is boolean {
  if (typeof on !== 'boolean')
    throw refusal('INVALID_OPTIONS', 'hooks.setEnabled', `${isNo(on)} switch. Give true or false.`)
}

function isNo(value: unknown): string {
  return `${nameOf(value)} is no`
}

function refusal(code: ErrorCode, where: string, problem: string): HookchartError {
  return new HookchartError(code, `${where}: ${problem}`, { details: { where } })
}
