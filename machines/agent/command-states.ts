/**
 * The region `command` of an agent: the gates of the command that waits for them. Until they have let it through nothing else
 * of the agent has moved, so that a refusal leaves no trace.
 */
import { and, raise } from 'xstate'
import { hooked, told } from '../outcome-guards.ts'

const may = (command: string) => ({ type: 'may', params: { command } })
const all = (...guards: readonly unknown[]) => and(guards as never)

const granted = (type: 'GRANTED.INITIALIZE' | 'GRANTED.TERMINATE') => raise({ type })
const initializes = { target: 'idle', actions: granted('GRANTED.INITIALIZE') }
const terminates = { target: 'idle', actions: granted('GRANTED.TERMINATE') }
const refused = { target: 'idle' }

function gateState(point: string, onward: readonly object[], on: object): object {
  return {
    meta: { gate: { point } },
    invoke: { id: 'commandGate', src: 'lifeGate', input: { point }, onDone: [...onward, refused] },
    on,
  }
}

/** What needs nobody's consent any more. */
const force = {
  guard: all(may('terminate'), 'asksForce'),
  target: 'idle',
  actions: ['take', granted('GRANTED.TERMINATE')],
}

/** The states of the region. */
export const commandStates: Record<string, object> = {
  idle: {
    on: {
      INITIALIZE: [
        { guard: all(may('initialize'), hooked('BeforeAgentInit')), target: 'beforeInit', actions: 'take' },
        { guard: may('initialize'), actions: ['take', granted('GRANTED.INITIALIZE')] },
      ],
      TERMINATE: [
        force,
        { guard: all(may('terminate'), hooked('BeforeAgentTerminate')), target: 'beforeTerminate', actions: 'take' },
        { guard: all(may('terminate'), hooked('BeforeAgentShutdown')), target: 'beforeShutdown', actions: 'take' },
        { guard: may('terminate'), actions: ['take', granted('GRANTED.TERMINATE')] },
      ],
    },
  },
  // An agent that has failed meanwhile is not initialised any more.
  beforeInit: gateState('BeforeAgentInit', [{ guard: told('continue'), ...initializes }], { FAIL: 'idle' }),
  beforeTerminate: gateState(
    'BeforeAgentTerminate',
    [
      { guard: all(told('continue'), hooked('BeforeAgentShutdown')), target: 'beforeShutdown' },
      { guard: told('continue'), ...terminates },
    ],
    { TERMINATE: force },
  ),
  beforeShutdown: gateState('BeforeAgentShutdown', [{ guard: told('continue'), ...terminates }], {
    TERMINATE: force,
  }),
}
