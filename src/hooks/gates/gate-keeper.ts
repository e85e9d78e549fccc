/** Runs the hooks of the gates of one machine's transitions, and gives the machine its events back. */
import { HookchartError, toHookchartError } from '../../errors.ts'
import type { GateData } from '../change.ts'
import type { Decision } from '../decision.ts'
import type { Kernel } from '../executor/kernel.ts'
import { isPromise } from '../flow.ts'
import type { Slot } from '../registry/slot.ts'
import type { LogicScope, MachineActor, MachineEvent } from './actor-logic.ts'
import type { Admissions } from './admissions.ts'
import { MachineOperation } from './machine-operation.ts'
import { GATE_EVENTS } from './names.ts'
import { exhausted, notActable, reasonOf, redirectLimit, refusalOf, unknownTarget } from './refusal.ts'
import type { TransitionGate, TransitionGatesInput, WaitingEvent } from './transition-gates.ts'

type Ended = { readonly decision: Decision } | { readonly error: unknown }

/** The operation behind a transition that was taken, for the gate after it. */
interface Taken {
  readonly operation: MachineOperation
  /** Starts of the effect. */
  attempts: number
  limit: number
  /** The effect was asked for again: its state is about to be left and entered. */
  again: boolean
}

/** See the head of this file. */
export class GateKeeper {
  readonly #kernel: Kernel
  readonly #admissions: Admissions
  readonly #input: TransitionGatesInput
  readonly #scope: LogicScope
  readonly #running = new Map<number, { readonly operation: MachineOperation; readonly source: string }>()
  readonly #ended = new Map<number, Ended>()
  /** By the gate after a transition. */
  readonly #taken = new Map<string, Taken>()
  /** How many redirects have led to an event. */
  readonly #redirects = new WeakMap<MachineEvent, number>()

  constructor(kernel: Kernel, admissions: Admissions, input: TransitionGatesInput, scope: LogicScope) {
    this.#kernel = kernel
    this.#admissions = admissions
    this.#input = input
    this.#scope = scope
  }

