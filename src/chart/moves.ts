/** What may happen to a machine: where it starts, and what each event leads to, on pure steps. */
import { initialTransition, transition } from 'xstate'
import type { AnyMachineSnapshot, AnyStateMachine, EventObject } from 'xstate'
import { HookchartError, isHookchartError, textOf } from '../errors.ts'
import { failedAtStart } from './explore-options.ts'
import type { ParsedOptions } from './explore-options.ts'
import type { Way } from './choices.ts'
import { askedIn, GateChoices } from './gate-choices.ts'
import type { Actions, Pass } from './passes.ts'
import { canonicalJson, dataText, eventText, stateText } from './state-key.ts'

/** Where a machine stands. */
export interface Position {
  readonly snapshot: AnyMachineSnapshot
  /** What waits at the gates of its transitions. */
  readonly passes: readonly Pass[]
}

/** One event, and what it leads to. */
export interface Move extends Position {
  readonly event: EventObject
  /** Tells it from others of the same position. */
  readonly name: string
}

const NOTHING: readonly Pass[] = []

type Step = readonly [AnyMachineSnapshot, Actions]

/** See the head of this file. */
export class Moves {
  readonly #machine: AnyStateMachine
  readonly #options: ParsedOptions
  readonly #where: string
  readonly #gates: GateChoices | undefined

  constructor(machine: AnyStateMachine, options: ParsedOptions) {
    // A step of somebody else's knows nothing of choices.
    this.#gates = options.step === undefined ? new GateChoices(machine) : undefined
    this.#machine = this.#gates?.machine ?? machine
    this.#options = options
    this.#where = `explore(${machine.id})`
  }

  /** Where the machine may start: in one place, unless its first steps lead past gates. */
  starts(): readonly Position[] {
    return this.#ways(() => this.#start()).flatMap(({ result: [snapshot, actions] }) =>
      this.#waitingAfter(NOTHING, snapshot, actions).map((passes) => ({ snapshot, passes })),
    )
  }

  /** All that may happen in a position and does something. */
  from(at: Position): readonly Move[] {
    const { snapshot, passes } = at
    const events = this.#asked('events', at, () => this.#options.eventsIn(snapshot))
    if (this.#gates === undefined) return events.flatMap((event) => this.#take(at, event))
    const gates = this.#gates
    const behind = passes.flatMap((pass) => {
      const rest = { snapshot, passes: passes.filter((each) => each !== pass) }
      return gates.passes.outcomes(pass).flatMap((event) => this.#take(rest, event, ` behind ${pass.gate}`))
    })
    return [...[...events, ...gates.decisionsIn(snapshot)].flatMap((event) => this.#take(at, event)), ...behind]
  }

  /** What tells a position apart. Throws DATA_NOT_JSON. */
  keyOf(at: Position): string {
    const { snapshot, passes } = at
    const { key } = this.#options
    const text =
      key === undefined
        ? stateText(snapshot, this.#where)
        : dataText(
            this.#asked('key', at, () => key(snapshot)),
            `${this.#where}: the key`,
          )
    const asked = this.#gates === undefined ? [] : askedIn(snapshot).map(({ id, asked: waiting }) => [id, waiting])
    if (asked.length + passes.length === 0) return text
    return `${text} ${dataText([...asked, ...passes], `${this.#where}: what waits at a gate`, 'Events and their data must be JSON.')}`
  }

  #take(at: Position, event: EventObject, behind = ''): readonly Move[] {
    return this.#ways(() => this.#next(at.snapshot, event)).flatMap(({ result: [snapshot, actions], yes }) => {
      const hooked = yes.length === 0 ? '' : ` hooked at ${yes.join(', ')}`
      return this.#waitingAfter(at.passes, snapshot, actions).flatMap((passes, i) => {
        // What was let through or refused waits no longer, whatever the machine makes of it.
        if (snapshot === at.snapshot && passes === at.passes && behind === '') return []
        const waiting = i === 0 ? '' : `, ${passes.map(({ gate }) => gate).join(', ')} waiting`
        return [{ snapshot, passes, event, name: `${eventText(event)}${behind}${hooked}${waiting}` }]
      })
    })
  }

  #ways<T>(act: () => T): readonly Way<T>[] {
    return this.#gates === undefined ? [{ result: act(), yes: [] }] : this.#gates.ways(act)
  }

  #waitingAfter(
    passes: readonly Pass[],
    { status }: AnyMachineSnapshot,
    actions: Actions,
  ): readonly (readonly Pass[])[] {
    if (this.#gates === undefined || status !== 'active') return [NOTHING]
    return this.#gates.passes.after(passes, actions)
  }

  #start(): Step {
    let start: Step
    try {
      start = initialTransition(this.#machine, this.#options.input)
    } catch (error) {
      throw failedAtStart(this.#machine, error)
    }
    if ((start[0].status as string) === 'error') throw failedAtStart(this.#machine, start[0].error)
    return start
  }

  #next(snapshot: AnyMachineSnapshot, event: EventObject): Step {
    const { step } = this.#options
    try {
      return step === undefined ? transition(this.#machine, snapshot, event) : [step(snapshot, event), []]
    } catch (cause) {
      const taken = `the event ${eventText(event)} cannot be taken in ${canonicalJson(snapshot.value)}`
      throw new HookchartError(
        'INVALID_OPTIONS',
        `${this.#where}: ${taken}. It throws: ${textOf(cause)}. Guards and actions must be pure, and the events fit them.`,
        { details: { machine: this.#machine.id, event: event.type }, cause },
      )
    }
  }

  /** What a function among the options says of a state. */
  #asked<T>(option: string, { snapshot }: Position, ask: () => T): T {
    try {
      return ask()
    } catch (cause) {
      if (isHookchartError(cause)) throw cause
      throw new HookchartError(
        'INVALID_OPTIONS',
        `${this.#where}: "${option}" throws in ${canonicalJson(snapshot.value)}: ${textOf(cause)}. It is asked in every state.`,
        { details: { machine: this.#machine.id, option }, cause },
      )
    }
  }
}
