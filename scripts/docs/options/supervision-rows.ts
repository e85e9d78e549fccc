/** The options of supervisors. */
import { REQUIRED } from './rows.ts'
import type { OptionGroup } from './rows.ts'

const HERE = 'actors/supervisor/options.ts'
const TESTS = 'tests/behaviour/supervisor-options.test.ts'

export const supervisionGroups: readonly OptionGroup[] = [
  {
    call: 'createSupervisor(system, options)',
    about: 'A supervisor below another one takes the same but for `id` and `random`.',
    schemas: [`${HERE}#supervisorSchema`, `${HERE}#supervisionSchema`],
    tests: [TESTS, 'createSupervisor'],
    rows: {
      id: ['`supervisor`'],
      strategy: ['`one_for_one`'],
      maxRestarts: ['3'],
      periodMs: ['5 s'],
      backoff: ['the defaults below'],
      shutdownMs: ['5 s'],
      children: REQUIRED,
      random: ['that of the system'],
    },
  },
  {
    call: 'createSupervisor(system, { backoff })',
    schemas: [`${HERE}#backoffSchema`],
    tests: [TESTS, 'backoff'],
    rows: {
      delayMs: ['100 ms'],
      multiplier: ['2'],
      maxDelayMs: ['30 s, or `delayMs` where that is longer'],
      jitter: ['0.2: up to a fifth of the wait is taken away'],
    },
  },
  {
    call: 'createSupervisor(system, { children })',
    about: 'A child has one of `agent`, `machine` and `supervisor`.',
    schemas: [`${HERE}#agentSchema`, `${HERE}#machineSchema`, `${HERE}#nestedSchema`],
    tests: [TESTS, 'a child'],
    rows: {
      id: ['the name of the agent; else required'],
      restart: ['`permanent`'],
      agent: REQUIRED,
      machine: REQUIRED,
      input: ['none'],
      supervisor: REQUIRED,
    },
  },
]
