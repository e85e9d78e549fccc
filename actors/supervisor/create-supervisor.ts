/** `createSupervisor`: what starts agents and machines, and starts them again when they fail. */
import type { ActorRefFrom, AnyActorRef } from 'xstate'
import { HookchartError } from '../../src/errors.ts'
import { stopped } from '../../src/hooks/executor/run-point.ts'
import type { supervisorMachine } from '../../machines/supervisor/supervisor-machine.ts'
import type { AgentHandle } from '../agent/handle.ts'
import type { System } from '../system/create-system.ts'
import { internalsOf } from '../system/internals.ts'
import { AgentChild } from './agent-child.ts'
import type { Child } from './child.ts'
import { parseSupervisor } from './options.ts'
import type { CreateSupervisorOptions } from './options.ts'
import { supervisedHandle } from './supervised-agent.ts'
import { Supervising } from './supervising.ts'
import type { SupervisorState } from './supervising.ts'
import { treeOf } from './tree.ts'
import type { SupervisorTree } from './tree.ts'

/** How a supervisor has ended: it was stopped, or it gave up, with SUPERVISOR_FAILED. */
export type SupervisorEnd =
  { readonly status: 'stopped' } | { readonly status: 'failed'; readonly error: HookchartError }

/** A supervisor, at the top of its tree. Children are named by their ids, those below other supervisors as `pool/worker`. */
export interface Supervisor {
  readonly id: string
  readonly state: SupervisorState
  /** Resolves once all children have been started, or it has ended. Never rejects. */
  readonly started: Promise<void>
  /** How it ended, once it has. Never rejects. */
  readonly ended: Promise<SupervisorEnd>
  /** What runs below it, and how that fares. */
  tree(): SupervisorTree
  toJSON(): SupervisorTree
  /**
   * An agent below it, for good: over restarts the handle stays the same. What it is told while there is no instance waits for
   * the next one. Runs that a restart ends are `failed` with SUPERVISOR_RESTART. Throws UNKNOWN_COMPONENT.
   */
  agent(id: string): AgentHandle
  /** The machine of a child that runs now, or ran last; another one after a restart. Throws UNKNOWN_COMPONENT. */
  actor(id: string): AnyActorRef
  /** The machine of the supervisor. */
  actor(): ActorRefFrom<typeof supervisorMachine>
  /** Stops all children, the last one first, and ends. Never rejects. */
  stop(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Makes a supervisor and starts its children, one after another. A child that fails is started again, after a wait; what else is
 * started again with it is the strategy's to say. More than `maxRestarts` within `periodMs`, and the supervisor gives up:
 * it stops its children, the last one first, and fails. Its own supervisor deals with that as with any child.
 *
 * `system.stop()` stops it when what ran has ended, before anything else.
 *
 * @throws INVALID_OPTIONS, DUPLICATE_NAME for two children of one id, DUPLICATE_COMPONENT for an agent whose id another one has,
 * HOOKS_STOPPED
 * @example
 * ```ts
 * import { createSystem, defineAgent } from 'hookchart'
 * import { createSupervisor } from 'hookchart/actors'
 * const clerk = defineAgent({ name: 'clerk', autoRecover: false, execute: ({ input }) => {
 *   if (input === 'bad') throw new Error('boom')
 *   return 'filed'
 * } })
 * await using system = createSystem()
 * const office = createSupervisor(system, { id: 'office', backoff: { delayMs: 0 }, children: [{ agent: clerk }] })
 * const agent = office.agent('clerk')
 * console.assert((await agent.execute('bad')).status === 'failed')
 * console.assert((await agent.execute('good')).output === 'filed')
 * console.assert(office.tree().children[0]?.restarts === 1)
 * ```
 */
export function createSupervisor(system: System, options: CreateSupervisorOptions): Supervisor {
  const internals = internalsOf(system, 'createSupervisor')
  const { kernel } = internals.host
  const { id, random = internals.host.random, supervision } = parseSupervisor(options)
  if (kernel.stopped || kernel.closing) throw stopped(id)
  // Who gives up at the top is found by who waits for `ended`.
  const supervising = new Supervising({ path: id, system: internals, random, onExit: () => undefined }, supervision)
  const { onStop } = internals
  const stop = () => supervising.stop('wanted')
  onStop.add(stop)
  const started = supervising.start().catch(() => undefined)
  const ended = supervising.whenEnded().then((): SupervisorEnd => {
    onStop.delete(stop)
    supervising.settle()
    const { error } = supervising
    return error === undefined ? { status: 'stopped' } : { status: 'failed', error }
  })
  const stopAll = async () => {
    await stop()
    await ended
  }
  const actor = (child?: string) => (child === undefined ? supervising.actor : found(supervising, child, 'actor').actor)
  const tree = () => treeOf(supervising)
  const handles = new Map<Child, AgentHandle>()
  return {
    id,
    get state() {
      return supervising.state
    },
    started,
    ended,
    tree,
    toJSON: tree,
    agent: (child) => {
      const agent = found(supervising, child, 'agent')
      if (!(agent instanceof AgentChild)) throw unknown(supervising, child, 'agent')
      let handle = handles.get(agent)
      if (handle === undefined) handles.set(agent, (handle = supervisedHandle(internals.host, agent)))
      return handle
    },
    actor: actor as Supervisor['actor'],
    stop: stopAll,
    [Symbol.asyncDispose]: stopAll,
  }
}

/** Goes down the tree by ids. */
function found(supervising: Supervising, id: string, call: 'agent' | 'actor'): Child {
  let child: Child = supervising
  for (const part of id.split('/')) {
    const next: Child | undefined = child instanceof Supervising ? child.children.get(part) : undefined
    if (next === undefined) throw unknown(supervising, id, call)
    child = next
  }
  return child
}

function unknown(supervising: Supervising, id: string, call: 'agent' | 'actor'): HookchartError {
  const known = idsBelow(supervising, call)
  const where = `supervisor "${supervising.path}".${call}`
  const what = call === 'agent' ? 'agent' : 'child'
  return new HookchartError(
    'UNKNOWN_COMPONENT',
    `${where}: no ${what} below it has the id "${id}". It has ${known.length === 0 ? 'none' : known.join(', ')}.`,
    { details: { where, type: what, name: id, known } },
  )
}

function idsBelow(supervising: Supervising, call: 'agent' | 'actor', above = ''): string[] {
  return [...supervising.children].flatMap(([id, child]) => [
    ...(call === 'actor' || child.type === 'agent' ? [above + id] : []),
    ...(child instanceof Supervising ? idsBelow(child, call, `${above}${id}/`) : []),
  ])
}
