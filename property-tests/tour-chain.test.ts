/** The charts of chains, everywhere: components with each error policy, what can be undone and what cannot, begun paused and not. */
import * as machines from 'hookchart/machines'
import type { ChainContext, ChainEvent, ChainPlan } from 'hookchart/machines'
import { describe, expect, test } from 'vitest'
import type { AnyMachineSnapshot } from 'xstate'
import { plant } from './support/planted.ts'
import { hookedTo, stuck, tour, untaken, violations } from './support/tour.ts'
import type { World } from './support/tour.ts'

const SOURCES = ['component', 'fallback', 'compensate', 'stopRest']
const error = { code: 'EFFECT_FAILED', name: 'Error', message: 'no', retryable: false }
const compensate = () => undefined

type Component = ChainPlan['components'][number]
const part = (id: string, after: string[], onError: Component['onError'], undo?: typeof compensate): Component => ({
  ...{ id, after, onError, compensate: undo },
})

const PLANS: Record<string, Component[]> = {
  'something to undo': [part('a', [], 'skip_dependants', compensate), part('b', ['a'], 'compensate', compensate)],
  'nothing to undo': [part('a.b', [], 'compensate'), part('c', [], 'fail')],
  'nothing that stops it': [part('a', [], 'skip_dependants', compensate), part('b', ['a'], 'skip_dependants')],
  'one component': [part('a', [], 'fail')],
  'a fallback': [part('a', [], { fallback: 0 }), part('b', ['a'], 'fail', compensate)],
  'a fallback that is compensated': [
    part('a', [], { fallback: 0 }, compensate),
    part('b', [], 'compensate', compensate),
  ],
}

const machineOf = (components: Component[], { chainMachine } = machines) =>
  hookedTo(chainMachine({ name: 'chain', components }), [], SOURCES)

const contextOf = (snapshot: AnyMachineSnapshot) => snapshot.context as ChainContext
const namesOf = (paths: readonly { id: string }[]) => paths.map(({ id }) => id)

/** What is told to a chain: an effect says that it has started, and whether it ran after all. */
function worldOf(paused: boolean, commands = ['PAUSE', 'RESUME', 'STOP']): World {
  const given = (ran: boolean) => [
    { type: 'completed', output: 1, ran },
    { type: 'failed', error, ran },
  ]
  const isRunning = (snapshot: AnyMachineSnapshot, id: string) =>
    contextOf(snapshot).components[id]?.status === 'running'
  const hasStarted = (snapshot: AnyMachineSnapshot, id: string) => contextOf(snapshot).started.includes(id)
  return {
    input: { paused },
    tells: {
      component: (snapshot, input) => {
        const { id } = input as { readonly id: string }
        return [
          ...given(false),
          ...(hasStarted(snapshot, id) ? [...given(true), { type: 'partial', output: 1, ran: true }] : []),
        ]
      },
      fallback: () => given(true),
      compensate: () => given(true),
      stopRest: () => [undefined],
    },
    neverFail: SOURCES,
    events: (snapshot) => {
      const started = Object.keys(contextOf(snapshot).components)
        .filter((id) => isRunning(snapshot, id))
        .map((id): ChainEvent => ({ type: 'STARTED', id }))
      return [...commands.map((type) => ({ type })), ...started]
    },
    always: {
      'only what was started is undone, the last started first': (snapshot) => {
        const { started, toUndo, undone, notUndone } = contextOf(snapshot)
        const known = [...undone, ...namesOf(notUndone), ...toUndo]
        return known.every((id) => started.includes(id)) && new Set(known).size === known.length
      },
      'nothing begins while it is paused or has been stopped': ({ value, context }) => {
        const { components, stopped, paused: isPaused } = context as ChainContext
        const course = (value as { running?: { course: string } }).running?.course
        const settled = Object.values(components).every(({ status }) => status !== 'waiting')
        return (course !== 'going' || (!isPaused && stopped === null)) && (stopped === null || settled)
      },
    },
  }
}

/** Nobody says anything but that it may go on. */
const quiet = worldOf(true, ['RESUME'])

const toursOf = (components: Component[], from = machines) =>
  [true, false].map((paused) => tour(machineOf(components, from), worldOf(paused)))

describe.each(Object.entries(PLANS))('a chain with %s', (_, components) => {
  const tours = toursOf(components)

  test('every transition is taken', () => {
    expect(untaken(tours)).toEqual([])
  })

  test('it always comes to its end, and what must hold does', () => {
    const all = [...tours, tour(machineOf(components), quiet)]
    expect(all.flatMap((each) => [...stuck(each), ...each.found.violations])).toEqual([])
  })

  test('snapshots survive JSON wherever they are made', () => {
    expect(violations(machineOf(components), worldOf(true))).toEqual([])
  })
})

describe('is seen to fail:', () => {
  const brokenBy = (from: string, to: string, file = 'machines/chain/chain-setup.ts') =>
    plant<typeof machines>('machines/index.ts', file, from, to)
  const { 'something to undo': undoing } = PLANS as Record<'something to undo', Component[]>

  test('a chain that is paused starts all the same', async () => {
    const broken = await brokenBy("and([not('isPaused'), ", 'and([', 'machines/chain/component-region.ts')
    expect(untaken(toursOf(undoing, broken).slice(0, 1))).not.toEqual([])
  })

  test('a chain whose component fails goes on', async () => {
    const broken = await brokenBy('context.stopped ?? { component: id }', 'context.stopped')
    expect(untaken(toursOf(undoing, broken))).toContain('chain:chain.running.course.going: always 0')
  })

  test('only one of them is undone', async () => {
    const broken = await brokenBy('context.toUndo.length > 1', 'context.toUndo.length > 2')
    expect(untaken(toursOf(undoing, broken))).toContain('chain:chain.compensating: compensate done 0')
  })

  test('what waits behind a failed one waits for ever', async () => {
    const broken = await brokenBy("['failed', 'skipped'].includes", "['skipped'].includes")
    expect(stuck(tour(machineOf(undoing, broken), quiet))).not.toEqual([])
  })

  test('a context that JSON does not bring back', async () => {
    const broken = await brokenBy('toUndo: [],', 'toUndo: new Set() as never,', 'machines/chain/chain-context.ts')
    expect(violations(machineOf(PLANS['nothing to undo']!, broken), worldOf(false))).not.toEqual([])
  })
})
