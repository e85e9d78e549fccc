/** `hooks.provide()`: what binds the gates of a machine to hooks. */
import type { ComponentInfo } from '../context.ts'
import { CONTINUE_DECISION } from '../decision.ts'
import type { Kernel } from '../executor/kernel.ts'
import { lastly } from '../flow.ts'
import type { Slot } from '../registry/slot.ts'
import type { Logic } from './actor-logic.ts'
import { Admissions } from './admissions.ts'
import { GateStates } from './gate-logic.ts'
import type { GateInput, GateSnapshot } from './gate-logic.ts'
import { machineName } from './machine-of.ts'
import type { MachineHolder } from './machine-of.ts'
import { MachineOperation } from './machine-operation.ts'
import { GATE_NAMES } from './names.ts'
import { assertRoutes } from './routes.ts'
import { TransitionGates } from './transition-gates.ts'
import type { TransitionGatesInput } from './transition-gate.ts'
import type { TransitionGatesSnapshot } from './transition-gates.ts'

/** What guards and actions of a machine are called with, as far as gates look at it. */
interface Args {
  readonly event: { readonly type: string }
}

interface ActionArgs extends Args {
  readonly self: MachineHolder
}

type GateGuard = (args: Args, params: unknown) => boolean
type GateAction = (args: ActionArgs, params: unknown) => void

/** Implementations for the gates of a machine; for `machine.provide`. */
export interface GateImplementations {
  readonly guards: Readonly<Record<`hookchart.${'unhooked' | 'fresh' | 'stale' | 'admitted' | 'decided'}`, GateGuard>>
  readonly actions: Readonly<Record<`hookchart.${'taken' | 'leave_source' | 'ignored'}`, GateAction>>
  readonly actors: {
    readonly [GATE_NAMES.gate]: Logic<GateSnapshot, GateInput>
    readonly [GATE_NAMES.gates]: Logic<TransitionGatesSnapshot, TransitionGatesInput>
  }
}

/** What the charts that `gate` and `hooked` make give to guards and actions. */
interface GateParams {
  readonly point: string
  /** Default: the machine, or any for a guard that does not know its machine. */
  readonly component?: string
  readonly gate: string
  readonly state: string
  readonly type: string
}

/** Binds gates to the hooks of a kernel. */
export function bindGates(kernel: Kernel): GateImplementations {
  const admissions = new Admissions()
  const transitions = new TransitionGates(kernel, admissions)
  const states = new GateStates(({ point, component: name, data, routes }, earlier) => {
    const slot = kernel.registry.points.slot(point)
    assertRoutes(slot, routes, name)
    const component = componentAt(slot, name)
    if (slot.chainFor(component) === null) return { operation: undefined, pass: () => ({ ...CONTINUE_DECISION, data }) }
    const operation = new MachineOperation(kernel, component, {}, 0, earlier)
    // What leads to a gate after something is that it was done, or failed.
    if (slot.definition.phase === 'after' || slot.definition.phase === 'error') operation.startEffect()
    return {
      operation,
      pass: () =>
        lastly(
          () => operation.pass(slot, data),
          () => {
            operation.end()
          },
        ),
    }
  })
  /** What is asked again and again. */
  const components = new Map<string, ComponentInfo>()
  const isUnhooked = (point: string, name: string | undefined) => {
    if (!kernel.registry.points.has(point)) return false
    const slot = kernel.registry.points.slot(point)
    if (name === undefined) return slot.isFree
    const key = `${slot.definition.component} ${name}`
    let component = components.get(key)
    if (component === undefined) components.set(key, (component = componentAt(slot, name)))
    return slot.chainFor(component) === null
  }
  return {
    guards: {
      [GATE_NAMES.unhooked]: ({ event }, params) => {
        const { point, component } = params as GateParams
        return admissions.isFresh(event) && isUnhooked(point, component)
      },
      [GATE_NAMES.fresh]: ({ event }) => admissions.isFresh(event),
      [GATE_NAMES.stale]: ({ event }, params) => admissions.isStale(event, (params as GateParams).gate),
      [GATE_NAMES.admitted]: ({ event }, params) => admissions.isAdmitted(event, (params as GateParams).gate),
      [GATE_NAMES.decided]: ({ event }, params) => states.isDecided(event, (params as GateParams).type),
    },
    actions: {
      [GATE_NAMES.taken]: ({ event }) => {
        admissions.take(event)
        states.take(event)
      },
      [GATE_NAMES.leaveSource]: ({ self }, params) => {
        transitions.leave(self, (params as GateParams).state)
      },
      [GATE_NAMES.ignored]: ({ event, self }, params) => {
        const { point, component } = params as GateParams
        admissions.take(event)
        transitions.drop(self, event)
        recordIgnored(kernel, point, component ?? machineName(self))
      },
    },
    actors: { [GATE_NAMES.gate]: states.logic, [GATE_NAMES.gates]: transitions.logic },
  }
}

function componentAt({ definition }: Slot, name: string): ComponentInfo {
  return { type: definition.component, name, id: name }
}

/** A decision that was overtaken, or forged, goes nowhere; that it came is kept. */
function recordIgnored({ journal, ids, time }: Kernel, point: string, component: string): void {
  if (journal === undefined) return
  const run = ids.next()
  const at = time.now()
  journal.append({
    run,
    correlationId: run,
    toRecord: () => ({
      type: 'late',
      at,
      operation: run,
      point,
      component,
      hook: '',
      kind: 'guard',
      result: 'ignored_decision',
    }),
  })
}
