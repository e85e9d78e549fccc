/** Runs a parallel composite: every child on its own copy of the data; what they come to is merged in declaration order. */
import { textOf } from '../../../errors.ts'
import { freezeJson, isPlainObject } from '../../../json.ts'
import { applyPatches, asOneChange, changeData, settleKeys } from '../../change.ts'
import type { Change, GateData } from '../../change.ts'
import { andThen, runAll, wait } from '../../flow.ts'
import type { Flow } from '../../flow.ts'
import type { MergeChanges, Pattern } from '../../compose/pattern.ts'
import type { Pass } from '../pass.ts'
import type { Scope } from '../scope.ts'
import type { PatternFailure, PatternRunner } from '../verdict.ts'
import { discard } from './left-out.ts'
import { meet, strongest } from './precedence.ts'
import type { Met } from './precedence.ts'
import { Stopwatch } from './stopwatch.ts'

export function parallel({ concurrency, merge }: Extract<Pattern, { type: 'parallel' }>): PatternRunner {
  return function* ({ outcome, children, scope, outcomes, runUnit, pass }) {
    const { leftMs } = scope
    const work = new Stopwatch(pass.kernel.time, scope.work)
    const tasks = children.map((child) => () => {
      const copy = scope.fork()
      copy.work = work
      copy.leftMs = leftMs - work.spentMs
      work.start()
      return andThen(meet(child, scope, outcomes, runUnit, copy), (each) => {
        work.stop()
        return each
      })
    })
    // It is at work only as long as its children are.
    scope.work?.stop()
    const met = yield* wait(runAll(tasks, concurrency))
    scope.work?.start()
    scope.leftMs = leftMs - work.spentMs
    const verdict = strongest(met)
    const changed = met.filter((each) => each.scope.changes.length > 0)
    const merged = yield* mergedChanges(pass, scope.data, changed, merge)
    if ('type' in merged) {
      // Nothing will be done with the data.
      if (verdict?.type !== 'cancel' && verdict?.type !== 'fail') return merged
      for (const each of met) discardOf(each, 'discarded: the composite was cancelled')
    } else {
      for (const change of merged.changes) scope.accept(change)
      if (merged.asOne) {
        outcome.change = merged.changes[0]
        for (const each of changed) discardOf(each, `merged into ${outcome.unit.name}`)
      }
      if (pass.kernel.checked) freezeJson(scope.data)
    }
    for (const each of met) scope.adopt(each.scope, { withChanges: false })
    return verdict
  }
}

function discardOf({ outcome }: Met, why: string): void {
  if (outcome !== undefined) discard(outcome, why)
}

/** What the children's changes come to together. As one: it is the composite's own change, not theirs any more. */
interface Merged {
  readonly changes: readonly Change[]
  readonly asOne: boolean
}

/** Merges the changes of children; they are independent of each other, or merged by the user's function. */
function* mergedChanges(
  pass: Pass,
  base: GateData,
  changed: readonly Met[],
  merge: MergeChanges | undefined,
): Flow<Merged | PatternFailure> {
  const { rules } = pass
  const scopes = changed.map((each) => each.scope)
  const [first] = scopes
  if (first === undefined || scopes.length === 1) return { changes: first?.changes ?? [], asOne: false }
  let changes: readonly Change[]
  if (merge !== undefined) {
    const change = mergeByUser(pass, base, scopes, merge)
    if (typeof change === 'string') return { type: 'conflict', problem: change }
    changes = [change]
  } else {
    const path = pathChangedTwice(scopes)
    if (path !== undefined)
      return { type: 'conflict', problem: `has two children that change "${path}"; give it a merge function` }
    let data = base
    changes = scopes
      .flatMap((each) => each.changes)
      .map((change) => ({ ...change, data: (data = applyPatches(data, change.patches)) }))
  }
  const { data } = changes.at(-1) as Change
  const problem = yield* wait(rules.checkData?.(data))
  if (problem !== undefined)
    return { type: 'conflict', problem: `has children whose changes do not fit the schema together: ${problem}` }
  const settled = yield* wait(rules.settled?.(data))
  if (settled !== undefined) changes = [...changes, settleKeys(data, settled)]
  return merge === undefined && settled === undefined
    ? { changes, asOne: false }
    : { changes: [asOneChange(changes)], asOne: true }
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
    return `has a merge function that failed: ${textOf(error)}`
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
