/** From what a hook returned to what it means: folded into the stage, waited for, or a verdict that ends the stage. */
import { toHookchartError } from '../../errors.ts'
import type { HookchartError } from '../../errors.ts'
import { findJsonFlaw, freezeJson, notJson } from '../../json.ts'
import { setKey } from '../change.ts'
import type { ForkOutcome } from '../context.ts'
import type { CheckedResult, ForkOperation } from '../result.ts'
import type { RunResult } from '../run-result.ts'
import type { Pattern } from '../compose/pattern.ts'
import type { Unit } from '../registry/unit.ts'
import type { DecisionType } from '../points/point.ts'
import { andThen, drive, runAll, wait } from '../flow.ts'
import type { Flow, Maybe } from '../flow.ts'
import type { AnswerCheck, Question } from './approvals.ts'
import { findTarget, startChild } from './children.ts'
import { causeOf } from './hook-context.ts'
import { callHook, fail, guarded, problemOf } from './invoke.ts'
import type { Begun, Pass } from './pass.ts'
import { newOutcome } from './records.ts'
import type { Outcome } from './records.ts'
import { runFirstMatch } from './patterns/first-match.ts'
import { parallel } from './patterns/parallel.ts'
import { runSequential } from './patterns/sequential.ts'
import { voting } from './patterns/voting.ts'
import type { Scope } from './scope.ts'
import type { PatternRunner, Verdict } from './verdict.ts'

/** Forks run this many operations at once. */
const FORK_CONCURRENCY = 4

/** Whoever aborts an operation has decided. */
const ABORTED: Verdict = { type: 'cancel', hook: undefined, code: 'RUN_ABORTED', reason: 'the operation was aborted' }

/** Runs a unit: calls it or its children, folds what can be folded, waits where the scope allows it. */
export function runUnit(
  pass: Pass,
  unit: Unit,
  scope: Scope,
  outcomes: Outcome[],
  begun?: Begun,
): Maybe<Verdict | undefined> {
  const outcome = newOutcome(unit, pass.kernel.time.coarse())
  outcomes.push(outcome)
  // Observers are told of the abort like of any other ending.
  if (pass.operation.aborted !== undefined && unit.kind !== 'observe' && begun === undefined) return ABORTED
  const work =
    unit.composite === undefined
      ? () => runLeaf(pass, unit, scope, outcome, begun)
      : () => drive(runComposite(pass, unit, scope, outcome))
  return andThen(guarded(pass, unit, scope, outcome, begun, work), (verdict) => {
    if (pass.operation.aborted !== undefined) return ABORTED
    if (outcome.error !== undefined) return verdictOfFailure(pass, unit, outcome, outcome.error)
    if (verdict === undefined || !scope.waits || (verdict.type !== 'fork' && verdict.type !== 'suspend')) return verdict
    const followed = drive(
      verdict.type === 'fork'
        ? runFork(pass, unit, scope, outcome, verdict.operations)
        : runSuspension(pass, unit, scope, outcome, verdict.ask),
    )
    // It may have been aborted while it waited.
    return andThen(followed, (next) => (pass.operation.aborted === undefined ? next : ABORTED))
  })
}

function runLeaf(
  pass: Pass,
  unit: Unit,
  scope: Scope,
  outcome: Outcome,
  begun: Begun | undefined,
): Maybe<Verdict | undefined> {
  return andThen(
    callHook(pass, unit, scope, outcome, begun),
    (result) => result && accept(unit, scope, outcome, result),
  )
}

/** The children of a composite may take together what the composite may. */
function* runComposite(pass: Pass, unit: Unit, scope: Scope, outcome: Outcome): Flow<Verdict | undefined> {
  const { children, pattern } = unit.composite as NonNullable<Unit['composite']>
  const leftMs = scope.leftMs
  const ownMs = Math.min(leftMs, unit.timeoutMs)
  scope.leftMs = ownMs
  outcome.children = []
  const verdict = yield* runnerOf(pattern)({
    unit,
    children,
    scope,
    outcomes: outcome.children,
    runUnit: (child, childScope, outcomes) => runUnit(pass, child, childScope, outcomes),
    pass,
  })
  scope.leftMs = leftMs - (ownMs - scope.leftMs)
  if (verdict?.type === 'conflict') {
    fail(pass, unit, outcome, 'HOOK_CONFLICT', verdict.problem)
    return undefined
  }
  outcome.outcome = 'ok'
  outcome.type =
    verdict?.type ??
    (unit.kind === 'observe'
      ? 'observe'
      : outcome.children.some(({ change }) => change !== undefined)
        ? 'modified'
        : 'continue')
  outcome.message = verdict?.message
  return verdict
}

