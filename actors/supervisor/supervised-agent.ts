/** The handle of an agent below a supervisor: it stays the same over restarts, and what it is told in between waits for the next instance. */
import type { Kernel } from '../../src/hooks/executor/kernel.ts'
import { stopped } from '../../src/hooks/executor/run-point.ts'
import { wait } from '../../src/hooks/flow.ts'
import type { Flow } from '../../src/hooks/flow.ts'
import { aborted, failed } from '../../src/hooks/operation/ending.ts'
import type { Ending } from '../../src/hooks/operation/ending.ts'
import type { Body, BodyFields, Startable } from '../../src/hooks/operation/executable.ts'
import { parseExecuteOptions } from '../../src/hooks/operation/options.ts'
import { execute } from '../../src/hooks/operation/start.ts'
import type { AgentCommand, LifeState } from '../../machines/agent/life.ts'
import type { LifeCommand } from '../agent/commands.ts'
import { limitWait } from '../agent/command-limits.ts'
import { parseCommandOptions, parseTerminateOptions } from '../agent/command-options.ts'
import type { ParsedCommandOptions } from '../agent/command-options.ts'
import { abandoned, busy } from '../agent/errors.ts'
import type { RunningAgent } from '../agent/agent-runner.ts'
import { handleOf } from '../agent/handle.ts'
import type { AgentHandle } from '../agent/handle.ts'
import { openStream } from '../agent/stream.ts'
import type { Host } from '../system/host.ts'
import type { AgentChild } from './agent-child.ts'

/** Makes the handle. */
export function supervisedHandle(host: Host, child: AgentChild): AgentHandle {
  const { kernel } = host
  const present = () => handleOf(kernel, child.running)
  const { component } = child.running.agent
  const startableOf = (begin: BeginWith): Startable => ({
    component,
    targets: host.targets,
    begin: (fields) =>
      child.isBetween ? new LaterExecution(child, fields, begin) : begin(child.running).begin(fields),
  })
  const startable = startableOf((running) => running.startable)
  /** Throws where executing would reject. */
  const assertExecutable = () => {
    if (child.isBetween) return
    assertThere(kernel, child, 'execute')
    child.running.agent.assertLegal('execute')
  }
  const command = <Given extends object | undefined>(
    name: LifeCommand,
    call: (handle: AgentHandle, given: Given) => Promise<LifeState>,
    parse: (given: Given, where: string) => ParsedCommandOptions = parseCommandOptions,
  ) => {
    return async (given?: Given) => {
      const options = parse(given as Given, `agent "${component.id}".${name}`)
      if (child.isBetween) await untilOpen(kernel, child, name, options)
      assertThere(kernel, child, name)
      return call(present(), given as Given)
    }
  }
  return {
    id: component.id,
    get actor() {
      return child.actor
    },
    initialize: command('initialize', (handle, given) => handle.initialize(given)),
    execute: async (input, given) => {
      const parsed = parseExecuteOptions(given, component.name)
      assertExecutable()
      return await execute(kernel, startable, input, parsed)
    },
    stream: (input, given) => {
      const parsed = parseExecuteOptions(given, component.name)
      assertExecutable()
      return openStream(kernel, (show) => startableOf((running) => running.showing(show)), input, parsed)
    },
    pause: command('pause', (handle, given) => handle.pause(given)),
    resume: command('resume', (handle, given) => handle.resume(given)),
    stop: command('stop', (handle, given) => handle.stop(given)),
    terminate: command('terminate', (handle, given) => handle.terminate(given), parseTerminateOptions),
    fail: (error, options) => command('fail', (handle, given) => handle.fail(error, given))(options),
    recover: command('recover', (handle, given) => handle.recover(given)),
    get state() {
      return child.running.agent.life.state
    },
    get history() {
      return present().history
    },
    get metrics() {
      return present().metrics
    },
  }
}

/** What an execution is begun with at the agent that is there then. */
type BeginWith = (running: RunningAgent) => Startable

/** An execution that waits for the next instance, and is then its. */
class LaterExecution implements Body {
  readonly #child: AgentChild
  readonly #fields: BodyFields
  readonly #begin: BeginWith
  #body: Body | undefined

  constructor(child: AgentChild, fields: BodyFields, begin: BeginWith) {
    this.#child = child
    this.#fields = fields
    this.#begin = begin
  }

  get input(): unknown {
    return this.#body === undefined ? this.#fields.input : this.#body.input
  }

  get effectMs(): number {
    return this.#body?.effectMs ?? 0
  }

  *run(): Flow<Ending> {
    const { operation } = this.#fields
    const { agent } = this.#child.running
    const most = agent.maxQueue
    if (this.#child.waiting >= most) return failed(busy(agent.component.id, most))
    yield* wait(this.#untilOpen())
    if (operation.aborted !== undefined) return aborted(operation)
    const refusal = this.#child.refusal('execute')
    if (refusal !== undefined) return failed(refusal)
    this.#body = this.#begin(this.#child.running).begin(this.#fields)
    return yield* this.#body.run()
  }

  #untilOpen(): Promise<void> {
    return new Promise((resolve) => {
      const { operation } = this.#fields
      const leave = this.#child.onOpen(() => {
        leave()
        stopListening()
        resolve()
      })
      const stopListening = operation.onAbort(() => {
        leave()
        resolve()
      })
    })
  }
}

function assertThere(kernel: Kernel, child: AgentChild, command: AgentCommand): void {
  const refusal = child.refusal(command)
  // A system that was stopped says so, whoever is asked.
  if (refusal !== undefined && !kernel.stopped) throw refusal
}

/** A command waits for the next instance as it waits for its turn. */
function untilOpen(
  kernel: Kernel,
  child: AgentChild,
  command: LifeCommand,
  options: ParsedCommandOptions,
): Promise<void> {
  const { id } = child.running.agent.component
  const { signal } = options
  if (kernel.stopped) return Promise.reject(stopped(id))
  if (signal?.aborted === true) return Promise.reject(abandoned(id, command, signal.reason))
  return new Promise((resolve, reject) => {
    const release = limitWait(kernel.time.clock, id, command, options, (error) => {
      leave()
      release()
      reject(error)
    })
    const leave = child.onOpen(() => {
      leave()
      release()
      resolve()
    })
  })
}
