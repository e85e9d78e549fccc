/** Agents as others on the network know them. Who one is, is its node's id and its own; nothing else about it counts. */
import * as z from 'zod'
import { nameSchema } from '../points/point.ts'

/** Who an agent is: two agents with the same two ids are one, whatever else is said of them. */
export interface AgentIdentity {
  readonly nodeId: string
  readonly agentId: string
}

/** An agent, with what is said of it. */
export interface RemoteAgent extends AgentIdentity {
  /** Where it says that it is reached; proves nothing. At most 500 characters. */
  readonly address?: string
  /** What it can do; JSON. */
  readonly capabilities: Readonly<Record<string, unknown>>
}

/** An agent as callers write it; without capabilities it has none. */
export type RemoteAgentInput = Omit<RemoteAgent, 'capabilities'> & Partial<Pick<RemoteAgent, 'capabilities'>>

const addressSchema = z
  .string()
  .min(1, 'expected an address that is not empty')
  .max(500, 'expected an address of at most 500 characters')

const shape = { nodeId: nameSchema, agentId: nameSchema, address: addressSchema.optional() }
const capabilitiesSchema = z.record(z.string(), z.unknown())

/** An agent in a context. */
export const agentSchema = z.strictObject({ ...shape, capabilities: capabilitiesSchema })

/** An agent as callers write it; its output is the agent in a context. */
export const agentInputSchema = z.strictObject({ ...shape, capabilities: capabilitiesSchema.default({}) })

/** Who an agent is, and no more, in a context. */
export const identitySchema = z.strictObject({ nodeId: nameSchema, agentId: nameSchema })

/** Who an agent is, taken from anything said of it; its output is no more than that. */
export const identityInputSchema = agentInputSchema.transform(({ nodeId, agentId }): AgentIdentity => ({
  nodeId,
  agentId,
}))

/** A key that is equal for the same agent only. Not "node/agent": ids may have a slash. */
export function agentKey({ nodeId, agentId }: AgentIdentity): string {
  return JSON.stringify([nodeId, agentId])
}

/** A schema of a list in which no agent comes twice. */
export function oncePerAgent<Item extends z.ZodType>(item: Item, identityOf: (item: z.output<Item>) => AgentIdentity) {
  return z.array(item).superRefine((list, check) => {
    const seen = new Set<string>()
    list.forEach((each, index) => {
      const key = agentKey(identityOf(each))
      if (seen.has(key)) check.addIssue({ code: 'custom', path: [index], message: 'this agent is in the list already' })
      seen.add(key)
    })
  })
}
