/** Runs a parallel composite: every child on its own copy of the data; what they come to is merged in declaration order. */
import { freezeJson, isPlainObject } from '../../../json.ts'
import { applyPatches, changeData } from '../../change.ts'
import type { Change, GateData } from '../../change.ts'
import { runAll, wait } from '../../flow.ts'
import type { Flow } from '../../flow.ts'
import type { MergeChanges, Pattern } from '../../compose/pattern.ts'
import type { Pass } from '../pass.ts'
import type { Scope } from '../scope.ts'
import type { PatternFailure, PatternRunner } from '../verdict.ts'
import { meet, strongest } from './precedence.ts'
import type { Met } from './precedence.ts'

export function parallel({ concurrency, merge }: Extract<Pattern, { type: 'parallel' }>): PatternRunner {
  return function* ({ children, scope, outcomes, runUnit, pass }) {
    const tasks = children.map((child) => () => meet(child, scope, outcomes, runUnit))
    const met = yield* wait(runAll(tasks, concurrency))
    // They ran side by side: together they took as long as the longest.
    scope.leftMs = Math.min(scope.leftMs, ...met.map((each) => each.scope.leftMs))
    const failure = yield* mergeInto(pass, scope, met, merge)
    if (failure !== undefined) return failure
    for (const each of met) scope.adopt(each.scope, { withChanges: false })
    return strongest(met)
  }
}

/** Merges the changes of all children; they are independent of each other, or merged by the user's function. */
function* mergeInto(
  pass: Pass,
  scope: Scope,
  met: readonly Met[],
  merge: MergeChanges | undefined,
): Flow<PatternFailure | undefined> {
  const changed = met.map((each) => each.scope).filter(({ changes }) => changes.length > 0)
  if (changed.length === 0) return undefined
  if (changed.length > 1 && merge !== undefined) {
    const change = mergeByUser(pass, scope.data, changed, merge)
    if (typeof change === 'string') return { type: 'conflict', problem: change }
    scope.accept(change)
  } else {
    const path = pathChangedTwice(changed)
    if (path !== undefined)
      return { type: 'conflict', problem: `has two children that change "${path}"; give it a merge function` }
    for (const { changes } of changed)
      for (const change of changes) scope.accept({ ...change, data: applyPatches(scope.data, change.patches) })
  }
  const problem = yield* wait(pass.rules.checkData?.(scope.data))
  if (problem !== undefined)
    return { type: 'conflict', problem: `has children whose changes do not fit the schema together: ${problem}` }
  if (pass.kernel.checked) freezeJson(scope.data)
  return undefined
}

function mergeByUser(pass: Pass, base: GateData, changed: readonly Scope[], merge: MergeChanges): Change | string {
  try {
    const merged: unknown = merge(
      base,
      changed.map(({ data }) => data),
    )
    if (!isPlainObject(merged)) return 'has a merge function that gave no plain object'
    const change = changeData(base, merged, pass.chain.slot.definition.writable)
    return typeof change === 'string' ? `has a merge function whose result ${change}` : change
  } catch (error) {
    return `has a merge function that failed: ${error instanceof Error ? error.message : String(error)}`
  }
}

/** A path that two of them changed, or one of them in the middle of what another changed. */
function pathChangedTwice(changed: readonly Scope[]): string | undefined {
  const paths = changed.flatMap(({ changes }, child) =>
    changes.flatMap(({ patches }) => patches.map(({ path }) => ({ child, path }))),
  )
  for (const [i, a] of paths.entries()) {
    const b = paths.slice(i + 1).find((other) => other.child !== a.child && overlap(a.path, other.path))
    if (b !== undefined) return (a.path.length > b.path.length ? a : b).path.join('.')
  }
  return undefined
}

function overlap(a: readonly (string | number)[], b: readonly (string | number)[]): boolean {
  const length = Math.min(a.length, b.length)
  return a.slice(0, length).every((key, i) => key === b[i])
}
