/** What the machine of an agent invokes, and what its actions do. */
import { HookchartError, toHookchartError } from '../../src/errors.ts'
import type { ComponentInfo } from '../../src/hooks/context.ts'
import { PointFirer } from '../../src/hooks/executor/run-point.ts'
import { isPromise } from '../../src/hooks/flow.ts'
import type { AgentEvent } from '../../machines/agent/agent-context.ts'
import type { AgentDefinition } from '../../machines/agent/definition.ts'
import type { AgentCommand } from '../../machines/agent/life.ts'
import type { OperationMoves } from '../../machines/operation/operation-order.ts'
import type { Host } from '../system/host.ts'
import { revived } from './errors.ts'
import type { InHand } from './in-hand.ts'
import type { Life, LifeParts } from './life.ts'
import { outlineOf, prepare } from './prepare.ts'
import type { Prepared } from './prepare.ts'
import type { Undertaking } from './undertaking.ts'

/** An agent, as far as its machine has to do with it. */
interface Agent {
  readonly component: ComponentInfo
  readonly definition: AgentDefinition
  readonly life: Life
  readonly moves: OperationMoves
  readonly inHand: InHand | undefined
  readonly live: number
  readonly commands: { readonly undertakings: Readonly<Partial<Record<string, Undertaking | undefined>>> }
  prepared: Prepared | undefined
  refresh(): void
}

interface Call {
  readonly input: unknown
  readonly signal: AbortSignal
}

/** Which command passes a gate. */
const COMMAND_AT: Readonly<Record<string, 'initialize' | 'terminate'>> = {
  BeforeAgentInit: 'initialize',
  AfterAgentInit: 'initialize',
  BeforeAgentTerminate: 'terminate',
  BeforeAgentShutdown: 'terminate',
  AfterAgentShutdown: 'terminate',
}

/** Makes them for an agent. */
export function lifeParts(host: Host, agent: Agent): LifeParts {
  const { kernel } = host
  const { component, definition } = agent
  const slotOf = (point: string) => kernel.registry.points.slot(point)
  const firer = new PointFirer(kernel)

  /** Does work of a command, unless the command is aborted before it is done. */
  const working = async (command: AgentCommand, signal: AbortSignal, work: () => Promise<void>) => {
    const undertaking = agent.commands.undertakings[command] as Undertaking
    try {
      if (undertaking.replaced === undefined) await untilAborted(undertaking, signal, work())
      return { type: 'done' }
    } catch (error) {
      return { type: 'failed', note: { error: undertaking.failed(toHookchartError(error)).toJSON() } }
    }
  }

  return {
    clock: kernel.time.clock,
    id: component.id,
    input: definition,
    isHooked: (point) => slotOf(point).chainFor(component) !== null,
    effects: {
      gate: ({ input }) => agent.moves.gate((input as { readonly point: string }).point),
      lookUp: () => agent.moves.lookUp(),
      effect: () => agent.moves.effect(),
      wait: () => agent.moves.wait(),
      prepare: ({ signal }) =>
        working(agent.life.state === 'recovering' ? 'recover' : 'initialize', signal, async () => {
          agent.prepared = await prepare(host, definition)
        }),
      shutDown: ({ signal }) =>
        working('terminate', signal, async () => {
          await agent.life.until(() => agent.inHand === undefined && agent.live === 0)
        }),
      lifeGate: async ({ input, signal }: Call) => {
        const { point } = input as { readonly point: string }
        const command = COMMAND_AT[point] as 'initialize' | 'terminate'
        const undertaking = agent.commands.undertakings[command] as Undertaking
        const leaves = () => {
          undertaking.abort(signal.reason)
        }
        if (signal.aborted) leaves()
        signal.addEventListener('abort', leaves)
        const done = command === 'initialize' && agent.prepared !== undefined ? outlineOf(agent.prepared) : null
        const output = undertaking.replaced === undefined ? done : undertaking.replaced.value
        return undertaking.pass(point, { command, state: agent.life.state }, output).finally(() => {
          signal.removeEventListener('abort', leaves)
        })
      },
    },
    actions: {
      abortWork: (event) => agent.inHand?.operation.abort(reasonOf(event)),
      failWork: (event) => agent.inHand?.failNow(revived((event as Extract<AgentEvent, { type: 'FAIL' }>).error)),
      notify: ({ point, command }, event) => {
        const input = event.type === 'BOUNDARY' && event.at !== undefined ? { checkpoint: event.at } : undefined
        const about = { input, command, state: agent.life.state }
        const slot = slotOf(point)
        const data = slot.definition.phase === 'after' ? { ...about, output: null } : about
        // Nobody waits for those that are only told, and what they do changes nothing.
        try {
          const fired = firer.fire(slot, data, { component })
          if (isPromise(fired)) fired.catch(() => undefined)
        } catch {
          // The system has been stopped.
        }
      },
    },
    onEdge: ({ from, to }) => {
      host.changed(component, from, to)
    },
    onChange: () => {
      agent.refresh()
    },
  }
}

/** Waits, but no longer than its command lasts and the machine asks for it. */
async function untilAborted(undertaking: Undertaking, signal: AbortSignal, work: Promise<void>): Promise<void> {
  let stop: () => void = () => undefined
  const ended = new Promise<never>((_, reject) => {
    stop = undertaking.operation.onAbort(reject)
    signal.addEventListener('abort', () => {
      reject(signal.reason as Error)
    })
  })
  await Promise.race([work, ended]).finally(stop)
}

/** Why the execution in hand ends. */
function reasonOf(event: AgentEvent): HookchartError {
  if (event.type === 'FAIL') return revived(event.error)
  return new HookchartError('RUN_ABORTED', event.type === 'STOP' ? 'the agent was stopped' : 'the agent terminates')
}
