/** The chart of a tool, everywhere: every transition is taken, whoever is hooked; it always ends; and snapshots survive JSON. */
import * as machines from 'hookchart/machines'
import type { OperationContext } from 'hookchart/machines'
import { describe, expect, test } from 'vitest'
import type { AnyMachineSnapshot, AnyStateMachine } from 'xstate'
import { plant } from './support/planted.ts'
import { survivesJson, tour, violations } from './support/tour.ts'
import type { World } from './support/tour.ts'

const BEFORE = ['ToolValidation', 'ToolSecurityCheck', 'ToolResourceAllocated', 'BeforeToolExecution']
const POINTS = [...BEFORE, 'AfterToolExecution', 'ToolError', 'ToolTimeout']

const contextOf = (snapshot: AnyMachineSnapshot) => snapshot.context as OperationContext
const problem = { code: 'INVALID_INPUT', name: 'HookchartError', message: 'no', retryable: false }

/** What a gate tells at a point. */
const DECISIONS: Readonly<Record<string, readonly string[]>> = {
  ToolValidation: ['continue', 'value', 'ended'],
  ToolSecurityCheck: ['continue', 'failed', 'ended'],
  ToolResourceAllocated: ['continue', 'ended'],
  BeforeToolExecution: ['continue', 'look_up', 'value', 'again', 'ended'],
}
const BEHIND = ['continue', 'value', 'again', 'ended']

/** What is told to a tool. Attempts are bounded by whoever waits: here by three. */
function worldOf(fits: boolean): World {
  return {
    input: { input: {}, ...(!fits && { problem }) },
    tells: {
      gate: (_, input) => {
        const { point } = input as { point: string }
        const replaced = point in DECISIONS ? { note: { replacedAt: point } } : {}
        return (DECISIONS[point] ?? BEHIND).map((type) => ({ type, ...(type === 'value' && replaced) }))
      },
      lookUp: () => [
        { type: 'hit', note: { replacedAt: 'BeforeToolExecution' } },
        { type: 'missed' },
        { type: 'ended' },
      ],
      queue: () => [{ type: 'done' }, { type: 'failed', note: { error: problem } }, { type: 'ended' }],
      effect: () => [
        { type: 'completed', note: { effect: 'completed', replacedAt: null } },
        { type: 'failed', note: { effect: 'failed', error: problem, replacedAt: null } },
        { type: 'timed_out', note: { effect: 'failed', error: problem, replacedAt: null } },
        { type: 'ended' },
      ],
      release: () => [{ type: 'done' }],
      wait: (snapshot) => [...(contextOf(snapshot).attempts < 3 ? [{ type: 'done' }] : []), { type: 'ended' }],
    },
    neverFail: ['gate', 'lookUp', 'queue', 'effect', 'wait', 'release'],
  }
}

function hookedTo(points: readonly string[], { toolMachine } = machines): AnyStateMachine {
  return toolMachine.provide({
    guards: { hooked: (_: unknown, { point }: { point: string }) => points.includes(point) },
  }) as AnyStateMachine
}

/** All ways to be hooked. */
const HOOKED = POINTS.reduce<string[][]>((sets, point) => [...sets, ...sets.map((set) => [...set, point])], [[]])

describe('the chart of a tool', () => {
  const tours = HOOKED.flatMap((points) =>
    [true, false].map((fits) => ({ points, toured: tour(hookedTo(points), worldOf(fits)) })),
  )

  test('every transition is taken', () => {
    const taken = new Set(tours.flatMap(({ toured }) => [...toured.taken]))
    expect(tours[0]!.toured.transitions.filter((each) => !taken.has(each))).toEqual([])
  })

  test('it always comes to its end, and never stands where nothing can happen', () => {
    for (const { points, toured } of tours) {
      expect([points, toured.found.result, toured.found.deadlocks]).toEqual([points, 'complete', []])
    }
  })

  test('nobody hooked: no gate is entered', () => {
    const { found } = tours[0]!.toured
    expect(found.unreachable).toEqual(expect.arrayContaining(['before', 'after', 'error', 'timedOut', 'validating']))
  })

  test.each([true, false])('snapshots survive JSON wherever they are made (input fits: %s)', (fits) => {
    const world = worldOf(fits)
    const machine = hookedTo(POINTS)
    const { found } = tour(machine, {
      ...world,
      always: { 'survives JSON': (snapshot) => survivesJson(machine, snapshot, world) },
    })
    expect(found.violations).toEqual([])
  })

  test('is seen to fail: input that does not fit is not looked at', async () => {
    const broken = await plant<typeof machines>(
      'machines/index.ts',
      'machines/operation/operation-parts.ts',
      'context.problem !== null',
      'context.problem === undefined',
    )
    const { transitions, taken } = tour(hookedTo(POINTS, broken), worldOf(false))
    expect(transitions.filter((each) => !taken.has(each))).toContain('tool.entering: always 0')
  })

  test('is seen to fail: a context that JSON does not bring back', async () => {
    const broken = await plant<typeof machines>(
      'machines/index.ts',
      'machines/operation/operation-context.ts',
      'problem ?? null',
      'problem ?? new Map([[1, 2]])',
    )
    expect(violations(hookedTo([], broken), worldOf(true))).not.toEqual([])
  })
})
