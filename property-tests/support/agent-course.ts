/** The executions of an agent as they were seen: what was started for them, when that was over, and what they came to. */
import { expect } from 'vitest'
import type { PartSeen } from './conversation-reference.ts'
import type { Happening, Observed, Order } from './observed.ts'

/** Of an agent, a model or a tool by its gates: what may follow what, with somebody at each of them. */
export const orderOf = ([before, after, error]: readonly [string, string, string]): Order => ({
  start: [before, error, 'OperationSettled'],
  [before]: [before, 'effect', after, 'OperationSettled'],
  effect: [after, error, 'OperationSettled'],
  [after]: [before, 'effect', 'OperationSettled'],
  [error]: [after, before, 'effect', 'OperationSettled'],
})
/** An attempt of an agent that may spend nothing more fails before its model is asked, and so is not seen to begin. */
export function behindSpent(order: Order): Order {
  return Object.fromEntries(
    Object.entries(order).map(([point, next]) => [point, point === 'effect' ? next : [...next, 'AgentError']]),
  )
}

/** How often the effect of an operation was started so far. */
export const startsOf = (seen: Observed, id: string) =>
  seen.course.filter((each) => each.type === 'effect' && each.id === id).length

/** An operation that was started for an agent, as a part of its conversation. */
export function partOf(name: string, happened: readonly Happening[]): PartSeen {
  const first = happened.find((each) => each.type === 'enter' || each.type === 'point')
  // Hooks that were left behind may still talk to themselves.
  const last = happened.findLast((each) => each.type === 'point')
  return {
    kind: name === 'add' ? 'tool' : 'model',
    input: first?.type === 'enter' || first?.type === 'point' ? first.data['input'] : undefined,
    settled: last?.type === 'point' ? (last.data as never) : undefined,
  }
}

/**
 * Law 4: whatever was started for an execution is settled before it. One that is ended from outside does not wait for the last word of
 * what it has started, but then that starts nothing more.
 */
export function assertInside(seen: Observed, whole: string, parts: readonly string[], mayBeCut: boolean): void {
  const lastOf = (id: string, types: readonly string[]) =>
    seen.course.findLastIndex((each) => each.id === id && types.includes(each.type))
  const end = lastOf(whole, ['point'])
  const types = mayBeCut ? ['effect'] : ['effect', 'point']
  for (const part of parts) expect(lastOf(part, types), `${part} is over before ${whole}`).toBeLessThan(end)
}

/** What an execution has come to is what the model said last, where nothing was put in its place. */
export function assertOutputs(happened: readonly Happening[], texts: readonly (string | undefined)[]): void {
  let conversation = -1
  let isOwn = false
  for (const each of happened) {
    if (each.type === 'effect') {
      conversation++
      isOwn = true
    }
    if (each.type === 'point') isOwn &&= each.point === 'AfterAgentExecution'
    if (each.type !== 'enter' || each.point !== 'AfterAgentExecution' || !isOwn) continue
    expect(each.data['output'], 'what the agent gives').toBe(texts[conversation])
  }
}
