/** Listing hooks. */
import * as z from 'zod'
import { parseOptions } from '../../options.ts'
import type { Language, PointArg } from '../context.ts'
import { priorities } from '../hook.ts'
import type { Priority } from '../hook.ts'
import { isPointDefinition } from '../points/point.ts'
import type { HookKind } from '../points/point.ts'
import type { LinkHook } from './link.ts'
import type { Registry } from './registry.ts'

/** Which hooks to list; all of it must hold. */
export interface HookFilter {
  /** At this point: an id, an alias or a definition. The list is then in the order in which they run. */
  readonly point?: PointArg
  readonly priority?: Priority
  readonly tag?: string
  readonly language?: Language
}

/** A hook as a list shows it. */
export interface HookInfo {
  readonly id: string
  readonly name: string
  readonly points: readonly string[]
  /** Undefined: by the point, observe where points only notify, else transform. */
  readonly kind: HookKind | undefined
  readonly priority: number
  readonly tags: readonly string[]
  readonly language: Language
  readonly version: string
  readonly description: string
  readonly enabled: boolean
}

const schema = z.strictObject({
  point: z
    .custom<PointArg>((value) => typeof value === 'string' || isPointDefinition(value), 'expected a hook point')
    .optional(),
  priority: z.union([z.enum(['highest', 'high', 'normal', 'low', 'lowest']), z.number()]).optional(),
  tag: z.string().optional(),
  language: z.enum(['native', 'lua', 'javascript', 'python', 'unknown']).optional(),
})

/** Lists hooks: by priority and registration, at one point in the order in which they run. */
export function listHooks(registry: Registry, filter: HookFilter = {}): HookInfo[] {
  const { point, priority, tag, language } = parseOptions(schema, filter, 'hooks.list')
  const number = typeof priority === 'string' ? priorities[priority] : priority
  return candidates(registry, point)
    .filter(
      ({ options }) =>
        (number === undefined || options.priority === number) && (tag === undefined || options.tags.includes(tag)),
    )
    .filter(({ options }) => language === undefined || options.language === language)
    .map(infoOf)
}

function candidates(registry: Registry, point: PointArg | undefined): LinkHook[] {
  if (point !== undefined) return registry.points.slot(point).order.map(({ hook }) => hook.hook)
  // Among equal priorities they stay as they were registered.
  return registry.hooks.toSorted((a, b) => a.options.priority - b.options.priority)
}

function infoOf({ id, name, links, kind, options, enabled }: LinkHook): HookInfo {
  const { priority, tags, language, version, description } = options
  return {
    id,
    name,
    points: links.map(({ slot }) => slot.definition.id),
    kind,
    priority,
    tags,
    language,
    version,
    description,
    enabled,
  }
}
