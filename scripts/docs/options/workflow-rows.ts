/** The options of workflows, of their steps and of retries. */
import { ANY, REQUIRED, SAID } from './rows.ts'
import type { OptionGroup, OptionRow } from './rows.ts'

const FLOWS = 'tests/behaviour/workflow-options.test.ts'
const LOOPS = 'tests/behaviour/loop-options.test.ts'
const BRANCHES = 'tests/behaviour/parallel-options.test.ts'
const STEPS = 'tests/behaviour/step-options.test.ts'

const workflow = (timeout: string): Readonly<Record<string, OptionRow>> => ({
  ...SAID,
  name: REQUIRED,
  ...ANY,
  timeoutMs: [timeout],
  metadata: ['none: an empty object'],
})

export const workflowGroups: readonly OptionGroup[] = [
  {
    call: 'sequential(options)',
    schemas: ['machines/workflow/sequential.ts#schema'],
    tests: [FLOWS, 'sequential'],
    rows: {
      ...workflow('5 minutes'),
      steps: ['required', 'steps of sequential: what is done'],
      onError: ['`fail_fast`', 'onError > of sequential: what a failed step does'],
    },
  },
  {
    call: 'conditional(options)',
    schemas: ['machines/workflow/conditional.ts#schema'],
    tests: [FLOWS, 'conditional'],
    rows: {
      ...workflow('5 minutes'),
      branches: ['required', 'conditional options > branches: between what it chooses'],
      executeAllMatching: [
        'false: the first branch that matches runs',
        'conditional options > executeAllMatching: whether all run that match',
      ],
    },
  },
  {
    call: 'conditional({ branches })',
    schemas: ['machines/workflow/conditional.ts#branchSchema'],
    tests: [FLOWS, 'conditional options'],
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
    tests: [FLOWS, 'loop'],
    rows: {
      ...workflow('5 minutes'),
      iterator: ['required', `${LOOPS}: loop options > iterator: what it goes over`],
      body: ['required', `${LOOPS}: loop options > body: what is done`],
      breakConditions: ['none', `${LOOPS}: loop options > breakConditions: when it ends early`],
      aggregation: ['`collect_all`', `${LOOPS}: loop options > aggregation: what is kept`],
      iterationDelayMs: ['no wait', `${LOOPS}: loop options > iterationDelayMs: the wait between two`],
      onError: ['`fail_fast`', 'onError > of loop: what a failed step does'],
    },
  },
  {
    call: 'loop({ iterator })',
    about: 'One of `range`, `collection`, `while` and `until`.',
    schemas: ['machines/workflow/iteration.ts#iteratorSchema'],
    tests: [LOOPS, 'iterator'],
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
    tests: [LOOPS, 'range'],
    rows: { start: ['0'], end: REQUIRED, step: ['1'] },
  },
  {
    call: 'loop({ breakConditions })',
    schemas: ['machines/workflow/iteration.ts#breakSchema'],
    tests: [LOOPS, 'breakConditions'],
    rows: { test: REQUIRED, message: ['says which condition it was'] },
  },
  {
    call: 'loop({ aggregation })',
    schemas: ['machines/workflow/iteration.ts#aggregationSchema'],
    tests: [LOOPS, 'aggregation'],
    rows: { type: REQUIRED, n: REQUIRED },
  },
  {
    call: 'parallel(options)',
    schemas: ['machines/workflow/parallel.ts#schema'],
    tests: [FLOWS, 'parallel'],
    rows: {
      ...workflow('1 hour'),
      branches: ['required', `${BRANCHES}: parallel options > branches: what runs`],
      maxConcurrency: ['4', `${BRANCHES}: parallel options > maxConcurrency: how many run at once`],
      failFast: [
        'true: the failure of a branch that is not optional stops the others',
        `${BRANCHES}: parallel options > failFast: whether a failure ends the others`,
      ],
      join: ['`all`', `${BRANCHES}: parallel options > join: how many must complete`],
      'join.atLeast': ['required', `${BRANCHES}: parallel options > join.atLeast: how many must complete`],
      mergeState: [
        'none: two changes at one path of the state fail the workflow',
        `${BRANCHES}: parallel options > mergeState: what becomes of two changes at one path`,
      ],
    },
  },
  {
    call: 'parallel({ branches })',
    schemas: ['machines/workflow/parallel.ts#branchSchema'],
    tests: [BRANCHES, 'branches'],
    rows: { name: REQUIRED, steps: REQUIRED, optional: ['false'], timeoutMs: ['no limit of its own'] },
  },
  {
    call: 'onError of sequential and loop',
    schemas: ['machines/workflow/options.ts#onErrorSchema'],
    tests: [FLOWS, 'onError'],
    rows: { retry: REQUIRED },
  },
  {
    call: 'step.tool, step.agent, step.workflow, step.run(…, options)',
    schemas: ['machines/workflow/step.ts#optionsSchema'],
    tests: [STEPS, 'step'],
    rows: {
      input: ['anything'],
      timeoutMs: ['30 s; for a workflow no limit but its own'],
      retry: ['what `onError` of the workflow says'],
      metadata: ['none: an empty object'],
      compensate: [
        'nothing is undone',
        'tests/behaviour/workflow-compensate.test.ts: a step > compensate: whether it is undone',
      ],
    },
  },
  {
    call: 'retry',
    about: 'For the option `retry` of steps and of `onError`. A duration as `backoff` is short for `{ delayMs }`.',
    schemas: ['machines/retry.ts#retrySchema'],
    tests: [STEPS, 'retry'],
    rows: {
      maxAttempts: ['3 starts in all'],
      backoff: ['1 s, twice as long each time, up to 1 minute'],
      'backoff.delayMs': ['1 s'],
      'backoff.multiplier': ['2'],
      'backoff.maxDelayMs': ['1 minute, or `delayMs` where that is longer'],
    },
  },
]
