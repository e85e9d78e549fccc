/**
 * The course of a workflow, put together from what was seen of it: its gates, each with what it was given and how it was left,
 * and its steps, each from its first gate to its end. And what holds at every gate.
 */
import type { Proposal } from 'hookchart/hooks'
import type { GateData, Guard, Noted } from './observed.ts'

/** A pass of a gate of the workflow itself. */
export interface GateSeen {
  readonly kind: 'gate'
  readonly point: string
  readonly at: number
  readonly given: GateData
  /** What it was left with; undefined when the workflow ended in it. */
  left: GateData | undefined
  decision: Proposal | undefined
}

/** Something that observers were told. */
export interface Told {
  readonly kind: 'told'
  readonly point: string
  readonly at: number
  readonly given: GateData
}

/** A run of a step, or of a component of a chain. */
export interface StepSeen {
  readonly kind: 'step'
  readonly id: string
  readonly name: string
  readonly at: number
  /** At its first gate. */
  readonly given: GateData
  /** When it was settled, and as what. */
  until: number
  settled: GateData | undefined
  /** Where a hook sent it to. */
  jump: { readonly target: string; readonly value: unknown } | undefined
  /** Starts of its effect. */
  readonly effects: number[]
}

export type Seen = GateSeen | Told | StepSeen

/** Whatever runs at once at one point is told apart by this. */
const keyOf = ({ id, point, data }: { id: string; point: string; data: GateData }) =>
  JSON.stringify([id, point, data['from'], data['key']])

/** Puts together what happened in a workflow or chain. `nameOf` names its parts. */
export function courseOf(
  noted: readonly Noted[],
  whole: string,
  told: readonly string[],
  nameOf: (each: Extract<Noted, { type: 'enter' | 'point' }>) => string,
): Seen[] {
  const seen: Seen[] = []
  const open = new Map<string, GateSeen>()
  const steps = new Map<string, StepSeen>()
  for (const [at, each] of noted.entries()) {
    if (each.type === 'effect') steps.get(each.id)?.effects.push(at)
    if (each.type !== 'enter' && each.type !== 'point') continue
    const { point, data, id } = each
    if (id !== whole) {
      let step = steps.get(id)
      if (step === undefined) {
        const begun = { kind: 'step' as const, id, name: nameOf(each), at, given: data, effects: [] }
        step = { ...begun, until: Infinity, settled: undefined, jump: undefined }
        steps.set(id, step)
        seen.push(step)
      }
      if (each.type === 'enter') continue
      if (point === 'OperationSettled') Object.assign(step, { until: at, settled: data })
      else if (each.decision?.type === 'redirect') {
        const value = data['error'] === undefined && 'output' in data ? data['output'] : data['input']
        step.jump = { target: each.decision.target, value }
      }
      continue
    }
    if (each.type === 'enter') {
      const gate: GateSeen = { kind: 'gate', point, at, given: data, left: undefined, decision: undefined }
      seen.push(gate)
      open.set(keyOf(each), gate)
    } else if (told.includes(point)) {
      seen.push({ kind: 'told', point, at, given: data })
    } else {
      const gate = open.get(keyOf(each))
      open.delete(keyOf(each))
      // A pass of guards only has no first hook.
      if (gate === undefined) seen.push({ kind: 'gate', point, at, given: data, left: data, decision: each.decision })
      else Object.assign(gate, { left: data, decision: each.decision })
    }
  }
  return seen
}

/**
 * Laws 3, 8 and 15 at every gate, whatever lies behind it: what a guard refuses is refused; where something else goes on, every
 * guard has allowed it, and has seen what goes on.
 */
export function assertGates(noted: readonly Noted[], guards: readonly Guard[]): void {
  const passes = new Map<string, Extract<Noted, { type: 'guard' }>[]>()
  for (const each of noted) {
    if (each.type === 'guard') {
      const key = keyOf({ ...each, data: each.all })
      passes.set(key, [...(passes.get(key) ?? []), each])
    }
    if (each.type === 'enter') passes.delete(keyOf(each))
    if (each.type !== 'point' || each.point === 'OperationSettled') continue
    const { point, data, decision } = each
    const said = passes.get(keyOf(each)) ?? []
    passes.delete(keyOf(each))
    // Behind any end but a result nobody decides any more.
    if (point === 'AfterWorkflowComplete' && !['completed', 'partial'].includes(String(data['status']))) continue
    if (decision?.type === 'cancel' || decision?.type === 'retry') continue
    for (const { name } of guards.filter((guard) => guard.point === point)) {
      const last = said.findLast((other) => other.name === name)
      if (last === undefined)
        throw new Error(`${point} was left as ${decision?.type ?? '?'}, and ${name} was never asked`)
      if (last.said !== 'nothing')
        throw new Error(`${point} was left as ${decision?.type ?? '?'}, and ${name} said ${last.said}`)
      if (JSON.stringify(last.all) !== JSON.stringify(data))
        throw new Error(`${point} was left with ${JSON.stringify(data)}, and ${name} saw ${JSON.stringify(last.all)}`)
    }
  }
}

/** While it is paused nothing begins but what was let in one by one. */
export function assertPauses(noted: readonly Noted[], seen: readonly Seen[]): void {
  let isPaused = false
  let mayBegin = 0
  const begins = new Map(seen.flatMap((each) => (each.kind === 'step' ? [[each.at, each.name]] : [])))
  for (const [at, each] of noted.entries()) {
    if (each.type === 'steer') {
      isPaused = each.what === 'pause' || each.what === 'step' || (isPaused && each.what !== 'resume')
      if (each.what === 'step') mayBegin++
    } else if (isPaused && begins.has(at) && mayBegin-- <= 0) {
      throw new Error(`${String(begins.get(at))} began while all was paused`)
    }
  }
}
