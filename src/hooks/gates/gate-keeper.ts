/** Runs the hooks of the gates of one machine's transitions, and gives the machine its events back. */
import { HookchartError, toHookchartError } from '../../errors.ts'
import type { GateData } from '../change.ts'
import type { ComponentInfo } from '../context.ts'
import type { Decision } from '../decision.ts'
import type { Kernel } from '../executor/kernel.ts'
import type { Slot } from '../registry/slot.ts'
import type { LogicScope, MachineActor, MachineEvent } from './actor-logic.ts'
import type { Admissions } from './admissions.ts'
import { CarriedOperations } from './carried.ts'
import type { Carried } from './carried.ts'
import { MachineOperation } from './machine-operation.ts'
import type { Handed } from './machine-operation.ts'
import { GATE_EVENTS } from './names.ts'
import { notActable, reasonOf, redirectLimit, refusalOf, unknownTarget } from './refusal.ts'
import type { TransitionGate, TransitionGatesInput, WaitingEvent } from './transition-gate.ts'
import { whenDecided } from './when-decided.ts'
import type { Ended } from './when-decided.ts'

/** See the head of this file. */
export class GateKeeper {
  readonly #kernel: Kernel
  readonly #admissions: Admissions
  readonly #input: TransitionGatesInput
  readonly #scope: LogicScope
  readonly #running = new Map<number, { readonly operation: MachineOperation; readonly source: string }>()
  readonly #ended = new Map<number, Ended>()
  readonly #carried = new CarriedOperations()
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

  isHooked(gate: string): boolean {
    const slot = this.#slotOf(this.#gateOf({ gate }))
    return slot.chainFor(this.#componentAt(slot)) !== null
  }

  /** A transition was taken; gives what a gate before it has begun, or an effect that was started before. */
  claim(gate: string, event: MachineEvent): Carried | undefined {
    const carried = this.#carried.claim(event)
    if (this.#input.gates[gate]?.at === 'after') this.#carried.keep(gate, carried?.operation)
    return carried
  }

  /** The machine has not taken an event that was let through. */
  drop(event: MachineEvent): void {
    this.#carried.drop(event)
  }

  begin(waiting: WaitingEvent, begun?: MachineOperation): void {
    this.#carried.dropAll((event) => this.#admissions.isStale(event))
    const { pass } = waiting
    const gate = this.#gateOf(waiting)
    const slot = this.#slotOf(gate)
    const operation = begun ?? this.#carried.behind(waiting.gate) ?? this.#newOperation(gate, waiting)
    this.#running.set(pass, { operation, source: gate.source })
    const end = (ended: Ended) => {
      if (!this.#running.has(pass)) return
      this.#ended.set(pass, ended)
      this.#scope.self.send({ type: GATE_EVENTS.decided, pass })
    }
    whenDecided(() => operation.pass(slot, dataAt(gate, waiting), gate.at === 'before'), end)
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
      this.#carried.release(waiting.gate)
      operation.end()
      this.#refuse(waiting, gate, toHookchartError(ended.error))
    } else if (gate.at === 'after') this.#actAfter(waiting, gate, ended.decision, operation)
    else this.#actBefore(waiting, gate, ended.decision, operation)
  }

  /** A state was left: what waits there waits no longer, what was let through from there comes too late. */
  left(source: string): void {
    const isLeft = (gate: string) => this.sourceOf(gate) === source
    this.#admissions.retire(this.#machine, isLeft)
    let hasPast = Object.entries(this.#input.gates).some(([gate, { at }]) => at === 'after' && isLeft(gate))
    for (const [pass, running] of this.#running) {
      if (running.source !== source) continue
      this.#running.delete(pass)
      this.#abort(running.operation)
      hasPast = true
    }
    this.#carried.endBehind(isLeft)
    if (hasPast) this.#scope.self.send({ type: GATE_EVENTS.left, source })
  }

  stop(): void {
    const operations = [...this.#running.values()].map(({ operation }) => operation)
    this.#running.clear()
    for (const operation of operations) this.#abort(operation)
    this.#carried.dropAll(() => true)
    this.#carried.endBehind(() => true)
  }

  #actBefore(waiting: WaitingEvent, gate: TransitionGate, decision: Handed, operation: MachineOperation): void {
    const { event } = waiting
    const unfit = notActable(decision, gate)
    const lets = decision.type === 'continue' || (decision.type === 'modified' && unfit === undefined)
    if (lets && gate.at === 'before') {
      const admitted = this.#admit(waiting.gate, { ...payloadOf(decision.data), type: event.type })
      if (gate.after === true) this.#carried.let(admitted, { operation })
      else operation.end()
      this.#redirects.set(admitted, operation.redirects)
      this.#machine.send(admitted)
      return
    }
    operation.end()
    if (lets) return
    if (unfit !== undefined) this.#refuse(waiting, gate, unfit, hookOf(decision))
    else if (decision.type === 'redirect') this.#redirect(waiting, gate, decision, payloadOf(decision.data), operation)
    else this.#refuse(waiting, gate, refusalOf(gate, decision), hookOf(decision))
  }

  #actAfter(waiting: WaitingEvent, gate: TransitionGate, decision: Handed, operation: MachineOperation): void {
    const { event } = waiting
    const goOn = (output: unknown) => {
      this.#machine.send(this.#admit(waiting.gate, { ...event, output }))
    }
    this.#carried.release(waiting.gate)
    if (decision.type === 'retry') {
      const again = this.#admit(waiting.gate, { type: GATE_EVENTS.again })
      this.#carried.let(again, { operation, cause: waiting.cause })
      this.#machine.send(again)
      return
    }
    operation.end()
    const { output } = decision.data as { readonly output?: unknown }
    if (decision.type === 'continue' || decision.type === 'modified') goOn(output)
    else if (decision.type === 'replace') goOn(decision.value)
    else if (decision.type === 'redirect') this.#redirect(waiting, gate, decision, { output }, operation)
    else this.#refuse(waiting, gate, refusalOf(gate, decision), hookOf(decision))
  }

  #admit(gate: string, event: MachineEvent, isNew = false): MachineEvent {
    return this.#admissions.admit(this.#machine, gate, event, isNew)
  }

  /** Sends the machine another event in the place of the one that waited. */
  #redirect(
    waiting: WaitingEvent,
    gate: TransitionGate,
    { target, hook }: Extract<Decision, { readonly type: 'redirect' }>,
    payload: object,
    operation: MachineOperation,
  ): void {
    const redirects = operation.redirects + 1
    const { maxRedirects } = this.#slotOf(gate).settings
    const { events } = this.#input
    if (redirects > maxRedirects) this.#refuse(waiting, gate, redirectLimit(gate, maxRedirects), hook)
    else if (!events.includes(target)) this.#refuse(waiting, gate, unknownTarget(gate, target, events), hook)
    else {
      const redirected = { ...payload, type: target }
      this.#redirects.set(redirected, redirects)
      this.#machine.send(redirected)
    }
  }

