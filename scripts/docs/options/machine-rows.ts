/** The options of machines and of what runs and searches them: systems, tools, breakers, shedding, gates, searches and compiled runs. */
import type { OptionGroup } from './rows.ts'

const AGENTS = 'tests/behaviour/agent-kind-options.test.ts'
const MACHINES = 'tests/behaviour/machine-options.test.ts'
const SYSTEMS = 'tests/behaviour/system-options.test.ts'
const CALLS = 'tests/behaviour/system-call-options.test.ts'
const CORRELATOR = 'tests/behaviour/event-correlator.test.ts'
const TOOLS = 'tests/behaviour/tool-options.test.ts'
const ISOLATED = 'tests/behaviour/tool-isolation.test.ts: isolation "worker" > limits'
const LIMITS = 'tests/behaviour/tool-limits.test.ts'

const VALUE = (name: string) => `${name} > value %i`

export const machineGroups: readonly OptionGroup[] = [
  {
    call: 'createSystem(options)',
    schemas: ['actors/system/create-system.ts#schema'],
    tests: [SYSTEMS, 'createSystem'],
    rows: {
      id: ['`hookchart`'],
      tools: ['none'],
      workflows: ['none'],
      agents: ['none'],
      models: ['none'],
      maxQueue: ['1,000'],
      hooks: ['none'],
      events: ['the defaults of `createEventBus`'],
      maxSecurityLevel: ['`privileged`: every tool runs'],
      onSuspend: ['`wait`'],
      random: ['chance of the platform'],
      performance: ['the defaults below'],
      clock: ['as of `createHooks`'],
      ids: ['as of `createHooks`'],
      journal: ['as of `createHooks`'],
      trace: ['as of `createHooks`'],
      maxTraceEntries: ['as of `createHooks`'],
      executor: ['as of `createHooks`'],
      points: ['as of `createHooks`'],
    },
  },
  {
    call: 'createSystem({ performance })',
    about: 'When hooks at MemoryUsageHigh and CpuUsageHigh are told. `memory` and `cpu` have `high` and `low`.',
    schemas: ['actors/system/pressure.ts#performanceSchema', 'actors/system/pressure.ts#threshold'],
    tests: [SYSTEMS, 'performance'],
    rows: {
      everyMs: ['5 s'],
      memory: ['the defaults below'],
      cpu: ['the defaults below'],
      sampler: ['the process, as Node tells it'],
      high: ['0.9'],
      low: ['0.8 for memory and 0.7 for processors, or `high` where that is less'],
    },
  },
  {
    call: 'system.stop(options)',
    schemas: ['actors/system/create-system.ts#stopSchema'],
    tests: [CALLS, 'stop'],
    rows: { timeoutMs: ['10 s'] },
  },
  {
    call: 'system.start(machine, options)',
    schemas: ['actors/system/machines-in-system.ts#schema'],
    tests: [CALLS, 'system.start'],
    rows: { input: ['none'], id: ['that of the machine'], snapshot: ['none: it begins anew'] },
  },
  {
    call: 'state.get(key, options), set, delete and list',
    about: 'A `scope` is `global`, `{ workflow }`, `{ workflow, step }` or `{ custom }`.',
    schemas: ['actors/system/state.ts#schema', 'actors/system/state-scope.ts#schema'],
    tests: [CALLS, 'state'],
    rows: {
      scope: ['`global`'],
      correlationId: ['a new one'],
      metadata: ['none: an empty object'],
      signal: ['none: it ends by itself'],
      workflow: ['none', 'state > %s: which scope is meant'],
      step: ['none: that of the whole workflow', 'state > %s: which scope is meant'],
      custom: ['none', 'state > %s: which scope is meant'],
    },
  },
  {
    call: 'createEventCorrelator(system, options)',
    schemas: ['actors/coordinator/event-correlator.ts#schema'],
    tests: [CORRELATOR, 'createEventCorrelator'],
    rows: {
      maxTraces: ['10,000'],
      maxEventsPerTrace: ['1,000 operations and 1,000 events'],
      retentionMs: ['a day'],
      bottleneckShare: ['0.5: more than half of the whole time'],
    },
  },
  {
    call: 'correlator.traces(filter)',
    schemas: ['actors/coordinator/event-correlator.ts#filterSchema'],
    tests: [CORRELATOR, 'traces'],
    rows: { status: ['any'], component: ['any'] },
  },
  {
    call: 'workflows.start(workflow, input, options)',
    about: 'Besides this all options of an execution.',
    schemas: ['actors/system/workflows.ts#startSchema'],
    tests: [SYSTEMS],
    rows: { paused: ['false', 'paused of workflows.start: whether it stands in front of its first step'] },
  },
  {
    call: 'agents.create(agent, options)',
    schemas: ['actors/system/agents.ts#createSchema'],
    tests: [AGENTS, 'agents'],
    rows: { id: ['a new one'] },
  },
  {
    call: 'agents.discover(query), tools.discover(query)',
    schemas: ['actors/system/query.ts#querySchema'],
    tests: [SYSTEMS],
    rows: { capability: ['any'], category: ['any'], tag: ['any'] },
  },
  {
    call: 'initialize, pause, resume, stop, fail, recover and terminate of an agent (options)',
    about: '`force` is for `terminate` alone.',
    schemas: ['actors/agent/command-options.ts#schema', 'actors/agent/command-options.ts#terminateSchema'],
    tests: [AGENTS, 'commands'],
    rows: { signal: ['none'], timeoutMs: ['what the definition says'], force: ['false'] },
  },
  {
    call: 'defineTool(options)',
    schemas: ['machines/tool/define-tool.ts#schema'],
    tests: [TOOLS, 'defineTool'],
    rows: {
      name: ['required'],
      description: ['required'],
      version: ['`1.0.0`'],
      tags: ['none'],
      input: ['required'],
      output: ['any output'],
      level: ['`restricted`', 'defineTool > level: whether a system lets it run'],
      category: ['`custom`'],
      capabilities: ['none'],
      permissions: ['none', 'defineTool > permissions.files: what it says it touches'],
      annotations: ['the worst is assumed', 'defineTool > annotations.readOnly: what follows for the others'],
      isolation: ['`inline`: in this process'],
      limits: ['the preset `default`, as far as it can be held where the tool runs'],
      inputJsonSchema: ['what `input` gives itself'],
      execute: ['required'],
    },
  },
  {
    call: 'defineTool({ permissions })',
    about: 'What a tool says of itself, for hooks and people who decide; nothing here holds it back.',
    schemas: ['machines/tool/define-tool.ts#permissionsSchema'],
    tests: [TOOLS, 'defineTool'],
    rows: {
      files: ['none', 'defineTool > permissions.files: what it says it touches'],
      network: ['none', 'defineTool > permissions.network: what it says it touches'],
      env: ['none', 'defineTool > permissions.env: what it says it touches'],
    },
  },
  {
    call: 'defineTool({ annotations })',
    schemas: ['machines/tool/define-tool.ts#annotationsSchema'],
    tests: [TOOLS, 'defineTool'],
    rows: {
      readOnly: ['false', 'defineTool > annotations.readOnly: what follows for the others'],
      destructive: ['true; false when it is `readOnly`', 'defineTool > annotations.destructive: what it says it does'],
      idempotent: ['false; true when it is `readOnly`', 'defineTool > annotations.idempotent: what it says it does'],
    },
  },
  {
    call: 'defineTool({ limits })',
    about:
      'A preset by name, or single limits over those of a preset. The defaults here are those of the preset `default`; `toolLimitPresets` has the others.',
    schemas: ['machines/tool/limits.ts#limitsSchema'],
    tests: [LIMITS],
    rows: {
      preset: ['`default`', `${TOOLS}: defineTool > limits.preset: what holds where nothing else is said`],
      timeoutMs: ['1 minute', 'timeoutMs > %d ms is how long it may take, and its signal says so'],
      queueTimeoutMs: ['30 s'],
      maxConcurrent: ['100', 'maxConcurrent > %d run at once, the others wait their turn in order'],
      maxOutputBytes: ['50 MiB'],
      maxMemoryBytes: [
        '100 MiB; not for `inline`',
        `${ISOLATED} > of memory: what is too much for one is enough for another`,
      ],
      maxCpuMs: [
        '30 s; not for `inline`',
        `${ISOLATED} > of processor time: what is too much for one is enough for another`,
      ],
    },
  },
  {
    call: 'createBreaker(options)',
    about: 'Besides `clock` the settings of a breaker, above; or a preset by name.',
    schemas: ['machines/breaker/create-breaker.ts#clockedSchema'],
    tests: [MACHINES],
    rows: { clock: ['the clock of the machine', 'clock of createBreaker: whose time counts'] },
  },
  {
    call: 'createShedding(options)',
    schemas: ['machines/shedding/shedding-window.ts#settingsSchema'],
    tests: ['tests/unit/create-shedding.test.ts'],
    rows: {
      budget: ['0.05: 5 % of the time of the operations', VALUE('budget')],
      restoreRatio: ['0.8: what fits under 80 % of the budget comes back', VALUE('restoreRatio')],
      firstTrialWindows: ['10', VALUE('firstTrialWindows')],
      lastTrialWindows: ['160', VALUE('lastTrialWindows')],
      windowOperations: ['100', VALUE('windowOperations')],
      shortestMs: ['1 ms', VALUE('shortestMs')],
    },
  },
  {
    call: 'shedding.add(id, options)',
    schemas: ['machines/shedding/create-shedding.ts#memberSchema'],
    tests: [MACHINES, 'shedding.add'],
    rows: { criticality: ['0'], isKept: ['false'] },
  },
  {
    call: 'gate(point, routes, options)',
    schemas: ['machines/gates/gate.ts#schema'],
    tests: [MACHINES, 'gate'],
    rows: {
      data: ['the payload of the event as `input`, or the `output` or `error` of an invoke'],
      component: ['the id of the machine'],
      id: ['the id that XState gives what a state invokes'],
    },
  },
  {
    call: 'unhooked(point, options)',
    schemas: ['machines/gates/unhooked.ts#schema'],
    tests: ['tests/behaviour/gates-unhooked.test.ts'],
    rows: { component: ['all hooks at the point count'] },
  },
  {
    call: 'hooked(machine, spec)',
    schemas: ['machines/gates/hooked.ts#schema'],
    tests: [MACHINES, 'hooked'],
    rows: {
      on: ['required'],
      'on.*.before': ['no gate there; one of `before` and `after` is required'],
      'on.*.after': ['no gate there; one of `before` and `after` is required'],
      'on.*.refused': ['no event is sent'],
    },
  },
  {
    call: 'explore(machine, options)',
    schemas: ['src/chart/explore-options.ts#schema'],
    tests: ['tests/unit/chart-explore-options.test.ts', 'explore'],
    rows: {
      input: ['none; required where the machine needs one'],
      events: ['one of each type that the machine names, with nothing in it'],
      always: ['nothing'],
      key: ['value, context, history and status'],
      bound: ['50,000 states, any depth', 'explore > bound.states: how many it visits'],
      'bound.states': ['50,000'],
      'bound.depth': ['any'],
      step: ["XState's `transition`, with gates as choices"],
    },
  },
  {
    call: 'compile(machine).run(options)',
    schemas: ['machines/compiled/run-options.ts#schema'],
    tests: [MACHINES, 'compile(machine).run'],
    rows: {
      input: ['none; required where the machine needs one'],
      snapshot: ['it begins at its initial state'],
      id: ['that of the machine'],
      clock: ['the clock of the machine that it runs on'],
      effects: ['sources run as actors of XState'],
      onEmit: ['nobody is told'],
      onEnd: ['nobody is told'],
      log: ['nobody is told'],
    },
  },
]