function runnerOf(pattern: Pattern): PatternRunner {
  switch (pattern.type) {
    case 'sequential':
      return runSequential
    case 'parallel':
      return parallel(pattern)
    case 'first_match':
      return runFirstMatch
    case 'voting':
      return voting(pattern)
  }
}

/** Folds a result into the scope, or gives what it wants beyond that. */
function accept(unit: Unit, scope: Scope, outcome: Outcome, result: CheckedResult): Verdict | undefined {
  const { name: hook } = unit
  const { message } = result
  if (result.state !== undefined) scope.setState(result.state)
  switch (result.type) {
    case 'continue':
    case 'skipped':
      return undefined
    case 'modified':
      if (outcome.change !== undefined) scope.accept(outcome.change)
      return undefined
    case 'cache':
      scope.cache ??= { key: result.key, ttlMs: result.ttlMs, hook }
      return undefined
    case 'cancel':
      return { type: 'cancel', hook, code: 'HOOK_CANCELLED', reason: result.reason, message }
    case 'replace':
      return { type: 'replace', hook, value: result.value, message }
    case 'redirect':
      return { type: 'redirect', hook, target: result.target, message }
    case 'retry':
      return { type: 'retry', hook, delayMs: result.delayMs, maxAttempts: result.maxAttempts, message }
    case 'fork':
      return { type: 'fork', hook, operations: result.operations, message }
    case 'suspend':
      return { type: 'suspend', hook, ask: result, message }
  }
}

/** A failure is skipped, refuses, or fails the operation: by the hook, and by what failed. */
function verdictOfFailure(pass: Pass, unit: Unit, { outcome }: Outcome, error: HookchartError): Verdict | undefined {
  const { name: hook, failsClosed } = unit
  if (pass.rules.invalidChangeFails === true && error.code === 'HOOK_INVALID_CHANGE')
    return { type: 'fail', hook, error }
  if (!failsClosed) return undefined
  const code =
    outcome === 'timed_out' ? 'GUARD_TIMED_OUT' : outcome === 'unavailable' ? 'GUARD_UNAVAILABLE' : 'GUARD_FAILED'
  return { type: 'cancel', hook, code, reason: error.message, cause: error }
}

/** Asks and waits for the answer, which then stands for what the hook returned. */
function* runSuspension(
  pass: Pass,
  unit: Unit,
  scope: Scope,
  outcome: Outcome,
  ask: Question['ask'],
): Flow<Verdict | undefined> {
  if (pass.refused) {
    outcome.message = 'not asked: the operation is refused already'
    return undefined
  }
  const answer = yield* wait(
    pass.kernel.approvals.ask({
      operation: pass.operation,
      point: pass.point,
      hook: unit.name,
      ask,
      check: (result) => checkAnswer(pass, unit, scope, result),
    }),
  )
  if (answer.type === 'refused') return { type: 'cancel', hook: unit.name, code: answer.code, reason: answer.reason }
  outcome.change = answer.change
  return accept(unit, scope, outcome, answer.result)
}

/** Whether the gate can take an answer, and what it changes. */
function checkAnswer(pass: Pass, unit: Unit, scope: Scope, result: CheckedResult): ReturnType<AnswerCheck> {
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
  unit: Unit,
  scope: Scope,
  outcome: Outcome,
  operations: readonly ForkOperation[],
): Flow<Verdict | undefined> {
  const { operation, chain, point } = pass
  const cause = causeOf(scope.ctx)
  let results: RunResult[]
  try {
    const tasks = operations.map(({ type, target: name, input }) => {
      const target = findTarget(operation, type, name, unit.name, point)
      return () => startChild(operation, target, input, cause, undefined, chain.slot.settings.maxDepth)
    })
    results = yield* wait(runAll(tasks, FORK_CONCURRENCY))
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
  outcome.change = change
  scope.accept(change)
  return undefined
}
