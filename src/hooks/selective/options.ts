/** The options of selective hooks and of each hook among them. */
import * as z from 'zod'
import type { PointArg } from '../context.ts'
import type { HookOptions } from '../hook.ts'
import { nameSchema } from '../points/point.ts'
import type { FeatureOptions } from './features.ts'
import type { DisposedInstance } from './instances.ts'

/** Options of {@link createSelectiveHooks}. Strict: an unknown key is refused. */
export interface SelectiveHooksOptions {
  /** The feature flags by their names. `core` is always there; a declaration of it replaces the plain one. */
  readonly features?: Readonly<Record<string, FeatureOptions>>
  /** What a hook needs that names no features. They are on from the start unless they say otherwise. Default `['core']`. */
  readonly defaultFeatures?: readonly string[]
  /** Live instances; those in use by a call that runs may be more. Default 100. */
  readonly maxInstances?: number
  /**
   * Points whose hooks are made with their registration, or when their features come on, instead of at their first
   * call, while there is room. Ids, aliases or definitions. Default none.
   */
  readonly preloadPoints?: readonly PointArg[]
  /** Told of each instance that is gone, after its own `dispose`. What it throws is ignored. */
  readonly onDispose?: (disposed: DisposedInstance) => void
}

/** Options of a selective hook: those of any hook, and the features that it needs. */
export interface SelectiveHookOptions<Point = string> extends HookOptions<Point> {
  /** All of them must be on; none: it is always on. Default `defaultFeatures`. */
  readonly features?: readonly string[]
}

const names = z.array(nameSchema)

/** Checks the options of `createSelectiveHooks`. */
export const optionsSchema = z.strictObject({
  features: z
    .record(nameSchema, z.strictObject({ dependsOn: names.optional(), enabled: z.boolean().optional() }))
    .default({}),
  defaultFeatures: names.default(['core']),
  maxInstances: z.int().positive().default(100),
  preloadPoints: z
    .array(
      z.custom<PointArg>(
        (value) => typeof value === 'string' || (typeof value === 'object' && value !== null),
        'expected a hook point',
      ),
    )
    .default([]),
  onDispose: z
    .custom<(disposed: DisposedInstance) => void>((value) => typeof value === 'function', 'expected a function')
    .optional(),
})

/** Checks what a selective hook has over others; the other options are the registry's to check. */
export const hookSchema = z.looseObject({ features: names.optional() })
