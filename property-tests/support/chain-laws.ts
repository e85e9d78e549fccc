/** What holds for every course of a chain, whatever its components, their policies and the hooks at them do. */
import { expect } from 'vitest'
import type { GateSeen, Seen, StepSeen } from './course.ts'

/** A component as it was planned. */
export interface ComponentPlan {
  readonly id: string
  readonly after: readonly string[]
  readonly onError: 'fail' | 'skip_dependants' | 'compensate' | 'fallback'
  readonly compensates: boolean
}

interface Result {
  readonly status: string
  readonly output?: unknown
}

/** Checks each attempt of a chain, and that the end agrees with the last. */
export function assertChain(seen: readonly Seen[], components: readonly ComponentPlan[], result: Result): void {
  const settled = seen.at(-1)
  expect(settled).toMatchObject({ kind: 'told', point: 'OperationSettled', given: { status: result.status } })
  let attempt: StepSeen[] = []
  /** An attempt that has come to AfterChain, and what was undone behind that. */
  let told: { readonly gate: GateSeen; readonly attempt: StepSeen[]; readonly undone: StepSeen[] } | undefined
  for (const each of seen) {
    if (each.kind === 'step' && told !== undefined && isUndoing(each)) told.undone.push(each)
    else {
      if (told !== undefined) assertRejected(told, components)
      told = undefined
      if (each.kind === 'step') attempt.push(each)
      else {
        if (attempt.length > 0) assertAttempt(attempt, components, each.kind === 'gate' ? each : undefined)
        if (each.kind === 'gate' && each.point === 'AfterChain') told = { gate: each, attempt, undone: [] }
        attempt = []
      }
    }
    if (each.kind === 'step') expect(each.until, `${each.name} is settled before the chain`).toBeLessThan(settled!.at)
  }
  const last = seen.findLast((each) => each.kind === 'gate')
  const ended = ['completed', 'partial'].includes(result.status)
  if (last?.point === 'AfterChain' && last.decision?.type === 'continue') {
    expect(ended).toBe(true)
    expect(JSON.stringify(result.output)).toBe(JSON.stringify(last.left?.['output']))
  }
  if (last?.point === 'ChainError') expect(ended).toBe(false)
}

const hasOutput = (step: StepSeen | undefined) =>
  step !== undefined && ['completed', 'partial'].includes(String(step.settled?.['status']))

const isUndoing = ({ name }: StepSeen) => name.endsWith('/compensate')

/** What hooks refuse when it has completed is undone as what has failed is; what they let through stays. */
function assertRejected(
  told: { readonly gate: GateSeen; readonly attempt: readonly StepSeen[]; readonly undone: readonly StepSeen[] },
  components: readonly ComponentPlan[],
): void {
  const { gate, attempt, undone } = told
  const refused = gate.decision?.type === 'cancel'
  if (!refused && undone.length === 0) return
  expect(gate.decision?.type, 'what hooks let through is not undone').not.toBe('continue')
  const compensates = components.some(({ onError }) => onError === 'compensate')
  const undoable = components
    .flatMap(({ id, compensates: has }) => {
      const at = attempt.find(({ name }) => name === id)?.effects[0]
      return !has || at === undefined ? [] : [{ id, at }]
    })
    .toSorted((a, b) => b.at - a.at)
  expect(
    undone.map(({ name }) => name),
    'what is undone behind AfterChain',
  ).toEqual(compensates ? undoable.map(({ id }) => `${id}/compensate`) : [])
}

