/** How the states of parallel branches become one again at the join. */
import type { MergeState, StateConflictInfo } from '../../machines/workflow/join.ts'
import { HookchartError } from '../../src/errors.ts'
import { assertJson, copyJson, equalJson, freezeJson, isPlainObject } from '../../src/json.ts'
import type { StateData } from './shared-state.ts'

/** A branch at the join: the state that it leaves. */
export interface JoiningBranch {
  readonly branch: string
  readonly state: StateData
}

interface PathChange {
  readonly branch: string
  readonly path: readonly string[]
}

/** Paths that several branches changed, in the order in which the first of them stands; what they changed inside each other is one. */
export function conflictsOf(base: StateData, branches: readonly JoiningBranch[]): StateConflictInfo[] {
  const changes = branches.flatMap(({ branch, state }) => pathsOf(base, state, []).map((path) => ({ branch, path })))
  const conflicts = new Map<string, StateConflictInfo>()
  for (const change of changes) {
    const others = changes.filter((other) => other.branch !== change.branch && overlap(other, change))
    if (others.length === 0) continue
    const path = [change, ...others].map((each) => each.path).reduce((a, b) => (a.length <= b.length ? a : b))
    const names = new Set([change, ...others].map(({ branch }) => branch))
    const key = JSON.stringify(path)
    const known = conflicts.get(key)
    const involved = branches.filter(
      ({ branch }) => names.has(branch) || known?.changes.some((each) => each.branch === branch) === true,
    )
    conflicts.set(key, {
      path,
      base: at(base, path),
      changes: involved.map(({ branch, state }) => ({ branch, value: at(state, path) })),
    })
  }
  return [...conflicts.values()]
}

/** The state behind the join: the base with what each branch changed, in declaration order; conflicts as they were settled. */
export function joinStates(base: StateData, branches: readonly JoiningBranch[], merge?: MergeState): StateData {
  const next = copyJson(base) as Record<string, unknown>
  const conflicts = conflictsOf(base, branches)
  for (const { state } of branches) for (const path of pathsOf(base, state, [])) put(next, path, at(state, path))
  for (const conflict of conflicts) {
    const value = merge?.(freezeJson(copyJson(conflict as unknown as Record<string, unknown>)) as never)
    assertJson(value, `What mergeState gave for "${conflict.path.join('.')}"`)
    put(next, conflict.path, value)
  }
  return freezeJson(next)
}

/** The error of a join at which nothing settles the conflicts. */
export function conflictError(workflow: string, conflicts: readonly StateConflictInfo[]): HookchartError {
  const [first] = conflicts
  const key = first?.path.join('.') ?? ''
  const branches = first?.changes.map(({ branch }) => branch) ?? []
  const message = `${workflow}: the branches ${branches.map((name) => `"${name}"`).join(' and ')} both changed "${key}" of the state. Give parallel a mergeState, or let only one of them change it.`
  return new HookchartError('STATE_CONFLICT', message, {
    details: { component: workflow, key, branches, keys: conflicts.map(({ path }) => path.join('.')) },
  })
}

/** The paths at which two states differ; a list is one value. */
function pathsOf(from: unknown, to: unknown, path: readonly string[]): (readonly string[])[] {
  if (equalJson(from, to)) return []
  if (!isPlainObject(from) || !isPlainObject(to)) return [path]
  return [...new Set([...Object.keys(from), ...Object.keys(to)])].flatMap((key) =>
    pathsOf(from[key], to[key], [...path, key]),
  )
}

function overlap(a: PathChange, b: PathChange): boolean {
  return a.path.every((key, i) => b.path[i] === key) || b.path.every((key, i) => a.path[i] === key)
}

function at(state: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, key) => (isPlainObject(value) ? value[key] : undefined), state)
}

function put(state: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const last = path.at(-1) as string
  let parent = state
  for (const key of path.slice(0, -1)) {
    const inner = parent[key]
    parent = isPlainObject(inner) ? inner : (parent[key] = {})
  }
  if (value === undefined) Reflect.deleteProperty(parent, last)
  else parent[last] = copyJson(value)
}
