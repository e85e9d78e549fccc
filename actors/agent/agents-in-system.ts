/** The agents of a system: one for each definition that all share, and those made besides. */
import { HookchartError } from '../../src/errors.ts'
import { PointFirer, stopped } from '../../src/hooks/executor/run-point.ts'
import type { Startable } from '../../src/hooks/operation/executable.ts'
import type { AgentDefinition } from '../../machines/agent/definition.ts'
import type { Host } from '../system/host.ts'
import { assertToolsKnown } from './known-tools.ts'
import { runAgent } from './agent-runner.ts'
import type { RunningAgent } from './agent-runner.ts'

/** What an agent is run with where nobody says which: its shared one. */
export function sharedAgent(host: Host, definition: AgentDefinition): Startable {
  const { component } = definition
  return {
    component,
    targets: host.targets,
    begin: (fields) => host.sharedAgent(definition).begin(fields),
  }
}

/** See the head of this file. */
export class AgentsInSystem {
  readonly #host: () => Host
  readonly #system: string
  readonly #shared = new Map<AgentDefinition, RunningAgent>()
  readonly #made = new Map<string, RunningAgent>()
  #started = false

  constructor(host: () => Host, system: string) {
    this.#host = host
    this.#system = system
  }

  /** The one that steps, chains and `agents.execute` share. */
  sharedOf(definition: AgentDefinition): RunningAgent {
    let shared = this.#shared.get(definition)
    // One that was terminated has been ended for good; the next execution is another agent's.
    if (shared === undefined || shared.agent.life.state === 'terminated')
      this.#shared.set(definition, (shared = this.#make(definition, definition.name)))
    return shared
  }

  /** A new one. */
  create(definition: AgentDefinition, given: string | undefined): RunningAgent {
    const { kernel } = this.#host()
    if (kernel.stopped) throw stopped(definition.name)
    const id = given ?? kernel.ids.next()
    const other = this.#made.get(id)
    if (other !== undefined && !isGone(other)) {
      throw new HookchartError(
        'DUPLICATE_COMPONENT',
        `agents.create: another agent has the id "${id}". Terminate it, or take another id.`,
        { details: { where: 'agents.create', type: 'agent', name: id } },
      )
    }
    const made = this.#make(definition, id)
    this.#made.set(id, made)
    const { life } = made.agent
    void life
      .until(() => life.state === 'terminated')
      .then(() => {
        // Its id may be another's by now.
        if (this.#made.get(id) === made) this.#made.delete(id)
      })
    return made
  }

  /** Ends all, without asking. */
  stop(): void {
    for (const { agent } of [...this.#shared.values(), ...this.#made.values()]) agent.dispose()
  }

  #make(definition: AgentDefinition, id: string): RunningAgent {
    const host = this.#host()
    assertToolsKnown(host, definition, 'agents')
    if (!this.#started) {
      this.#started = true
      const { kernel } = host
      // The point takes observers only, and nobody waits for those.
      if (!kernel.stopped)
        void new PointFirer(kernel).fire(
          kernel.registry.points.slot('SystemStartup'),
          { system: this.#system },
          undefined,
        )
    }
    return runAgent(host, definition, id)
  }
}

function isGone({ agent: { life } }: RunningAgent): boolean {
  return life.state === 'terminated' || life.failure !== undefined
}
