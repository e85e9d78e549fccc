/** What shipped machines are begun with and told, as far as they look at it. */
import { breakerPresets } from 'hookchart/hooks'
import { sheddingDefaults } from 'hookchart/machines'
import type { AnyStateMachine } from 'xstate'

const error = { code: 'EFFECT_FAILED', name: 'Error', message: 'no', retryable: false }
const limits = { initializeTimeoutMs: 10, terminateTimeoutMs: 10, transitionTimeoutMs: 10 }

/** What machines are begun with that need something. */
export const INPUTS: Readonly<Record<string, unknown>> = {
  agent: { ...limits, autoRecover: true, maxRecoveryAttempts: 1 },
  approval: { question: 'May it?', expiresInMs: 100, since: 0, escalateTo: 'ann' },
  breaker: breakerPresets.default,
  'chain:chain': { paused: false },
  modelLoop: { messages: [], limits: { maxTurns: 3 } },
  shedding: { ...sheddingDefaults, windowOperations: 1 },
  supervisor: {
    ...{ strategy: 'rest_for_one', maxRestarts: 1, periodMs: 2, at: 0 },
    backoff: { delayMs: 1, multiplier: 1, maxDelayMs: 1, jitter: 0 },
    children: [
      { id: 'a', restart: 'permanent' },
      { id: 'b', restart: 'temporary' },
    ],
  },
}

/** What any event of a machine may carry. */
export const PAYLOAD = {
  ...{ at: 0, durationMs: 60, id: 'a', criticality: 0, isKept: false, ownMs: 10, spentMs: { a: 5 }, kind: 'abnormal' },
  ...{
    answer: { type: 'continue' },
    reason: 'so it is',
    input: {},
    error,
    chance: 0,
    name: 'left',
    command: 'initialize',
  },
  snapshot: {
    state: 'open',
    generation: 1,
    failures: [],
    slowCalls: [],
    successes: 0,
    probes: [],
    lostProbes: 0,
    opens: 1,
    openUntil: 9,
  },
}

type Node = AnyStateMachine['root']

export const nodesOf = (node: Node): Node[] => [node, ...Object.values(node.states).flatMap(nodesOf)]

/** What guards ask of what an effect told, and what is told where they do not ask. */
export function outcomeTypesOf(machine: AnyStateMachine): string[] {
  const found = new Set(['done', 'completed', 'failed', 'started', 'stopped', 'thought', 'acted'])
  const look = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    const { type, params } = value as { readonly type?: string; readonly params?: { readonly type?: unknown } }
    if (type === 'told' && typeof params?.type === 'string') found.add(params.type)
    for (const each of Object.values(value)) look(each)
  }
  look(machine.config)
  return [...found]
}

const spent = { turns: 1, inputTokens: 1, outputTokens: 1, totalTokens: 2, toolCalls: 0, cost: 0 }

/** What machines are given to note. */
const NOTES: Readonly<Record<string, object>> = {
  thought: { requests: [{ id: 'a', name: 'search', input: '{}' }], spent },
  acted: { requests: [], spent },
}

/** What an effect may tell, as far as a machine looks at it. */
export const outcomesOf = (types: readonly string[]) =>
  types.map((type) => ({
    ...{ type, output: 1, ran: true, error, at: 0, chance: 0, value: 1, results: {}, toolCalls: [] },
    note: { end: { status: 'failed', error }, ...NOTES[type] },
  }))

/** The names of what a machine invokes. */
export const sourcesOf = (machine: AnyStateMachine): string[] => [
  ...new Set(nodesOf(machine.root).flatMap(({ invoke }) => invoke.map(({ src }) => src as string))),
]

/** The types of the events that it takes from outside. */
export const typesOf = (machine: AnyStateMachine): string[] =>
  [...new Set(nodesOf(machine.root).flatMap(({ ownEvents }) => ownEvents as string[]))].filter(
    (type) => !type.startsWith('xstate.') && type !== '',
  )