  /** Throws UNKNOWN_POINT, and INVALID_OPTIONS for a point of another phase. */
  assertPoints(): void {
    for (const gate of Object.values(this.#input.gates)) {
      const { id, phase } = this.#slotOf(gate).definition
      const expected = gate.at === 'before' ? 'before' : 'after'
      if (phase === expected) continue
      throw new HookchartError(
        'INVALID_OPTIONS',
        `${this.#input.machine}: ${id} is a point of phase "${phase}", and stands where one of phase "${expected}" must.`,
        { details: { machine: this.#input.machine, point: id, phase } },
      )
    }
  }

  sourceOf(gate: string): string | undefined {
    return this.#input.gates[gate]?.source
  }

  hasEnded({ pass }: WaitingEvent): boolean {
    return this.#ended.has(pass)
  }

  begin(waiting: WaitingEvent): void {
    const { pass } = waiting
    const gate = this.#gateOf(waiting)
    const slot = this.#slotOf(gate)
    const operation = this.#taken.get(waiting.gate)?.operation ?? this.#newOperation(slot, waiting.event)
    this.#running.set(pass, { operation, source: gate.source })
    const end = (ended: Ended) => {
      if (!this.#running.has(pass)) return
      this.#ended.set(pass, ended)
      this.#scope.self.send({ type: GATE_EVENTS.decided, pass })
    }
    try {
      const decision = operation.pass(slot, dataAt(gate, waiting))
      if (!isPromise(decision)) {
        end({ decision })
        return
      }
      decision.then(
        (settled) => {
          end({ decision: settled })
        },
        (error: unknown) => {
          end({ error })
        },
      )
    } catch (error) {
      end({ error })
    }
  }

  /** Acts on what a pass has come to. */
  deliver(waiting: WaitingEvent): void {
    const gate = this.#gateOf(waiting)
    const running = this.#running.get(waiting.pass)
    const ended = this.#ended.get(waiting.pass)
    this.#running.delete(waiting.pass)
    this.#ended.delete(waiting.pass)
    if (running === undefined || ended === undefined) return
    const { operation } = running
    if ('error' in ended) {
      this.#close(waiting.gate, operation)
      this.#refuse(waiting, gate, toHookchartError(ended.error), undefined)
    } else if (gate.at === 'after') this.#actAfter(waiting, gate, ended.decision, operation)
    else this.#actBefore(waiting, gate, ended.decision, operation)
  }

  /** A state was left: what waits there waits no longer, what was let through from there comes too late. */
  left(source: string): void {
    this.#admissions.retire(this.#machine, (gate) => this.sourceOf(gate) === source)
    for (const [gate, taken] of this.#taken) {
      if (this.sourceOf(gate) !== source) continue
      if (taken.again) taken.again = false
      else this.#close(gate, taken.operation)
    }
    let aborted = false
    for (const [pass, running] of this.#running) {
      if (running.source !== source) continue
      this.#running.delete(pass)
      this.#abort(running.operation)
      aborted = true
    }
    if (aborted) this.#scope.self.send({ type: GATE_EVENTS.left, source })
  }

  stop(): void {
    const operations = [...[...this.#running.values()].map(({ operation }) => operation)]
    this.#running.clear()
    for (const operation of operations) this.#abort(operation)
    for (const [gate, { operation }] of this.#taken) this.#close(gate, operation)
  }

  #actBefore(waiting: WaitingEvent, gate: TransitionGate, decision: Decision, operation: MachineOperation): void {
    const { event } = waiting
    const unfit = notActable(decision, gate)
    if (decision.type === 'continue' || (decision.type === 'modified' && unfit === undefined)) {
      if (gate.at === 'entered') {
        this.#close(waiting.gate, operation)
        return
      }
      if (gate.after === undefined) this.#close(waiting.gate, operation)
      else this.#keep(gate.after, operation)
      const input = decision.type === 'modified' ? payloadOf(decision.data) : event
      this.#machine.send(this.#admissions.admit(this.#machine, waiting.gate, { ...input, type: event.type }))
      return
    }
    this.#close(waiting.gate, operation)
    if (unfit !== undefined) this.#refuse(waiting, gate, unfit, hookOf(decision))
    else if (decision.type === 'redirect')
      this.#redirect(waiting, gate, decision.target, payloadOf(decision.data), decision.hook)
    else this.#refuse(waiting, gate, refusalOf(gate, decision), hookOf(decision))
  }

  #actAfter(waiting: WaitingEvent, gate: TransitionGate, decision: Decision, operation: MachineOperation): void {
    const { event } = waiting
    const goOn = (changed: MachineEvent) => {
      this.#machine.send(this.#admissions.admit(this.#machine, waiting.gate, changed))
    }
    if (decision.type === 'retry') {
      const taken = this.#taken.get(waiting.gate) ?? this.#keep(waiting.gate, operation)
      taken.limit = Math.min(taken.limit, decision.maxAttempts)
      if (++taken.attempts <= taken.limit) {
        taken.again = true
        goOn({ type: GATE_EVENTS.again })
      } else {
        this.#close(waiting.gate, operation)
        this.#refuse(waiting, gate, exhausted(gate, decision.hook, taken.limit), decision.hook)
      }
      return
    }
    this.#close(waiting.gate, operation)
    if (decision.type === 'continue') goOn(event)
    else if (decision.type === 'modified') goOn({ ...event, output: (decision.data as GateData)['output'] })
    else if (decision.type === 'replace') goOn({ ...event, output: decision.value })
    else if (decision.type === 'redirect')
      this.#redirect(waiting, gate, decision.target, { input: (decision.data as GateData)['output'] }, decision.hook)
    else this.#refuse(waiting, gate, refusalOf(gate, decision), hookOf(decision))
  }

  /** Sends the machine another event in the place of the one that waited. */
  #redirect(
    { event, ...waiting }: WaitingEvent,
    gate: TransitionGate,
    target: string,
    payload: object,
    hook: string,
  ): void {
    const redirects = (this.#redirects.get(event) ?? 0) + 1
    const { maxRedirects } = this.#slotOf(gate).settings
    const { events } = this.#input
    if (redirects > maxRedirects) this.#refuse({ event, ...waiting }, gate, redirectLimit(gate, maxRedirects), hook)
    else if (!events.includes(target))
      this.#refuse({ event, ...waiting }, gate, unknownTarget(gate, target, events), hook)
    else {
      const redirected = { ...payload, type: target }
      this.#redirects.set(redirected, redirects)
      this.#machine.send(redirected)
    }
  }

  /** An event does not come through; the end of an invoke becomes its failure. */
  #refuse({ event }: WaitingEvent, gate: TransitionGate, error: HookchartError, hook: string | undefined): void {
    if (gate.at === 'after') {
      const actorId = event.type.slice('xstate.done.actor.'.length)
      this.#machine.send({ type: `xstate.error.actor.${actorId}`, error, actorId })
      return
    }
    const refusal = {
      event,
      point: gate.point,
      code: error.code,
      reason: reasonOf(error),
      ...(hook !== undefined && { hook }),
    }
    this.#scope.emit({ type: 'refused', ...refusal })
    if (gate.refused !== undefined) this.#machine.send({ type: gate.refused, ...refusal })
  }

  #keep(gate: string, operation: MachineOperation): Taken {
    const before = this.#taken.get(gate)
    if (before !== undefined && before.operation !== operation) void before.operation.end()
    const taken: Taken = { operation, attempts: 1, limit: Infinity, again: false }
    this.#taken.set(gate, taken)
    return taken
  }

  #close(gate: string, operation: MachineOperation): void {
    if (this.#taken.get(gate)?.operation === operation) this.#taken.delete(gate)
    void operation.end()
  }

  #abort(operation: MachineOperation): void {
    operation.abort(
      new HookchartError('RUN_ABORTED', `${this.#input.machine} has left the state from which the event waited.`),
    )
    void operation.end()
  }

  #newOperation({ definition }: Slot, { type }: MachineEvent): MachineOperation {
    const { machine } = this.#input
    return new MachineOperation(
      this.#kernel,
      { type: definition.component, name: machine, id: machine },
      { event: type },
    )
  }

  get #machine(): MachineActor {
    return this.#scope.self._parent as MachineActor
  }

  #gateOf({ gate }: WaitingEvent): TransitionGate {
    return this.#input.gates[gate] as TransitionGate
  }

  #slotOf({ point }: TransitionGate): Slot {
    return this.#kernel.registry.points.slot(point)
  }
}

function dataAt(gate: TransitionGate, { event, input }: WaitingEvent): GateData {
  if (gate.at === 'after') return { input, output: event['output'] }
  const { type: _, ...payload } = event
  return gate.at === 'before' ? { input: payload } : { input: payload, output: undefined }
}

function payloadOf(data: unknown): Readonly<Record<string, unknown>> {
  const { input } = data as { readonly input?: unknown }
  return typeof input === 'object' && input !== null ? (input as Record<string, unknown>) : {}
}

function hookOf(decision: Decision): string | undefined {
  return 'hook' in decision ? decision.hook : undefined
}
