/** Supervised agents on a test clock: what they do, and in which order they are started and ended. */
import { createSystem, defineAgent } from 'hookchart'
import type { System } from 'hookchart'
import { createSupervisor } from 'hookchart/actors'
import type { AgentChildOptions, CreateSupervisorOptions, Supervisor } from 'hookchart/actors'
import type { AgentDefinition } from 'hookchart/machines'
import { createTestClock, createTestIds } from 'hookchart/testing'
import type { TestClock } from 'hookchart/testing'

export interface SupervisorBench {
  readonly clock: TestClock
  readonly system: System
  readonly supervisor: Supervisor
  /** `start a`, `end a`: by the hooks of agents. */
  readonly log: string[]
  /** Lets an agent fail, and everything happen that follows without time passing. */
  readonly crash: (id: string) => Promise<void>
}

/** No wait before a restart, and no chance in it. */
export const AT_ONCE = { delayMs: 0, jitter: 0 } as const

/** An agent that does what its input says, and does not recover by itself. */
export function worker(name: string, options: object = {}): AgentDefinition {
  return defineAgent({
    name,
    autoRecover: false,
    execute: ({ input, signal }) => {
      if (input === 'boom') throw new Error(`${name} is broken`)
      if (input === 'deaf') return new Promise(() => {})
      if (input !== 'long') return `${name} did ${String(input)}`
      return new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          reject(signal.reason as Error)
        })
      })
    },
    ...options,
  })
}

/** Children with these names. */
export const workers = (...names: string[]): AgentChildOptions[] => names.map((name) => ({ agent: worker(name) }))

/** A system in which agents are watched. */
export function watchedSystem(options: object = {}) {
  const clock = createTestClock()
  const log: string[] = []
  const system = createSystem({ clock, ids: createTestIds(), ...options })
  const watch = (point: 'AfterAgentInit' | 'AfterAgentShutdown', what: string) =>
    system.hooks.register(
      point,
      ({ component }) => {
        log.push(`${what} ${component.name}`)
      },
      { kind: 'observe', name: what },
    )
  watch('AfterAgentInit', 'start')
  watch('AfterAgentShutdown', 'end')
  return { clock, system, log }
}

/** A supervisor that has started its children. */
export async function supervised(options: Partial<CreateSupervisorOptions> = {}): Promise<SupervisorBench> {
  const { clock, system, log } = watchedSystem()
  const supervisor = createSupervisor(system, {
    ...{ id: 'root', maxRestarts: 100, backoff: AT_ONCE, random: { next: () => 0 } },
    ...{ children: workers('a', 'b', 'c'), ...options },
  })
  await clock.settle()
  const crash = async (id: string) => {
    await supervisor.agent(id).fail(new Error(`${id} is broken`))
    await clock.settle()
  }
  return { clock, system, supervisor, log, crash }
}

/** What is taken out of a log. */
export const taken = (log: string[]) => log.splice(0).join(', ')

/** Where the children are for their supervisor. */
export const statuses = (supervisor: Supervisor) =>
  supervisor
    .tree()
    .children.map(({ id, status }) => `${id} ${status}`)
    .join(', ')
