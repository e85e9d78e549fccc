/** The charts of operations, everywhere, whatever gates they have: those of steps and model calls, and others with every option. */
import * as machines from 'hookchart/machines'
import type { OperationGates } from 'hookchart/machines'
import { describe, expect, test } from 'vitest'
import type { AnyStateMachine } from 'xstate'
import { operationWorld, pointsOf } from './support/operation-world.ts'
import { plant } from './support/planted.ts'
import { hookedTo, stuck, subsets, tour, untaken, violations } from './support/tour.ts'

const stage = { state: 'beforeStep', point: 'BeforeWorkflowStage' }
const stepGates = { before: [stage], after: 'AfterWorkflowStage', error: 'WorkflowStepError' }

const everything: OperationGates = {
  before: [
    { state: 'first', point: 'BeforeModelCall' },
    { state: 'second', point: 'BeforeToolExecution', checks: true },
  ],
  after: 'AfterModelCall',
  last: { state: 'last', point: 'AfterToolExecution' },
  error: 'ModelError',
  timeout: 'ToolTimeout',
  queues: true,
}

/** Gates with little else round them. */
const others: Record<string, OperationGates> = {
  everything,
  'no gates': { before: [] },
  'no gate in front': { before: [], after: 'AfterChainComponent', error: 'ChainError' },
  'a queue and no error': { before: [stage], after: 'AfterWorkflowStage', queues: true },
  'only a last': { before: [stage], last: { state: 'last', point: 'AfterModelCall' } },
  'only an error': { before: [], error: 'ModelError' },
  'only a timeout': { before: [stage], timeout: 'ToolTimeout' },
}

const made = ({ operationMachine }: typeof machines, gates: OperationGates) =>
  operationMachine('operation', gates) as unknown as AnyStateMachine

const shipped: [name: string, machine: AnyStateMachine, gates: OperationGates][] = [
  ['a step', machines.stepMachine, stepGates],
  [
    'a step of a sequence',
    machines.sequentialStepMachine,
    {
      ...stepGates,
      before: [{ state: 'starting', point: 'SequentialStepStart' }, stage],
      last: { state: 'completing', point: 'SequentialStepComplete' },
    },
  ],
  [
    'a model call',
    machines.modelCallMachine,
    { before: [{ state: 'before', point: 'BeforeModelCall' }], after: 'AfterModelCall', error: 'ModelError' },
  ],
]

const toursOf = (machine: AnyStateMachine, gates: OperationGates, hooked = subsets(pointsOf(gates))) =>
  hooked.flatMap((points) => [true, false].map((fits) => tour(hookedTo(machine, points), operationWorld(gates, fits))))

describe.each([
  ...shipped,
  ...Object.entries(others).map(([name, gates]) => [name, made(machines, gates), gates] as const),
])('%s', (_, machine, gates) => {
  const tours = toursOf(machine, gates)

  test('every transition is taken', () => {
    expect(untaken(tours)).toEqual([])
  })

  test('it always comes to its end, and never stands where nothing can happen', () => {
    for (const each of tours) expect(stuck(each)).toEqual([])
  })

  test.each([true, false])('snapshots survive JSON wherever they are made (input fits: %s)', (fits) => {
    expect(violations(hookedTo(machine, pointsOf(gates)), operationWorld(gates, fits))).toEqual([])
  })
})

describe('is seen to fail:', () => {
  const states = 'machines/operation/operation-states.ts'
  const brokenBy = async (file: string, from: string, to: string) =>
    made(await plant<typeof machines>('machines/index.ts', file, from, to), everything)

  test('a second gate behind the effect that is never entered', async () => {
    const broken = await brokenBy(
      states,
      'behind === undefined ? [] : intoGate(behind.state, behind.point, given)',
      "behind === undefined ? [] : intoGate(behind.state, 'Nowhere', given)",
    )
    expect(untaken(toursOf(broken, everything, [pointsOf(everything)]))).toContain('operation.last: gate done 0')
  })

  test('a wait that nothing leads out of', async () => {
    const broken = await brokenBy(states, "{ guard: told('done'), target: first },\n    ended,", '')
    expect(toursOf(broken, everything, [pointsOf(everything)]).flatMap(stuck)).not.toEqual([])
  })

  test('a context that JSON does not bring back', async () => {
    const broken = await brokenBy(
      'machines/operation/operation-parts.ts',
      'attempts: context.attempts + 1',
      'attempts: BigInt(context.attempts + 1) as never',
    )
    expect(violations(hookedTo(broken, []), operationWorld(everything, true))).not.toEqual([])
  })
})