  /** An event does not come through; the end of an invoke becomes its failure. */
  #refuse({ event, ...waiting }: WaitingEvent, gate: TransitionGate, error: HookchartError, hook?: string): void {
    if (gate.at === 'after') {
      const actorId = event.type.slice('xstate.done.actor.'.length)
      this.#machine.send(this.#admit(waiting.gate, { type: `xstate.error.actor.${actorId}`, error, actorId }, true))
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

  #abort(operation: MachineOperation): void {
    operation.abort(
      new HookchartError('RUN_ABORTED', `${this.#input.machine} has left the state from which the event waited.`),
    )
    operation.end()
  }

  /** For what led to a gate, which is the start of an effect where that gate is behind a transition. */
  #newOperation(gate: TransitionGate, { event, cause = event }: WaitingEvent): MachineOperation {
    const redirects = this.#redirects.get(cause)
    const component = this.#componentAt(this.#slotOf(gate))
    const operation = new MachineOperation(this.#kernel, component, { event: cause.type }, redirects)
    if (gate.at !== 'before') operation.startEffect()
    return operation
  }

  #componentAt({ definition }: Slot): ComponentInfo {
    const { machine } = this.#input
    return { type: definition.component, name: machine, id: machine }
  }

  get #machine(): MachineActor {
    return this.#scope.self._parent as MachineActor
  }

  #gateOf({ gate }: Pick<WaitingEvent, 'gate'>): TransitionGate {
    return this.#input.gates[gate] as TransitionGate
  }

  #slotOf({ point }: TransitionGate): Slot {
    return this.#kernel.registry.points.slot(point)
  }
}

function dataAt(gate: TransitionGate, { event, cause }: WaitingEvent): GateData {
  if (gate.at === 'after') return { input: cause && withoutType(cause), output: event['output'] }
  return gate.at === 'before' ? { input: withoutType(event) } : { input: withoutType(event), output: undefined }
}

function withoutType({ type: _, ...payload }: MachineEvent): Readonly<Record<string, unknown>> {
  return payload
}

function payloadOf(data: unknown): Readonly<Record<string, unknown>> {
  const { input } = data as { readonly input?: unknown }
  return typeof input === 'object' && input !== null ? (input as Record<string, unknown>) : {}
}

function hookOf(decision: Decision): string | undefined {
  return 'hook' in decision ? decision.hook : undefined
}