/** One attempt: the runs of its components, their fallbacks, and what was undone behind it. */
function assertAttempt(
  steps: readonly StepSeen[],
  components: readonly ComponentPlan[],
  next: GateSeen | undefined,
): void {
  const only = (name: string) => {
    const found = steps.filter((step) => step.name === name)
    expect(found.length, `${name} at most once`).toBeLessThanOrEqual(1)
    return found[0]
  }
  const parts = components.map((component) => ({
    ...component,
    run: only(component.id),
    fallback: only(`${component.id}/fallback`),
    undo: only(`${component.id}/compensate`),
  }))
  const partOf = (id: string) => parts.find((part) => part.id === id)!
  /** What it ended with. */
  const endOf = ({ run, fallback }: (typeof parts)[number]) => fallback ?? run
  const isAborted = (step: StepSeen | undefined) =>
    (step?.settled?.['error'] as { code?: string } | undefined)?.code === 'RUN_ABORTED'
  /** When the first component failed the chain. */
  const stoppedAt = Math.min(
    ...parts.flatMap((part) => {
      const end = endOf(part)
      const fails = end !== undefined && !hasOutput(end) && part.onError !== 'skip_dependants'
      return fails ? [end.until] : []
    }),
  )
  const wasStopped = stoppedAt < Infinity || next?.point !== 'AfterChain'
  for (const part of parts) {
    const { id, after, run, fallback, onError } = part
    for (const other of run === undefined ? [] : after) {
      const end = endOf(partOf(other))
      expect(hasOutput(end) && end!.until < run!.at, `${id} begins when ${other} has an output`).toBe(true)
    }
    if (run !== undefined) expect(run.at, `${id} begins before the chain is stopped`).toBeLessThan(stoppedAt)
    if (fallback !== undefined) {
      expect(onError === 'fallback' && run !== undefined && !hasOutput(run), `${id} falls back`).toBe(true)
      expect(fallback.at).toBeGreaterThan(run!.until)
    } else if (onError === 'fallback' && run !== undefined && !hasOutput(run)) {
      expect(wasStopped, `${id} has no fallback`).toBe(true)
    }
    // What is left out is cut off, or nothing more was to start.
    if (run === undefined) {
      expect(wasStopped || after.some((other) => !hasOutput(endOf(partOf(other)))), `${id} is left out`).toBe(true)
    }
  }
  assertUndone(parts, wasStopped)
  if (next?.point !== 'AfterChain' || next.given['output'] === undefined) return
  expect(stoppedAt, 'it was stopped and has completed').toBe(Infinity)
  const outputs = parts.flatMap((part) => (hasOutput(endOf(part)) ? [[part.id, endOf(part)!.settled!['output']]] : []))
  expect(JSON.stringify(next.given['output'])).toBe(JSON.stringify(Object.fromEntries(outputs)))
  expect(parts.some(({ run }) => isAborted(run))).toBe(false)
}

type Part = ComponentPlan & Record<'run' | 'fallback' | 'undo', StepSeen | undefined>

/** What was started and can be undone is, the last started first, when a component that compensates has no output. */
function assertUndone(parts: readonly Part[], stopped: boolean): void {
  const started = parts.flatMap(({ id, run }) => (run?.effects[0] === undefined ? [] : [{ id, at: run.effects[0] }]))
  const compensates = parts.some((part) => {
    const end = part.fallback ?? part.run
    return part.onError === 'compensate' && !hasOutput(end)
  })
  const undone = parts
    .filter(({ undo }) => undo !== undefined)
    .toSorted((a, b) => a.undo!.at - b.undo!.at)
    .map(({ id }) => id)
  const undoable = started
    .filter(({ id }) => parts.find((part) => part.id === id)?.compensates)
    .toSorted((a, b) => b.at - a.at)
    .map(({ id }) => id)
  expect(undone, 'what is undone').toEqual(compensates && stopped ? undoable : [])
  const runs = parts.flatMap(({ run, fallback }) => [run?.until ?? 0, fallback?.until ?? 0])
  let free = Math.max(...runs)
  for (const id of undone) {
    const { undo } = parts.find((part) => part.id === id)!
    expect(undo!.at, 'one after another, when all has settled').toBeGreaterThan(free)
    free = undo!.until
  }
}
