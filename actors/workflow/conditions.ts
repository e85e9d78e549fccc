/** Whether conditions hold. What they read of the state is told, apart from what functions read. */
import { wait } from '../../src/hooks/flow.ts'
import type { Flow } from '../../src/hooks/flow.ts'
import { HookchartError, nameOf } from '../../src/errors.ts'
import { equalJson } from '../../src/json.ts'
import type { StepScope } from '../../machines/call.ts'
import type { Condition } from '../../machines/workflow/condition.ts'
import { evaluateExpression } from '../../machines/workflow/expression.ts'
import type { Expression } from '../../machines/workflow/expression.ts'
import type { LoopCondition, LoopScope } from '../../machines/workflow/iteration.ts'

/** What conditions are tested on. */
export interface Tested {
  readonly scope: StepScope | LoopScope
  /** How the steps ended that have run. */
  readonly ended: ReadonlyMap<string, 'completed' | 'failed'>
  /** A key of the state was read. */
  readonly onRead: (key: string) => void
}

/** Tests a condition; all of an `and` or `or` that decides it, in order. */
export function* holds(condition: Condition<never>, tested: Tested): Flow<boolean> {
  const { scope, ended, onRead } = tested
  if (typeof condition === 'function') {
    const answer: unknown = yield* wait(condition(scope as never))
    if (typeof answer === 'boolean') return answer
    throw new HookchartError(
      'INVALID_OUTPUT',
      `The condition ${nameOf(condition.name || 'a function')} gave ${nameOf(answer)}. Give true or false.`,
    )
  }
  switch (condition.type) {
    case 'always':
      return true
    case 'never':
      return false
    case 'shared_data_equals':
      onRead(condition.key)
      return Object.hasOwn(scope.state, condition.key) && equalJson(scope.state[condition.key], condition.expected)
    case 'shared_data_exists':
      onRead(condition.key)
      return Object.hasOwn(scope.state, condition.key)
    case 'step_result_equals':
      return ended.get(condition.step) === 'completed' && equalJson(scope.results[condition.step], condition.expected)
    case 'step_succeeded':
      return ended.get(condition.step) === 'completed'
    case 'step_failed':
      return ended.get(condition.step) === 'failed'
    case 'not':
      return !(yield* holds(condition.condition, tested))
    case 'and':
      for (const each of condition.conditions) if (!(yield* holds(each, tested))) return false
      return true
    case 'or': {
      // One that cannot be told matters only where none of the others holds.
      let failure: { readonly error: unknown } | undefined
      for (const each of condition.conditions) {
        try {
          if (yield* holds(each, tested)) return true
        } catch (error) {
          failure ??= { error }
        }
      }
      if (failure !== undefined) throw failure.error
      return false
    }
  }
}

/** Tests a condition of a loop. */
export function* loopHolds(test: LoopCondition, tested: Tested & { readonly scope: LoopScope }): Flow<boolean> {
  if (test.type === 'condition') return yield* holds(test.condition, tested)
  for (const key of keysOf(test.expression)) tested.onRead(key)
  return evaluateExpression(test.expression, tested.scope)
}

/** The keys of the state that an expression names, each once. */
function keysOf(expression: Expression): Set<string> {
  switch (expression.type) {
    case 'literal':
      return new Set()
    case 'variable':
      return new Set(expression.name === 'state' ? expression.path.slice(0, 1) : [])
    case 'not':
      return keysOf(expression.operand)
    case 'and':
    case 'or':
      return new Set(expression.operands.flatMap((operand) => [...keysOf(operand)]))
    case 'compare':
      return new Set([...keysOf(expression.left), ...keysOf(expression.right)])
  }
}
