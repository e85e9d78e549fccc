/**
 * A lane: steps one after another, as states. A sequence is one lane, so is each branch and the body of a loop. What the
 * patterns add round their lanes stands in their own files.
 */
import { and, assign } from 'xstate'
import type { EventObject } from 'xstate'
import type { ErrorData } from '../../src/errors.ts'
import type { LaneStatus, StepInput } from './effects.ts'
import type { ErrorPolicy, Step } from './tree.ts'
import { hooked, told } from '../outcome-guards.ts'

/** Where a lane stands. JSON. */
export interface LaneContext {
  /** What the next step is given; behind the last one the output. */
  readonly value: unknown
  /** The step that was jumped to. */
  readonly goesTo: string | null
  /** Steps that failed and were passed over. */
  readonly failed: readonly string[]
  /** A workflow in it was partial. */
  readonly isPartial: boolean
  /** Why it has ended early. */
  readonly error: ErrorData | null
  readonly status: LaneStatus
}

/** The part of the context of every workflow that its lanes are in. */
export interface LanesContext {
  readonly lanes: Readonly<Record<string, LaneContext>>
}

/** A lane that has not begun. */
export function beginLane(value: unknown): LaneContext {
  return { value, goesTo: null, failed: [], isPartial: false, error: null, status: 'running' }
}

/**
 * What whatever a workflow invokes tells it: which way to go, and what is to be noted. completed: it is done; failed: it has
 * failed; refused: a hook has said no; jump: on at another step.
 */
export interface LaneOutcome<Type extends string = 'completed' | 'failed' | 'refused' | 'jump'> {
  readonly type: Type
  readonly note?: Partial<LaneContext>
}

interface Args {
  readonly context: LanesContext
  readonly event: EventObject
}

interface OfLane {
  readonly lane: string
}

/** What whatever was invoked told. */
export const toldBy = (event: EventObject) =>
  (event as unknown as { readonly output: { readonly type: string; readonly note?: object } }).output

const laneOf = ({ lanes }: LanesContext, lane: string) => lanes[lane] as LaneContext

function changed({ lanes }: LanesContext, lane: string, note: Partial<LaneContext>) {
  const changedLane = withNote(laneOf({ lanes }, lane), note)
  return { lanes: isAlone(lanes) ? { [lane]: changedLane } : { ...lanes, [lane]: changedLane } }
}

/** Key by key: on Node 20 an object that is put together of others costs a microsecond, and every step does this. */
function withNote(lane: LaneContext, note: Partial<LaneContext>): LaneContext {
  return {
    value: 'value' in note ? note.value : lane.value,
    goesTo: note.goesTo === undefined ? lane.goesTo : note.goesTo,
    failed: note.failed ?? lane.failed,
    isPartial: note.isPartial ?? lane.isPartial,
    error: note.error === undefined ? lane.error : note.error,
    status: note.status ?? lane.status,
  }
}

function isAlone(lanes: LanesContext['lanes']): boolean {
  let count = 0
  for (const _ in lanes) if (++count > 1) return false
  return true
}

/** The guards and actions of lanes, for the `setup` of a workflow's machine. */
export const laneParts = {
  guards: {
    /** Some hook at a point is enabled. Provided by whoever runs the machine; drawn and explored both ways. */
    hooked: (_: Args, __: { readonly point: string }) => true,
    /** What was told is of a type. */
    told: ({ event }: Args, { type }: { readonly type: string }) => toldBy(event).type === type,
    /** The step is the one that was jumped to. */
    goesTo: ({ context }: Args, { lane, step }: OfLane & { readonly step: string }) =>
      laneOf(context, lane).goesTo === step,
    /** Some step failed and was passed over. */
    isPartial: ({ context }: Args) =>
      Object.values(context.lanes).some(({ failed, isPartial }) => failed.length > 0 || isPartial),
  },
  actions: {
    /** Takes over what a step of the lane, or a gate in it, told. */
    note: assign(({ context, event }: Args, { lane }: OfLane) => changed(context, lane, toldBy(event).note ?? {})),
    /** A step has failed, and that is no reason to stop. */
    passOver: assign(({ context, event }: Args, { lane, step }: OfLane & { readonly step: string }) =>
      changed(context, lane, {
        ...toldBy(event).note,
        error: null,
        failed: [...laneOf(context, lane).failed, step],
      }),
    ),
    endLane: assign(({ context }: Args, { lane, status }: OfLane & { readonly status: LaneStatus }) =>
      changed(context, lane, { status }),
    ),
  },
}

