/** The arguments of composites: children as a list or one by one, options before or behind them. */
import * as z from 'zod'
import { HookchartError, nameOf } from '../../errors.ts'
import { isPlainObject } from '../../json.ts'
import { parseOptions } from '../../options.ts'
import { isComposite, isHookDefinition } from '../hook.ts'

import type { CompositeChild } from '../hook.ts'

/** What a composite takes. */
export type CompositeArguments<Point, Options> = readonly (
  CompositeChild<Point> | readonly CompositeChild<Point>[] | Options
)[]

/** Sorts out children and options. A list of children is kept as it is and read when the composite is registered. */
export function readArguments<Point, Schema extends z.ZodType>(
  name: string,
  schema: Schema,
  given: CompositeArguments<Point, object>,
): { children: readonly CompositeChild[]; options: z.output<Schema> } {
  const lists: (readonly CompositeChild[])[] = []
  const single: CompositeChild[] = []
  let options: object | undefined
  for (const argument of given as readonly unknown[]) {
    if (Array.isArray(argument)) {
      for (const child of argument as unknown[]) assertChild(child, name)
      lists.push(argument as CompositeChild[])
    } else if (isPlainObject(argument) && !isChild(argument) && options === undefined) options = argument
    else single.push(assertChild(argument, name))
  }
  const [list] = lists
  const children = list !== undefined && lists.length === 1 && single.length === 0 ? list : [...lists.flat(), ...single]
  return { children, options: parseOptions(schema, options ?? {}, `compose.${name}`) }
}

/** A composite without options of its own takes none. */
export const noOptions = z.strictObject({})

function assertChild(value: unknown, name: string): CompositeChild {
  if (isChild(value)) return value
  throw new HookchartError(
    'INVALID_HANDLER',
    `compose.${name}: ${nameOf(value)} is no hook. Pass functions, defineHook values or composites.`,
    { details: { where: `compose.${name}` } },
  )
}

function isChild(value: unknown): value is CompositeChild {
  return typeof value === 'function' || isComposite(value) || isHookDefinition(value)
}
