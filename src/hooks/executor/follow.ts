/** Waits for what ends no stage by itself: people who are asked, operations of a fork. */
import { toHookchartError } from '../../errors.ts'
import { findJsonFlaw, freezeJson, notJson } from '../../json.ts'
import { setKey } from '../change.ts'
import type { Change } from '../change.ts'
import type { ForkOutcome } from '../context.ts'
import { andThen, runAll, wait } from '../flow.ts'
import type { Flow } from '../flow.ts'
import type { DecisionType } from '../points/point.ts'
import type { CheckedResult } from '../check-result.ts'
import type { RunResult } from '../run-result.ts'
import type { AnswerCheck } from './approvals.ts'
import { findTarget, startChild } from './children.ts'
import { causeOf, enterHook } from './hook-context.ts'
import { problemOf } from './settled-result.ts'
import type { Pass } from './pass.ts'
import { newOutcome } from './outcome.ts'
import type { Outcome } from './outcome.ts'
import type { Scope } from './scope.ts'
import { accept, isPending } from './verdict.ts'
import type { Pending, Verdict } from './verdict.ts'

/** Forks run this many operations at once. */
const FORK_CONCURRENCY = 4

/** Waits until it is known what a unit wants; its outcome is given. A composite waits for its children, the strongest first. */
export function* follow(pass: Pass, scope: Scope, outcome: Outcome, pending: Pending): Flow<Verdict | undefined> {
  let verdict: Verdict | undefined = pending
  // Waiting is no work.
  scope.work?.stop()
  while (isPending(verdict) && pass.operation.aborted === undefined) {
    const wanted: Verdict | undefined =
      verdict.type === 'fork'
        ? yield* runFork(pass, scope, outcome, verdict)
        : yield* runSuspension(pass, scope, outcome, verdict)
    verdict = wanted ?? verdict.next
  }
  scope.work?.start()
  return verdict
}

/** Asks and waits for the answer, which then stands for what the hook returned. */
function* runSuspension(
  pass: Pass,
  scope: Scope,
  outcome: Outcome,
  { ask, asker }: Extract<Pending, { type: 'suspend' }>,
): Flow<Verdict | undefined> {
  if (ask === undefined) return undefined
  if (pass.refused) {
    asker.message = 'not asked: the operation is refused already'
    return undefined
  }
  const { unit } = asker
  const { operation, point } = pass
  const check = (result: CheckedResult) => checkAnswer(pass, asker, scope, result)
  const { signal } = pass.rules
  const answer = yield* wait(pass.kernel.approvals.ask({ operation, point, hook: unit.name, ask, check, signal }))
  if (answer.type === 'refused') return { type: 'cancel', hook: unit.name, code: answer.code, reason: answer.reason }
  const { result, change } = answer
  const wanted = accept(scope, recordChange(pass, outcome, asker, change, 'the answer that it waited for'), result)
  const changes = wanted?.type === 'replace' || (change?.patches.length ?? 0) > 0
  if (unit.kind !== 'guard' || !changes) return wanted
  return { type: 'restart', hook: unit.name, exempt: unit, replacement: wanted }
}

/** Whether the gate can take an answer, and what it changes. */
function checkAnswer(pass: Pass, { unit }: Outcome, scope: Scope, result: CheckedResult): ReturnType<AnswerCheck> {
  const { id, decisions } = pass.chain.slot.definition
  if (result.type !== 'continue' && result.type !== 'cancel' && !decisions.includes(result.type as DecisionType)) {
    return { problem: `is ${result.type}, which ${id} does not allow` }
  }
  const outcome = newOutcome(unit, 0)
  return andThen(problemOf(pass, scope, outcome, result), (problem) =>
    problem === undefined ? { change: outcome.change } : { problem },
  )
}

/** Runs the operations of a fork; their results come into the data. */
function* runFork(
  pass: Pass,
  scope: Scope,
  outcome: Outcome,
  { asker, operations }: Extract<Pending, { type: 'fork' }>,
): Flow<Verdict | undefined> {
  const { operation, chain, point } = pass
  const { time } = pass.kernel
  const { unit } = asker
  const cause = causeOf(enterHook(scope.ctx, unit))
  // The gate's time goes on: a fork that takes all of it leaves none for the guards, which then refuse.
  const dueAt = time.now() + scope.leftMs
  let results: RunResult[]
  try {
    const tasks = operations.map(({ type, target: name, input }) => {
      const target = findTarget(operation, type, name, unit.name, point)
      return () => {
        const limitMs = Math.max(0, dueAt - time.now())
        return startChild(operation, target, input, cause, undefined, chain.slot.settings.maxDepth, limitMs)
      }
    })
    results = yield* wait(runAll(tasks, FORK_CONCURRENCY))
    scope.leftMs = dueAt - time.now()
  } catch (error) {
    return { type: 'fail', hook: unit.name, error: toHookchartError(error) }
  }
  const forks: Record<string, ForkOutcome> = { ...(scope.data['forks'] as Record<string, ForkOutcome> | undefined) }
  for (const [i, { id }] of operations.entries()) {
    const { status, output, error } = results[i] as RunResult
    forks[id] = {
      status,
      ...(output !== undefined && { output }),
      ...(error !== undefined && { error: error.toJSON() }),
    }
  }
  const flaw = findJsonFlaw(forks)
  if (flaw !== undefined) return { type: 'fail', hook: unit.name, error: notJson(flaw, 'The output of a fork') }
  const change = setKey(scope.data, 'forks', forks)
  if (pass.kernel.checked) freezeJson(change.data)
  recordChange(pass, outcome, asker, change, 'the results of its fork')
  scope.accept(change)
  return undefined
}

/**
 * Puts a change where it stands in the trace, whose patches in order make up the data: at the hook that waited for it, or,
 * when its composite did so, behind all that the other children changed.
 */
function recordChange(
  pass: Pass,
  outcome: Outcome,
  asker: Outcome,
  change: Change | undefined,
  message: string,
): Outcome {
  if (asker === outcome || change === undefined) {
    asker.change = change
    return asker
  }
  const entry: Outcome = { ...newOutcome(asker.unit, pass.kernel.time.coarse()), outcome: 'ok', type: 'modified' }
  entry.message = message
  entry.change = change
  outcome.children?.push(entry)
  return entry
}
