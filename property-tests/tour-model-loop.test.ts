/** The loop of a model agent, everywhere, within each of its limits. */
import * as machines from 'hookchart/machines'
import type { ModelLimits, ModelLoopContext } from 'hookchart/machines'
import { describe, expect, test } from 'vitest'
import type { AnyMachineSnapshot } from 'xstate'
import { plant } from './support/planted.ts'
import { hookedTo, stuck, tour, untaken, violations } from './support/tour.ts'
import type { World } from './support/tour.ts'

const error = { code: 'EFFECT_FAILED', name: 'HookchartError', message: 'broken', retryable: false }
const requests = ['a', 'b'].map((id) => ({ id, name: 'search', input: '{}' }))

const contextOf = (snapshot: AnyMachineSnapshot) => snapshot.context as ModelLoopContext

/** The model says something, or wants one tool or two; each turn costs a unit of everything. */
function worldOf(limits: ModelLimits): World {
  return {
    input: { messages: [{ role: 'user' }], limits },
    tells: {
      think: (snapshot) => {
        const { spent, messages } = contextOf(snapshot)
        const { turns, inputTokens, outputTokens, totalTokens, cost } = spent
        const now = {
          ...{ ...spent, turns: turns + 1, inputTokens: inputTokens + 1, outputTokens: outputTokens + 1 },
          ...{ totalTokens: totalTokens + 2, cost: cost + 1 },
        }
        const thought = [0, 1, 2].map((wanted) => ({
          type: 'thought',
          note: {
            ...{ messages: [...messages, { role: 'assistant' }], text: 'so' },
            ...{ requests: requests.slice(0, wanted), spent: now },
          },
        }))
        return [...thought, { type: 'failed', note: { error, spent: now } }]
      },
      act: (snapshot) => {
        const { spent, requests: wanted, messages } = contextOf(snapshot)
        const now = { ...spent, toolCalls: spent.toolCalls + wanted.length }
        return [
          { type: 'acted', note: { messages: [...messages, { role: 'tool' }], requests: [], spent: now } },
          { type: 'failed', note: { error, spent: now } },
        ]
      },
    },
    neverFail: ['think', 'act'],
    always: {
      'no limit is passed before something is done': (snapshot) => {
        const { spent } = contextOf(snapshot)
        return (
          snapshot.value === 'failed' ||
          (spent.turns <= limits.maxTurns && spent.toolCalls <= (limits.maxToolCalls ?? 9))
        )
      },
      'what failed says why, what is done does not': (snapshot) =>
        snapshot.status === 'active' || (contextOf(snapshot).error !== null) === (snapshot.value === 'failed'),
    },
  }
}

const LIMITS: ModelLimits[] = [
  { maxTurns: 1 },
  { maxTurns: 3 },
  { maxTurns: 4, maxToolCalls: 3 },
  { maxTurns: 4, maxInputTokens: 2 },
  { maxTurns: 4, maxOutputTokens: 2 },
  { maxTurns: 4, maxTokens: 3 },
  { maxTurns: 4, maxCost: 2 },
]

const machineOf = ({ modelLoopMachine }: typeof machines) => hookedTo(modelLoopMachine, [], ['think', 'act'])
const machine = machineOf(machines)

describe('the loop of a model agent', () => {
  const tours = LIMITS.map((limits) => tour(machine, worldOf(limits)))

  test('every transition is taken', () => {
    expect(untaken(tours)).toEqual([])
  })

  test('it always comes to its end, within its limits', () => {
    for (const each of tours) expect([stuck(each), each.found.violations]).toEqual([[], []])
  })

  test('snapshots survive JSON wherever they are made', () => {
    expect(LIMITS.flatMap((limits) => violations(machine, worldOf(limits)))).toEqual([])
  })

  const brokenBy = async (file: string, from: string, to: string) =>
    machineOf(await plant<typeof machines>('machines/index.ts', file, from, to))

  test('is seen to fail: a limit that is not looked at', async () => {
    const broken = await brokenBy('machines/agent/model-loop-machine.ts', 'limitHit(context) !== undefined', 'false')
    const { found } = tour(broken, { ...worldOf({ maxTurns: 2 }), states: 100 })
    expect([found.result, found.violations.length]).toEqual(['bounded', 1])
  })

  test('is seen to fail: turns are counted only when they are over', async () => {
    const broken = await brokenBy('machines/agent/model-loop-context.ts', 'spent.turns + 1]', 'spent.turns]')
    expect(tour(broken, { ...worldOf({ maxTurns: 2 }), states: 500 }).found.violations).toHaveLength(1)
  })

  test('is seen to fail: a context that JSON does not bring back', async () => {
    const broken = await brokenBy(
      'machines/agent/model-loop-context.ts',
      'error: null }',
      'error: null, at: new Map([[1, 2]]) } as never',
    )
    expect(violations(broken, worldOf({ maxTurns: 1 }))).not.toEqual([])
  })
})
