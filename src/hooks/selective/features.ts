/** Feature flags with dependencies: what is on rests only on what is on. Knows nothing of hooks. */
import { HookchartError } from '../../errors.ts'

/** A feature flag as it is declared. */
export interface FeatureOptions {
  /** Features that must be on for this one to be on. */
  readonly dependsOn?: readonly string[] | undefined
  /** Whether it is on from the start; default true for default features, else false, or as a feature that needs it says. */
  readonly enabled?: boolean | undefined
}

/** A feature as `list` shows it. */
export interface FeatureInfo {
  readonly name: string
  readonly enabled: boolean
  readonly dependsOn: readonly string[]
}

/** Feature flags. Every call throws UNKNOWN_FEATURE for a name that was not declared. */
export interface Features {
  /** Turns a feature on, and all that it depends on. Gives what was off until now, dependencies first. */
  enable(name: string): readonly string[]
  /** Turns a feature off, and all that depend on it. Gives what was on until now, dependants first. */
  disable(name: string): readonly string[]
  isEnabled(name: string): boolean
  /** In the order of their declaration. */
  list(): readonly FeatureInfo[]
}

interface Feature {
  readonly name: string
  readonly needs: Feature[]
  readonly neededBy: Feature[]
  enabled: boolean
}

/** What the features are made of. */
export interface FeaturesSource {
  readonly features: Readonly<Record<string, FeatureOptions>>
  /** On from the start unless they say otherwise. */
  readonly defaults: readonly string[]
  /** Told after each change. */
  readonly onChange: () => void
}

/** Makes feature flags. Throws UNKNOWN_FEATURE, FEATURE_CYCLE, and INVALID_OPTIONS when what is on needs what is declared off. */
export function createFeatures({ features: declared, defaults, onChange }: FeaturesSource, where: string): Features {
  const features = new Map<string, Feature>(
    Object.keys(declared).map((name) => [name, { name, needs: [], neededBy: [], enabled: false }]),
  )
  const find = (name: string) => features.get(name) ?? unknownFeature(name, features, where)
  for (const [name, { dependsOn = [] }] of Object.entries(declared)) {
    const feature = find(name)
    for (const need of new Set(dependsOn)) {
      feature.needs.push(find(need))
      find(need).neededBy.push(feature)
    }
  }
  const order = dependenciesFirst([...features.values()], where)
  const enable = (name: string) => {
    const reached = reachableFrom(find(name), ({ needs }) => needs)
    return turn(
      order.filter((feature) => reached.has(feature) && !feature.enabled),
      true,
    )
  }
  for (const name of defaults) find(name)
  for (const [name, { enabled = defaults.includes(name) }] of Object.entries(declared)) if (enabled) enable(name)
  assertNotContradicted(order, declared, where)
  return {
    enable(name) {
      const changed = enable(name)
      if (changed.length > 0) onChange()
      return changed
    },
    disable(name) {
      const reached = reachableFrom(find(name), ({ neededBy }) => neededBy)
      const changed = turn(order.filter((feature) => reached.has(feature) && feature.enabled).reverse(), false)
      if (changed.length > 0) onChange()
      return changed
    },
    isEnabled: (name) => find(name).enabled,
    list: () =>
      [...features.values()].map(({ name, enabled, needs }) => ({
        name,
        enabled,
        dependsOn: needs.map((need) => need.name),
      })),
  }
}

function turn(features: readonly Feature[], enabled: boolean): string[] {
  for (const feature of features) feature.enabled = enabled
  return features.map(({ name }) => name)
}

function reachableFrom(start: Feature, next: (feature: Feature) => readonly Feature[]): Set<Feature> {
  const reached = new Set([start])
  // A set that grows while it is walked is the queue as well.
  for (const feature of reached) for (const each of next(feature)) reached.add(each)
  return reached
}

/** Every feature behind those that it depends on. */
function dependenciesFirst(features: readonly Feature[], where: string): Feature[] {
  const missing = new Map(features.map((feature) => [feature, feature.needs.length]))
  const sorted = features.filter(({ needs }) => needs.length === 0)
  for (const feature of sorted) {
    for (const next of feature.neededBy) {
      const left = (missing.get(next) as number) - 1
      missing.set(next, left)
      if (left === 0) sorted.push(next)
    }
  }
  if (sorted.length === features.length) return sorted
  const done = new Set(sorted)
  const cycle = smallestCycle(features.filter((feature) => !done.has(feature)))
  throw new HookchartError(
    'FEATURE_CYCLE',
    `${where}: features depend on each other: ${cycle.join(' → ')}. Drop one of these dependencies.`,
    { details: { features: cycle } },
  )
}

/** The shortest cycle, by a breadth-first search from each feature; ends with the name that it begins with. */
function smallestCycle(features: readonly Feature[]): string[] {
  let smallest: string[] = []
  for (const start of features) {
    const cycle = cycleThrough(start)
    if (cycle !== undefined && (smallest.length === 0 || cycle.length < smallest.length)) smallest = cycle
  }
  return smallest
}

function cycleThrough(start: Feature): string[] | undefined {
  const cameFrom = new Map<Feature, Feature | undefined>([[start, undefined]])
  for (const [feature] of cameFrom) {
    if (feature.needs.includes(start)) {
      const path = [start.name]
      for (let at: Feature | undefined = feature; at !== undefined; at = cameFrom.get(at)) path.unshift(at.name)
      return path
    }
    for (const need of feature.needs) if (!cameFrom.has(need)) cameFrom.set(need, feature)
  }
  return undefined
}

/** A feature that says `enabled: false` must not come out on because another needs it: one of the two is a mistake. */
function assertNotContradicted(order: readonly Feature[], declared: FeaturesSource['features'], where: string): void {
  const off = order.find(({ name, enabled }) => enabled && declared[name]?.enabled === false)
  const by = off?.neededBy.find(({ enabled }) => enabled)
  if (off === undefined || by === undefined) return
  const problem = `is false, but "${by.name}" is on and depends on it`
  throw new HookchartError('INVALID_OPTIONS', `${where}: "features.${off.name}.enabled" ${problem}.`, {
    details: { where, flaws: [{ path: `features.${off.name}.enabled`, problem }] },
  })
}

function unknownFeature(name: string, features: ReadonlyMap<string, Feature>, where: string): never {
  const known = [...features.keys()]
  throw new HookchartError(
    'UNKNOWN_FEATURE',
    `${where}: there is no feature "${name}". Declare it in features; declared are ${known.join(', ')}.`,
    { details: { feature: name, known } },
  )
}