/** Where a lane leads to. */
export interface LaneEnds {
  readonly completed: string
  readonly failed: string
  readonly cancelled: string
}

/** A state in which hooks at a point decide, in a lane or, without a name of one, in none. A state name is unique among its siblings, and so is what it invokes in its lane. */
export function gateState(
  point: string,
  lane: string,
  onDone: readonly object[],
  more?: (args: { readonly context: never }) => object,
): object {
  const input = more === undefined ? { point, lane } : (args: { context: never }) => ({ point, lane, ...more(args) })
  return {
    meta: { gate: { point } },
    invoke: { id: lane === '' ? 'gate' : `gate ${lane}`, src: 'gate', input, onDone },
  }
}

/**
 * Makes the states of a lane, one a step, named like it. Between two steps lies the gate WorkflowStageTransition, entered only
 * where somebody is hooked to it. A jump leads from any of them to any other. They invoke `step` and `gate`.
 */
export function laneStates(
  lane: string,
  steps: readonly Step[],
  ends: LaneEnds,
  onError: ErrorPolicy = 'fail_fast',
): { readonly initial: string; readonly states: Record<string, object> } {
  const names = stateNames(
    steps.map(({ name }) => name),
    [ends.completed, ends.failed, ends.cancelled, 'jumping'],
  )
  const note = { type: 'note', params: { lane } }
  const states: Record<string, object> = {}
  for (const [index, { name, type }] of steps.entries()) {
    const state = names[index] as string
    const next = steps[index + 1]
    const nextState = names[index + 1]
    const between = `leaving ${state}`
    const passOver = { type: 'passOver', params: { lane, step: name } }
    const input = ({ context }: { context: LanesContext }): StepInput => ({
      lane,
      index,
      value: laneOf(context, lane).value,
    })
    states[state] = {
      meta: { step: { name, type } },
      invoke: {
        id: `step ${lane}`,
        src: 'step',
        input,
        onDone: [
          { guard: told('jump'), target: 'jumping', actions: note },
          ...onwards(told('completed'), note),
          ...(onError === 'continue'
            ? onwards(undefined, passOver)
            : [
                { guard: told('failed'), target: ends.failed, actions: note },
                { target: ends.cancelled, actions: note },
              ]),
        ],
      },
    }
    if (nextState === undefined) continue
    states[between] = gateState(
      'WorkflowStageTransition',
      lane,
      [
        { guard: told('completed'), target: nextState, actions: note },
        { guard: told('jump'), target: 'jumping', actions: note },
        { guard: told('failed'), target: ends.failed, actions: note },
        { target: ends.cancelled, actions: note },
      ],
      ({ context }: { context: LanesContext }) => ({ index, value: laneOf(context, lane).value }),
    )

    function onwards(given: object | undefined, actions: object): object[] {
      const guard = given === undefined ? {} : { guard: given }
      if (next === undefined || nextState === undefined) return [{ ...guard, target: ends.completed, actions }]
      const isHooked = hooked('WorkflowStageTransition')
      return [
        { guard: given === undefined ? isHooked : and([given, isHooked] as never), target: between, actions },
        { ...guard, target: nextState, actions },
      ]
    }
  }
  states['jumping'] = {
    always: steps.map(({ name }, i) => ({ guard: { type: 'goesTo', params: { lane, step: name } }, target: names[i] })),
  }
  return { initial: names[0] as string, states }
}

/** Names as keys of states: without the characters that mean something in targets, and none twice. */
export function stateNames(names: readonly string[], taken: readonly string[] = []): string[] {
  const used = new Set(taken)
  return names.map((name) => {
    const plain = name.replaceAll(/[.#]/g, '_')
    let key = plain
    for (let i = 2; used.has(key) || used.has(`leaving ${key}`); i++) key = `${plain} ${String(i)}`
    used.add(key)
    used.add(`leaving ${key}`)
    return key
  })
}
