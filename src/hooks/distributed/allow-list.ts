/** Who may send, about which points, from where. An absent list allows all; an empty one allows none. */
import * as z from 'zod'
import { HookchartError, nameOf } from '../../errors.ts'
import { catalogue } from '../points/catalogue.ts'
import { matchesGlob } from '../points/glob.ts'
import type { PointDefinition } from '../points/point.ts'
import { agentKey, identityInputSchema } from './agent.ts'
import type { AgentIdentity } from './agent.ts'
import type { DistributedContext } from './distributed-context.ts'

/** Allow lists of {@link createEnvelopes}. Of each: absent allows all, **empty allows none**. */
export interface AllowLists {
  /** Sources, by node and agent id; what else is said of an agent does not matter. */
  readonly agents?: readonly AgentIdentity[]
  /** Hook points, by id, alias or glob over ids (`'Before*'`). */
  readonly points?: readonly string[]
  /** Peers, by the exact address that is passed to `open`; without one they are refused. Not the address that agents say of themselves. */
  readonly addresses?: readonly string[]
}

const entrySchema = z.string().min(1, 'expected text that is not empty')

export const allowSchema = z.strictObject({
  agents: z.array(identityInputSchema).optional(),
  points: z.array(entrySchema).optional(),
  addresses: z.array(entrySchema).optional(),
})

/** Throws CONTEXT_NOT_ALLOWED for what is on none of the entries of a list. */
export type CheckAllowed = (context: DistributedContext, address: string | undefined) => void

/** The check of allow lists: agents, then points, then addresses. */
export function allowLists({ agents, points, addresses }: z.output<typeof allowSchema>): CheckAllowed {
  const agentKeys = agents && new Set(agents.map(agentKey))
  const addressSet = addresses && new Set(addresses)
  return ({ source, hook }, address) => {
    if (agentKeys !== undefined && !agentKeys.has(agentKey(source))) {
      throw notAllowed('agents', `agent ${nameOf(source.agentId)} of node ${nameOf(source.nodeId)}`)
    }
    if (points !== undefined && !points.some((pattern) => matchesPoint(pattern, hook.point))) {
      throw notAllowed('points', `hook point ${nameOf(hook.point)}`)
    }
    if (addressSet !== undefined && (address === undefined || !addressSet.has(address))) {
      throw notAllowed('addresses', address === undefined ? 'a peer without an address' : `address ${nameOf(address)}`)
    }
  }
}

function matchesPoint(pattern: string, point: string): boolean {
  if (matchesGlob(pattern, point)) return true
  const shipped: Readonly<Record<string, PointDefinition>> = catalogue
  return Object.hasOwn(shipped, point) && shipped[point]?.aliases.includes(pattern) === true
}

function notAllowed(list: keyof AllowLists, who: string) {
  return new HookchartError(
    'CONTEXT_NOT_ALLOWED',
    `The envelope was refused: ${who} is not on the allow list of ${list}. Add it to allow.${list}, or leave that list out to allow all.`,
    { details: { list } },
  )
}
