/** The charts of conditional workflows, everywhere: with a default branch and without, one branch or all that match. */
import * as machines from 'hookchart/machines'
import { describe, expect, test } from 'vitest'
import { plant } from './support/planted.ts'
import { hookedTo, stuck, subsets, tour, untaken, violations } from './support/tour.ts'
import { SOURCES, stepsOf, workflowWorld } from './support/workflow-world.ts'

const lanes = { one: stepsOf('a', 'b'), two: stepsOf('c'), other: stepsOf('d') }
const POINTS = ['BranchSelection', 'WorkflowStageTransition']
const world = (hasDefault: boolean) => {
  const { other, ...conditional } = lanes
  return workflowWorld(hasDefault ? { ...conditional, other } : conditional)
}

function machineOf(hasDefault: boolean, executeAllMatching: boolean, points: string[], from = machines) {
  const { conditional, conditionalMachine } = from
  const always = { type: 'always' as const }
  const definition = conditional({
    ...{ name: 'choice', executeAllMatching },
    branches: [
      { name: 'one', condition: always, steps: lanes.one },
      ...(hasDefault ? [{ name: 'other', isDefault: true as const, steps: lanes.other }] : []),
      { name: 'two', condition: always, steps: lanes.two },
    ],
  })
  return hookedTo(conditionalMachine(definition), points, SOURCES)
}

const toursOf = (hasDefault: boolean, all: boolean, from = machines) =>
  subsets(POINTS).map((points) => tour(machineOf(hasDefault, all, points, from), world(hasDefault)))

describe.each([
  [true, true],
  [true, false],
  [false, true],
  [false, false],
])('a conditional workflow with a default branch: %s, all that match: %s', (hasDefault, all) => {
  const tours = toursOf(hasDefault, all)

  test('every transition is taken', () => {
    expect(untaken(tours)).toEqual([])
  })

  test('it always comes to its end, and never stands where nothing can happen', () => {
    expect(tours.flatMap(stuck)).toEqual([])
  })

  test('snapshots survive JSON wherever they are made', () => {
    expect(violations(machineOf(hasDefault, all, POINTS), world(hasDefault))).toEqual([])
  })
})

describe('is seen to fail:', () => {
  const brokenBy = (from: string, to: string) =>
    plant<typeof machines>('machines/index.ts', 'machines/workflow/conditional-machine.ts', from, to)

  test('the default branch is chosen again and again', async () => {
    const broken = await brokenBy('context.hasChosen ? null : last', 'last')
    expect(untaken(toursOf(true, true, broken))).toContain('choice.choosing: always 2')
  })

  test('a branch that is chosen and never entered', async () => {
    const broken = await brokenBy('context.chosen === branch', "context.chosen === branch && branch !== 'two'")
    expect(toursOf(false, false, broken).flatMap(stuck)).not.toEqual([])
  })

  test('a context that JSON does not bring back', async () => {
    const broken = await brokenBy('matched: [...context.matched, branch],', 'matched: new Set([branch]) as never,')
    expect(violations(machineOf(true, true, POINTS, broken), world(true))).not.toEqual([])
  })
})
