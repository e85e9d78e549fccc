/** The charts of sequences, everywhere, with each error policy. */
import * as machines from 'hookchart/machines'
import type { ErrorPolicyOption } from 'hookchart/machines'
import { describe, expect, test } from 'vitest'
import type { AnyStateMachine } from 'xstate'
import { plant } from './support/planted.ts'
import { hookedTo, stuck, tour, untaken, violations } from './support/tour.ts'
import { SOURCES, stepsOf, workflowWorld } from './support/workflow-world.ts'

const steps = stepsOf('first', 'second.#2', 'third')
const world = workflowWorld({ steps })
const POINT = 'WorkflowStageTransition'

function machineOf(onError: ErrorPolicyOption, isHooked: boolean, { sequential, sequentialMachine } = machines) {
  const machine = sequentialMachine(sequential({ name: 'sequence', steps, onError })) as unknown as AnyStateMachine
  return hookedTo(machine, isHooked ? [POINT] : [], SOURCES)
}

const POLICIES: ErrorPolicyOption[] = ['fail_fast', 'continue', { retry: { maxAttempts: 2 } }]

const toursOf = (onError: ErrorPolicyOption, from = machines) =>
  [true, false].map((isHooked) => tour(machineOf(onError, isHooked, from), world))

describe.each(POLICIES)('a sequence with onError %j', (onError) => {
  const tours = toursOf(onError)

  test('every transition is taken', () => {
    expect(untaken(tours)).toEqual([])
  })

  test('it always comes to its end, and never stands where nothing can happen', () => {
    expect(tours.flatMap(stuck)).toEqual([])
  })

  test('snapshots survive JSON wherever they are made', () => {
    expect(violations(machineOf(onError, true), world)).toEqual([])
  })
})

describe('is seen to fail:', () => {
  const lane = 'machines/workflow/lane.ts'
  const brokenBy = (from: string, to: string) => plant<typeof machines>('machines/index.ts', lane, from, to)

  test('a gate between steps that is never entered', async () => {
    const broken = await brokenBy(
      "const isHooked = hooked('WorkflowStageTransition')",
      "const isHooked = hooked('Nowhere')",
    )
    expect(untaken(toursOf('fail_fast', broken))).toContain('sequence.leaving first: gate steps done 0')
  })

  test('a jump that leads nowhere', async () => {
    const broken = await brokenBy(
      'laneOf(context, lane).goesTo === step',
      "laneOf(context, lane).goesTo === step && step !== 'third'",
    )
    expect(toursOf('fail_fast', broken).flatMap(stuck)).not.toEqual([])
  })

  test('a context that JSON does not bring back', async () => {
    const broken = await brokenBy(
      'failed: [...laneOf(context, lane).failed, step],',
      'failed: new Set([step]) as never,',
    )
    expect(violations(machineOf('continue', true, broken), world)).not.toEqual([])
  })
})
