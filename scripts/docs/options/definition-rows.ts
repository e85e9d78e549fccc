/** The options of definitions: agents, workflows, steps and chains. */
import type { OptionGroup, OptionRow } from './rows.ts'

const REQUIRED: OptionRow = ['required']
const SAID = { description: ['none: an empty text'], version: ['`1.0.0`'], tags: ['none'] } as const
const ANY = { input: ['any input'], output: ['any output'] } as const

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
  initializeTimeoutMs: ['30 s'],
  terminateTimeoutMs: ['10 s'],
  transitionTimeoutMs: ['5 s'],
}

const workflow = (timeout: string): Readonly<Record<string, OptionRow>> => ({
  ...SAID,
  name: REQUIRED,
  ...ANY,
  timeoutMs: [timeout],
  metadata: ['none: an empty object'],
})

export const definitionGroups: readonly OptionGroup[] = [
  {
    call: 'defineAgent({ execute })',
    schemas: ['machines/agent/define-agent.ts#functionAgentSchema'],
    rows: { ...agent, execute: REQUIRED },
  },
  {
    call: 'defineAgent({ model })',
    schemas: ['machines/agent/define-agent.ts#modelAgentSchema'],
    rows: {
      ...agent,
      input: ['text, or JSON that is written as text'],
      output: ['text'],
      model: REQUIRED,
      instructions: REQUIRED,
      maxTurns: ['10'],
      budget: ['no limit'],
    },
  },
  {
    call: 'defineAgent({ budget })',
    schemas: ['machines/agent/model.ts#budgetSchema'],
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
    call: 'sequential(options)',
    schemas: ['machines/workflow/sequential.ts#schema'],
    rows: { ...workflow('5 minutes'), steps: REQUIRED, onError: ['`fail_fast`'] },
  },
  {
    call: 'conditional(options)',
    schemas: ['machines/workflow/conditional.ts#schema'],
    rows: {
      ...workflow('5 minutes'),
      branches: REQUIRED,
      executeAllMatching: ['false: the first branch that matches runs'],
    },
  },
  {
    call: 'conditional({ branches })',
    schemas: ['machines/workflow/conditional.ts#branchSchema'],
    rows: {
      name: REQUIRED,
      condition: ['required, but for the default branch'],
      isDefault: ['false'],
      steps: REQUIRED,
    },
  },
  {
    call: 'loop(options)',
    schemas: ['machines/workflow/loop.ts#schema'],
    rows: {
      ...workflow('5 minutes'),
      iterator: REQUIRED,
      body: REQUIRED,
      breakConditions: ['none'],
      aggregation: ['`collect_all`'],
      iterationDelayMs: ['no wait'],
      onError: ['`fail_fast`'],
    },
  },
  {
    call: 'loop({ iterator })',
    about: 'One of `range`, `collection`, `while` and `until`.',
    schemas: ['machines/workflow/iteration.ts#iteratorSchema'],
    rows: {
      range: ['none'],
      collection: ['none'],
      while: ['none'],
      until: ['none'],
      maxIterations: ['10,000, for `while` and `until`'],
    },
  },
  {
    call: 'loop({ iterator: { range } })',
    schemas: ['machines/workflow/iteration.ts#rangeSchema'],
    rows: { start: ['0'], end: REQUIRED, step: ['1'] },
  },
  {
    call: 'loop({ breakConditions })',
    schemas: ['machines/workflow/iteration.ts#breakSchema'],
    rows: { test: REQUIRED, message: ['says which condition it was'] },
  },
  {
    call: 'loop({ aggregation })',
    schemas: ['machines/workflow/iteration.ts#aggregationSchema'],
    rows: { type: REQUIRED, n: REQUIRED },
  },
  {
    call: 'parallel(options)',
    schemas: ['machines/workflow/parallel.ts#schema'],
    rows: {
      ...workflow('1 hour'),
      branches: REQUIRED,
      maxConcurrency: ['4'],
      failFast: ['true: the failure of a branch that is not optional stops the others'],
      join: ['`all`'],
      'join.atLeast': REQUIRED,
      mergeState: ['none: two changes at one path of the state fail the workflow'],
    },
  },
  {
    call: 'parallel({ branches })',
    schemas: ['machines/workflow/parallel.ts#branchSchema'],
    rows: { name: REQUIRED, steps: REQUIRED, optional: ['false'], timeoutMs: ['no limit of its own'] },
  },
  {
    call: 'onError of sequential and loop',
    schemas: ['machines/workflow/options.ts#onErrorSchema'],
    rows: { retry: REQUIRED },
  },
  {
    call: 'step.tool, step.agent, step.workflow, step.run(…, options)',
    schemas: ['machines/workflow/step.ts#optionsSchema'],
    rows: {
      input: ['anything'],
      timeoutMs: ['30 s; for a workflow no limit but its own'],
      retry: ['what `onError` of the workflow says'],
      metadata: ['none: an empty object'],
      compensate: ['nothing is undone'],
    },
  },
  {
    call: 'retry',
    about: 'For the option `retry` of steps and of `onError`. A duration as `backoff` is short for `{ delayMs }`.',
    schemas: ['machines/retry.ts#retrySchema'],
    rows: {
      maxAttempts: ['3 starts in all'],
      backoff: ['1 s, twice as long each time, up to 1 minute'],
      'backoff.delayMs': ['1 s'],
      'backoff.multiplier': ['2'],
      'backoff.maxDelayMs': ['1 minute, or `delayMs` where that is longer'],
    },
  },
  {
    call: 'defineChain(name, options)',
    schemas: ['machines/chain/define-chain.ts#schema'],
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
]
