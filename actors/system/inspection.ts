/** `system.inspect`: what happens in a system, told as it happens, in one closed union. */
import type { StateValue } from 'xstate'
import { HookchartError, nameOf, toErrorData } from '../../src/errors.ts'
import type { ErrorData } from '../../src/errors.ts'
import type { ComponentInfo } from '../../src/hooks/context.ts'
import type { Operation } from '../../src/hooks/executor/operation.ts'
import type { Watch, WatchedPass } from '../../src/hooks/executor/watch.ts'
import type { Time } from '../../src/hooks/executor/time.ts'

/** What every observation says. */
interface Observed {
  /** Milliseconds, by the clock of the system. */
  readonly at: number
  /**
   * Where it happens, by names and never by chance, so that two runs of the same tell the same paths:
   * `hookchart/chain:triage/agent:reader/tool:word_count`, or `…/workflow:report/step:count`.
   */
  readonly path: string
}

interface OfOperation extends Observed {
  /** The id of its operation. */
  readonly operation: string
  readonly correlationId: string
  readonly component: ComponentInfo
}

interface OfInstance extends Observed {
  /** Paths name definitions; the id tells instances apart. */
  readonly component: ComponentInfo
}

/** What is told of a machine that `system.start` has started. */
export type MachineNews =
  /** It is in a state: its first one, or another than before. As XState gives it. */
  | { readonly type: 'machine_changed'; readonly value: StateValue }
  /** It is done, or it was stopped. */
  | { readonly type: 'machine_ended'; readonly status: 'done' | 'stopped' }
  | { readonly type: 'machine_failed'; readonly error: ErrorData }

/** Something that has happened in a system. JSON. */
export type Observation =
  | (OfOperation & { readonly type: 'operation_started'; readonly parent?: string })
  /** A gate was passed that had hooks. Its id is the path and the point: `…/tool:word_count#BeforeToolExecution`. */
  | (OfOperation & {
      readonly type: 'gate_passed'
      readonly gate: string
      readonly point: string
      readonly pass: number
      readonly decision: string
      readonly hook?: string
      readonly durationMs: number
    })
  | (OfOperation & { readonly type: 'effect_started'; readonly attempt: number })
  | (OfOperation & {
      readonly type: 'effect_settled'
      readonly attempt: number
      readonly status: string
      readonly durationMs: number
    })
  | (OfOperation & {
      readonly type: 'operation_settled'
      readonly status: string
      readonly durationMs: number
      readonly error?: ErrorData
    })
  /** An agent has taken an edge of its life. */
  | (OfInstance & { readonly type: 'agent_changed'; readonly from: string; readonly to: string })
  | (OfInstance & MachineNews)

/** Told of everything that happens; what it throws is left to the process as an error of nobody. */
export type Observer = (observation: Observation) => void

/** What an inspection has of its system. */
export interface InspectionFields {
  /** Its id: the root of all paths. */
  readonly system: string
  readonly time: Time
  /** A run begins. */
  readonly onBegun: () => void
  /** An operation has ended with an error. */
  readonly onRefused: (operation: Operation, error: HookchartError) => void
}

/** See the head of this file. */
export class Inspection implements Watch {
  readonly #system: string
  readonly #time: Time
  readonly #onBegun: () => void
  readonly #onRefused: (operation: Operation, error: HookchartError) => void
  readonly #observers = new Set<{ readonly observer: Observer }>()

  constructor({ system, time, onBegun, onRefused }: InspectionFields) {
    this.#system = system
    this.#time = time
    this.#onBegun = onBegun
    this.#onRefused = onRefused
  }

  get isOn(): boolean {
    return this.#observers.size > 0
  }

  /** Tells an observer from now on; gives what ends that. Throws INVALID_HANDLER. */
  observe(observer: unknown): Inspecting {
    if (typeof observer !== 'function')
      throw new HookchartError(
        'INVALID_HANDLER',
        `system.inspect: the observer is ${nameOf(observer)}. Give a function.`,
      )
    const entry = { observer: observer as Observer }
    this.#observers.add(entry)
    const stop = () => void this.#observers.delete(entry)
    return { stop, [Symbol.dispose]: stop }
  }

  begun(): void {
    this.#onBegun()
  }

  started(operation: Operation): void {
    const { parent } = operation
    this.#tell({
      type: 'operation_started',
      ...this.#of(operation),
      ...(parent !== undefined && { parent: parent.id }),
    })
  }

  passed(operation: Operation, { point, pass, decision, hook, durationMs }: WatchedPass): void {
    const of = this.#of(operation)
    const gate = `${of.path}#${point}`
    this.#tell({
      type: 'gate_passed',
      ...of,
      gate,
      point,
      pass,
      decision,
      ...(hook !== undefined && { hook }),
      durationMs,
    })
  }

  effectStarted(operation: Operation): void {
    this.#tell({ type: 'effect_started', ...this.#of(operation), attempt: operation.attempts })
  }

  effectSettled(operation: Operation, status: string, durationMs: number): void {
    this.#tell({ type: 'effect_settled', ...this.#of(operation), attempt: operation.attempts, status, durationMs })
  }

  settled(operation: Operation, status: string, durationMs: number, error: HookchartError | undefined): void {
    if (error !== undefined) this.#onRefused(operation, error)
    if (!this.isOn) return
    const failure = error !== undefined && { error: toErrorData(error) }
    this.#tell({ type: 'operation_settled', ...this.#of(operation), status, durationMs, ...failure })
  }

  /** An agent has taken an edge. */
  changed(component: ComponentInfo, from: string, to: string): void {
    if (this.isOn) this.#tell({ type: 'agent_changed', ...this.#ofInstance(component), from, to })
  }

  /** Something has happened to a machine that the system has started for somebody. */
  machine(component: ComponentInfo, what: MachineNews): void {
    if (this.isOn) this.#tell({ ...this.#ofInstance(component), ...what })
  }

  #ofInstance(component: ComponentInfo): OfInstance {
    return { at: this.#time.now(), path: `${this.#system}/${component.type}:${component.name}`, component }
  }

  #of(operation: Operation): OfOperation {
    const { id, component, run } = operation
    const at = this.#time.now()
    return { at, path: this.#pathOf(operation), operation: id, correlationId: run.correlationId, component }
  }

  #pathOf(operation: Operation): string {
    const { above, component } = operation
    const base = above === undefined ? this.#system : this.#pathOf(above)
    const step = operation.whereabouts?.({}).step
    // An operation of a step has the component of its workflow, and one of a chain's component that of the chain.
    if (
      above?.component.type === component.type &&
      above.component.name === component.name &&
      component.type !== 'agent'
    ) {
      const part = component.type === 'chain' ? component.id.slice(component.name.length + 1) : step?.name
      if (part !== undefined && part !== '')
        return `${base}/${component.type === 'chain' ? 'component' : 'step'}:${part}`
    }
    return `${base}/${component.type}:${component.name}`
  }

  #tell(observation: Observation): void {
    for (const { observer } of [...this.#observers]) {
      try {
        observer(observation)
      } catch (error) {
        // Nothing that runs may suffer from who looks on; and nothing is hidden.
        void Promise.reject(error)
      }
    }
  }
}

/** Ends an inspection. */
export interface Inspecting extends Disposable {
  stop(): void
}
