/** The region `life` of an agent: nine states and 25 edges. It owns no work: what runs goes on while it moves. */
import { and, raise, stateIn } from 'xstate'
import type { AgentCommand, LifeState } from './life.ts'
import type { AgentLimits } from './agent-context.ts'
import { timerOf } from './agent-parts.ts'
import { hooked, told } from '../outcome-guards.ts'

const notify = (point: string, command: AgentCommand) => ({ type: 'notify', params: { point, command } })
const to = (state: LifeState) => `#agent.life.${state}`
const raised = (type: string) => raise({ type })

/** What holds in each state: the context knows it, and whoever runs the machine is told of the edge. */
const arrival = (state: LifeState) => ['arrive', 'record'].map((type) => ({ type, params: { state } }))

const fails = { target: to('error'), actions: ['blame', 'abortWork'] }
/** An effect under way can fail, and hooks can put that right; anything else just ends. */
const failsAtWork = [{ guard: stateIn({ work: 'executing' }), actions: 'failWork' }, fails]
const terminates = { target: to('terminating') }

/** What the end of an execution leads to. */
const settled = (...afterwards: readonly object[]) => [
  { guard: 'hasFailed', target: to('error'), actions: 'blameWork' },
  { guard: 'hasCompleted', target: to('ready'), actions: ['beginAnew', ...afterwards] },
  { target: to('ready'), actions: afterwards },
]

interface Transit {
  readonly state: LifeState
  /** What is done in it. */
  readonly src: string
  readonly limit: keyof AgentLimits
  /** What it is when it is done; for the message when it takes too long. */
  readonly what: string
  readonly next: LifeState
  /** The gate behind it. */
  readonly after?: string
  readonly entry?: readonly unknown[]
  readonly actions?: string
}

/** A state in which something is done, with a gate behind it, and that leads on by itself. */
function transit({ state, src, limit, what, next, after, entry = [], actions }: Transit): object {
  const onward = { target: to(next), ...(actions !== undefined && { actions }) }
  const wrong = { target: to('error'), actions: 'blameEffect' }
  return {
    entry: [...arrival(state), ...entry],
    initial: 'doing',
    states: {
      doing: {
        invoke: [
          {
            ...{ id: src, src },
            onDone: [
              ...(after === undefined
                ? []
                : [{ guard: and([told('done'), hooked(after)] as never), target: 'confirming' }]),
              { guard: told('done'), ...onward },
              wrong,
            ],
          },
          {
            ...timerOf(limit),
            onDone: { target: to('error'), actions: { type: 'blameDelay', params: { limit, what } } },
          },
        ],
      },
      ...(after !== undefined && {
        confirming: {
          meta: { gate: { point: after } },
          invoke: {
            ...{ id: `${src}Gate`, src: 'lifeGate', input: { point: after } },
            onDone: [{ guard: told('continue'), ...onward }, { guard: told('again'), target: 'doing' }, wrong],
          },
        },
      }),
    },
  }
}

/** The states of the region. */
export const lifeStates: Record<LifeState, object> = {
  uninitialized: { on: { 'GRANTED.INITIALIZE': to('initializing'), FAIL: fails } },
  initializing: {
    ...transit({
      ...{ state: 'initializing', src: 'prepare', limit: 'initializeTimeoutMs', what: 'initialised' },
      ...{ next: 'ready', after: 'AfterAgentInit' },
    }),
    on: { FAIL: fails, 'GRANTED.TERMINATE': terminates },
  },
  ready: {
    entry: arrival('ready'),
    on: {
      STARTED: to('running'),
      PAUSE: to('paused'),
      STOP: { actions: 'abortWork' },
      FAIL: fails,
      'GRANTED.TERMINATE': terminates,
    },
  },
  running: {
    entry: arrival('running'),
    on: {
      SETTLED: settled(),
      STOP: { target: to('ready'), actions: 'abortWork' },
      FAIL: failsAtWork,
      'GRANTED.TERMINATE': terminates,
    },
    initial: 'active',
    states: {
      active: { on: { PAUSE: { target: 'pausing', actions: 'take' } } },
      // A pause takes hold where the code of the agent lets it, at the latest where its execution ends.
      pausing: {
        on: { BOUNDARY: to('paused'), RESUME: 'active', SETTLED: settled(raised('PAUSE')) },
        invoke: { ...timerOf('transitionTimeoutMs'), onDone: 'active' },
      },
    },
  },
  paused: {
    entry: [...arrival('paused'), notify('AgentPaused', 'pause')],
    on: {
      RESUME: [
        { guard: 'isWorking', target: to('running'), actions: notify('AgentResumed', 'resume') },
        { target: to('ready'), actions: notify('AgentResumed', 'resume') },
      ],
      STOP: { target: to('ready'), actions: 'abortWork' },
      // Whatever becomes of the execution meanwhile, who paused the agent has not resumed it.
      SETTLED: [
        { guard: 'hasFailed', target: to('error'), actions: 'blameWork' },
        { guard: 'hasCompleted', actions: 'beginAnew' },
      ],
      FAIL: failsAtWork,
      'GRANTED.TERMINATE': terminates,
    },
  },
  error: {
    entry: arrival('error'),
    on: {
      RECOVER: { guard: { type: 'may', params: { command: 'recover' } }, target: to('recovering'), actions: 'take' },
      'GRANTED.TERMINATE': [
        { guard: 'isForced', target: to('terminated'), actions: notify('AfterAgentShutdown', 'terminate') },
        terminates,
      ],
    },
  },
  recovering: {
    ...transit({
      ...{ state: 'recovering', src: 'prepare', limit: 'transitionTimeoutMs', what: 'recovered' },
      ...{ next: 'ready', actions: 'recovered', entry: ['countRecovery', notify('AgentRecovering', 'recover')] },
    }),
    on: { FAIL: fails, 'GRANTED.TERMINATE': terminates },
  },
  terminating: {
    ...transit({
      ...{ state: 'terminating', src: 'shutDown', limit: 'terminateTimeoutMs', what: 'terminated' },
      ...{ next: 'terminated', after: 'AfterAgentShutdown', entry: ['abortWork'] },
    }),
    always: { guard: 'isForced', target: to('terminated'), actions: notify('AfterAgentShutdown', 'terminate') },
    on: { FAIL: fails },
  },
  terminated: { entry: arrival('terminated') },
}
