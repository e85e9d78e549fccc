/** The machine of one agent, running: where the agent is, what it has been through, and waiting until it is somewhere. */
import { createActor } from 'xstate'
import type { ActorRefFrom } from 'xstate'
import { toHookchartError } from '../../src/errors.ts'
import type { HookchartError } from '../../src/errors.ts'
import type { Clock } from '../../src/ports/clock.ts'
import { compile } from '../../machines/compiled/compile.ts'
import { effectLogic } from '../../machines/effect/effect-logic.ts'
import type { AgentContext, AgentEvent, AgentInput } from '../../machines/agent/agent-context.ts'
import { agentMachine } from '../../machines/agent/agent-machine.ts'
import { isInTransit } from '../../machines/agent/life.ts'
import type { LifeState } from '../../machines/agent/life.ts'

/** An edge that an agent has taken. */
export interface AgentTransition {
  readonly from: LifeState
  readonly to: LifeState
  /** Milliseconds, by the clock of the system. */
  readonly at: number
}

/** What the machine invokes, and the actions that reach outside; by name. */
export interface LifeParts {
  readonly clock: Clock
  readonly id: string
  readonly input: AgentInput
  readonly effects: Readonly<
    Record<string, (call: { readonly input: unknown; readonly signal: AbortSignal }) => unknown>
  >
  readonly isHooked: (point: string) => boolean
  /** Called when the change that brings them is over. */
  readonly actions: {
    readonly abortWork: (event: AgentEvent) => void
    readonly failWork: (event: AgentEvent) => void
    readonly notify: (params: { readonly point: string; readonly command: string }, event: AgentEvent) => void
  }
  /** Called with each edge. */
  readonly onEdge: (edge: AgentTransition) => void
  /** Called after each change. */
  readonly onChange: () => void
}

interface Value {
  readonly life: string | Readonly<Record<string, string>>
  readonly work: string
  readonly command: string
}

/** How many edges are kept. */
const MOST_TRANSITIONS = 1_000

/** See the head of this file. */
export class Life {
  readonly actor: ActorRefFrom<typeof agentMachine>
  /** The last edges, oldest first. */
  readonly history: AgentTransition[] = []
  /** All edges ever. */
  transitions = 0
  /** When the first edge was taken. */
  since: number | undefined
  /** Why the machine itself has stopped. */
  failure: HookchartError | undefined
  /** The machine tells of a change: what is sent to it now is taken only after that. */
  isTelling = false
  readonly #clock: Clock
  readonly #onEdge: LifeParts['onEdge']
  #last: LifeState = 'uninitialized'
  /** Actions reach outside when the machine is where they lead. */
  readonly #afterwards: (() => void)[] = []
  #waiting: { readonly over: () => boolean; readonly resolve: (state: LifeState) => void }[] = []

  constructor({ clock, id, input, effects, isHooked, actions, onEdge, onChange }: LifeParts) {
    this.#clock = clock
    this.#onEdge = onEdge
    // Not within the step of the machine that invokes it: what it sends would be taken only after that.
    const sources = Object.entries(effects).map(([src, effect]) => [
      src,
      effectLogic(src, (call) => Promise.resolve().then(() => effect(call))),
    ])
    const logic = compile(agentMachine, {
      guards: { hooked: (_: unknown, { point }: { readonly point: string }) => isHooked(point) },
      actions: {
        record: (_: unknown, { state }: { readonly state: LifeState }) => {
          this.#record(state)
        },
        notify: (
          { event }: { readonly event: AgentEvent },
          params: { readonly point: string; readonly command: string },
        ) =>
          this.#afterwards.push(() => {
            actions.notify(params, event)
          }),
        abortWork: ({ event }: { readonly event: AgentEvent }) =>
          this.#afterwards.push(() => {
            actions.abortWork(event)
          }),
        failWork: ({ event }: { readonly event: AgentEvent }) =>
          this.#afterwards.push(() => {
            actions.failWork(event)
          }),
      },
      actors: Object.fromEntries(sources) as object,
    })
    this.actor = createActor(logic, { clock, id, input })
    this.actor.start()
    const changed = () => {
      this.isTelling = true
      for (const then of this.#afterwards.splice(0)) then()
      onChange()
      this.isTelling = false
    }
    this.actor.subscribe({
      next: changed,
      error: (error) => {
        this.failure = toHookchartError(error)
        changed()
      },
    })
  }

  get context(): AgentContext {
    return this.actor.getSnapshot().context
  }

  get state(): LifeState {
    return this.context.state
  }

  get #value(): Value {
    return this.actor.getSnapshot().value
  }

  /** What the execution in hand is at. */
  get work(): string {
    return this.#value.work
  }

  /** Hooks are asked about a command. */
  get isAsking(): boolean {
    return this.#value.command !== 'idle'
  }

  /** A pause waits for the code of the agent. */
  get isPausing(): boolean {
    const { life } = this.#value
    return typeof life === 'object' && life['running'] === 'pausing'
  }

  /** Another command may be taken. */
  get isFree(): boolean {
    return !this.isTelling && !this.isAsking && !isInTransit(this.state)
  }

  /** Stops the machine; nobody waits for it any more. */
  end(failure: HookchartError): void {
    this.failure ??= failure
    this.actor.stop()
    this.tell()
  }

  send(event: AgentEvent): void {
    this.actor.send(event)
  }

  /** Waits; gives the state at the moment in which it was over. */
  until(over: () => boolean): Promise<LifeState> {
    if (over() || this.failure !== undefined) return Promise.resolve(this.state)
    return new Promise((resolve) => {
      this.#waiting.push({ over, resolve })
    })
  }

  /** Looks again at what is waited for. */
  tell(): void {
    this.#waiting = this.#waiting.filter(({ over, resolve }) => {
      const isOver = over() || this.failure !== undefined
      if (isOver) resolve(this.state)
      return !isOver
    })
  }

  #record(to: LifeState): void {
    const at = Math.floor(this.#clock.now())
    this.since ??= at
    this.transitions++
    const edge = { from: this.#last, to, at }
    this.history.push(edge)
    this.#onEdge(edge)
    this.#last = to
    if (this.history.length > MOST_TRANSITIONS) this.history.shift()
  }
}
