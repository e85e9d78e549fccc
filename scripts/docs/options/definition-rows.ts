/** The options of agents, of chains and of what depends on what. */
import { ANY, REQUIRED, SAID } from './rows.ts'
import type { OptionGroup, OptionRow } from './rows.ts'

const AGENTS = 'tests/behaviour/agent-options.test.ts'
const KINDS = 'tests/behaviour/agent-kind-options.test.ts'
const GRAPHS = 'tests/behaviour/dependency-options.test.ts'
const CHAINS = 'tests/behaviour/chain-options.test.ts'

const agent: Readonly<Record<string, OptionRow>> = {
  ...SAID,
  name: REQUIRED,
  ...ANY,
  tools: ['none'],
  capabilities: ['none'],
  category: ['`custom`'],
  autoRecover: ['true: the next execution after a failure recovers first'],
  maxRecoveryAttempts: ['3'],
  maxQueue: ['what the system says'],
  timeoutMs: ['no limit but that of who calls'],
  transitionTimeoutMs: ['5 s'],
}

export const definitionGroups: readonly OptionGroup[] = [
  {
    call: 'defineAgent({ execute })',
    schemas: ['machines/agent/define-agent.ts#functionAgentSchema'],
    tests: [AGENTS, 'defineAgent({ execute })'],
    rows: {
      ...agent,
      initializeTimeoutMs: [
        '30 s; with a function there is nothing to wait for',
        'initializeTimeoutMs > of a function: what whoever has the agent reads',
      ],
      terminateTimeoutMs: ['10 s', 'terminateTimeoutMs > of a function: how long its code may take to end'],
      execute: ['required', `${KINDS}: execute: the work`],
    },
  },
  {
    call: 'defineAgent({ model })',
    schemas: ['machines/agent/define-agent.ts#modelAgentSchema'],
    tests: [AGENTS, 'defineAgent({ model })'],
    rows: {
      ...agent,
      input: ['text, or JSON that is written as text'],
      output: ['text'],
      initializeTimeoutMs: ['30 s', 'initializeTimeoutMs > of a model: how long it may take to be loaded'],
      terminateTimeoutMs: ['10 s', 'terminateTimeoutMs > of a model: how long what it was asked may take to end'],
      model: ['required', `${KINDS}: model > model: who does the work`],
      instructions: ['required', `${KINDS}: model > instructions: what the model is told first`],
      maxTurns: ['10', `${KINDS}: model > maxTurns: how often the model may be called`],
      budget: ['no limit', `${KINDS}: model > budget: whether it may spend that much`],
      retry: ['three starts of a call, 1 s and 2 s apart', `${KINDS}: model > retry: how often a call is started`],
    },
  },
  {
    call: 'defineAgent({ budget })',
    schemas: ['machines/agent/model.ts#budgetSchema'],
    tests: [KINDS, 'budget'],
    rows: {
      maxInputTokens: ['no limit'],
      maxOutputTokens: ['no limit'],
      maxTokens: ['no limit'],
      maxToolCalls: ['no limit'],
      maxCost: ['no limit; needs `costOf`'],
      costOf: ['none; needed by `maxCost`'],
    },
  },
  {
    call: 'defineChain(name, options)',
    schemas: ['machines/chain/define-chain.ts#schema'],
    tests: [CHAINS, 'chain'],
    rows: {
      ...SAID,
      input: ANY.input,
      timeoutMs: ['5 minutes'],
      maxConcurrency: ['4'],
      metadata: ['none: an empty object'],
      components: ['none: they are added one by one'],
    },
  },
  {
    call: 'chain.tool, chain.agent, chain.workflow(component, options)',
    schemas: ['machines/chain/component.ts#schema'],
    tests: [CHAINS, 'component'],
    rows: {
      id: ['the name of the component'],
      after: ['none: it starts at once'],
      input: ['the input of the chain'],
      onError: ['`fail`'],
      'onError.fallback': REQUIRED,
      compensate: ['nothing is undone'],
      timeoutMs: ['30 s; for a workflow no limit but its own'],
    },
  },
  {
    call: 'graph.addNode(id, options)',
    schemas: ['actors/coordinator/dependency-graph.ts#nodeSchema'],
    tests: [GRAPHS, 'node'],
    rows: { priority: ['`normal`, which is 0'], points: ['all'], metadata: ['none: an empty object'] },
  },
  {
    call: 'graph.addDependency(from, on, options)',
    schemas: ['actors/coordinator/dependency-graph.ts#dependencySchema'],
    tests: [GRAPHS, 'dependency'],
    rows: { point: ['it holds for all'], hard: ['true'], reason: ['none'] },
  },
]
