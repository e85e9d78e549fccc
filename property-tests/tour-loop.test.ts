/** The charts of loops, everywhere: with each error policy, with and without break conditions and a wait. */
import * as machines from 'hookchart/machines'
import type { ErrorPolicyOption } from 'hookchart/machines'
import { describe, expect, test } from 'vitest'
import { plant } from './support/planted.ts'
import { hookedTo, stuck, subsets, tour, untaken, violations } from './support/tour.ts'
import { SOURCES, stepsOf, workflowWorld } from './support/workflow-world.ts'

const body = stepsOf('first', 'second')
const world = workflowWorld({ body })
const POINTS = ['LoopIterationStart', 'LoopIterationComplete', 'WorkflowStageTransition']

interface Options {
  readonly onError: ErrorPolicyOption
  readonly breakConditions: string[]
  readonly iterationDelayMs: number
}

const EACH: Options[] = [
  { onError: 'fail_fast', breakConditions: [], iterationDelayMs: 0 },
  { onError: 'fail_fast', breakConditions: ['$iteration >= 1'], iterationDelayMs: 10 },
  { onError: 'continue', breakConditions: [], iterationDelayMs: 10 },
  { onError: 'continue', breakConditions: ['$iteration >= 1'], iterationDelayMs: 0 },
  { onError: { retry: {} }, breakConditions: [], iterationDelayMs: 0 },
]

function machineOf(options: Options, points: string[], { loop, loopMachine } = machines) {
  const definition = loop({ name: 'loop', iterator: { range: { end: 3 } }, body, ...options })
  return hookedTo(loopMachine(definition), points, SOURCES)
}

const toursOf = (options: Options, from = machines, hooked = subsets(POINTS)) =>
  hooked.map((points) => tour(machineOf(options, points, from), world))

describe.each(EACH)('a loop with onError $onError, breaks $breakConditions, a wait of $iterationDelayMs', (options) => {
  const tours = toursOf(options)

  test('every transition is taken', () => {
    expect(untaken(tours)).toEqual([])
  })

  test('it always comes to its end, and never stands where nothing can happen', () => {
    expect(tours.flatMap(stuck)).toEqual([])
  })

  test('snapshots survive JSON wherever they are made', () => {
    expect(violations(machineOf(options, POINTS), workflowWorld({ body }, 1))).toEqual([])
  })
})

describe('is seen to fail:', () => {
  const [plain, , patient] = EACH as [Options, Options, Options]
  const brokenBy = (from: string, to: string) =>
    plant<typeof machines>('machines/index.ts', 'machines/workflow/loop-machine.ts', from, to)

  test('a failed body that counts as one that has run', async () => {
    const broken = await brokenBy("context.lanes['body']?.error !== null", "context.lanes['body']?.error === undefined")
    expect(untaken(toursOf(plain, broken, [[], POINTS]))).toContain('loop.body: done 0')
  })

  test('an error that stays for the next iteration', async () => {
    const broken = await brokenBy('goesTo: null, error: null }', 'goesTo: null }')
    const { found } = tour(machineOf(patient, [], broken), {
      ...world,
      always: {
        'a body begins without an error': ({ value, context }) =>
          (value as { body?: string }).body !== 'first' ||
          (context as machines.LoopContext).lanes['body']?.error === null,
      },
    })
    expect(found.violations).toHaveLength(1)
  })

  test('a loop that waits for ever', async () => {
    const broken = await brokenBy("{ src: 'wait', onDone: start(told('done')) }", "{ src: 'wait', onDone: [] }")
    expect(toursOf(patient, broken, [[]]).flatMap(stuck)).not.toEqual([])
  })

  test('a context that JSON does not bring back', async () => {
    const broken = await brokenBy('completed: 0, reason: null', 'completed: 0, reason: Symbol.iterator as never')
    expect(violations(machineOf(plain, POINTS, broken), world)).not.toEqual([])
  })
})
