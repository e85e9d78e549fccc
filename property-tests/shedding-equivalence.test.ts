/**
 * Three ways to shed come to the same: the counters with the machine behind them, the machine that is told of every
 * operation, and the overhead budget of the kernel with hooks that take the same times.
 */
import * as kernel from 'hookchart/hooks'
import * as machines from 'hookchart/machines'
import { createTestIds } from 'hookchart/testing'
import { expect } from 'vitest'
import { createActor } from 'xstate'
import { testLawOf } from './support/law.ts'
import { BUDGET, costsOf, countersWay, ownTimes, sameWays } from './support/shedding-plan.ts'
import type { Way } from './support/shedding-plan.ts'

const POINT = 'BeforeToolExecution'

function toldWay({ sheddingMachine }: typeof machines, input: machines.SheddingSettings) {
  const actor = createActor(sheddingMachine, { input }).start()
  const shed = () => actor.getSnapshot().context.shed.map(({ id }) => id)
  const way: Way = {
    add: (id, _, member) => actor.send({ type: 'ADD', id, ...member }),
    remove: (id) => actor.send({ type: 'REMOVE', id }),
    operation: (now, here) => {
      const spentMs = costsOf(now, here, (id) => shed().includes(id))
      actor.send({ type: 'OPERATION', ownMs: now.ownMs, spentMs })
    },
    stats: () => {
      const { share, operations } = actor.getSnapshot().context
      return { share, operations, shed: shed() }
    },
  }
  return { way, actor }
}

/** Hooks in front of a tool, on a clock that they move: a test clock would let promises settle at each move. */
function kernelWay({ createHooks }: typeof kernel): Way {
  let time = 0
  let costsNow: readonly number[] = []
  let ownMs = 0
  const clock = { now: () => time, setTimeout: () => undefined, clearTimeout: () => undefined }
  const hooks = createHooks({ clock, ids: createTestIds(), trace: 'off', executor: { overheadBudget: BUDGET } })
  const run = hooks.wrap({ name: 'tool', before: POINT }, () => void (time += ownMs))
  const handles = new Map<string, { unregister(): unknown }>()
  return {
    add: (name, number, { criticality, isKept }) => {
      const options = { name, criticality, onFailure: isKept ? 'closed' : 'open' } as const
      handles.set(
        name,
        hooks.register(POINT, () => void (time += costsNow[number]!), options),
      )
    },
    remove: (name) => void handles.get(name)!.unregister(),
    operation: (now) => {
      costsNow = now.costs
      ownMs = now.ownMs
      void run(undefined)
    },
    stats: () => {
      const [overhead] = hooks.stats().overhead
      if (overhead === undefined) return { share: 0, operations: 0, shed: [] }
      const { share, operations, shed } = overhead
      return { share, operations, shed: shed.map(({ hook }) => hook) }
    },
  }
}

const counted = (subject: typeof machines) => {
  const settings = { ...machines.sheddingDefaults, budget: BUDGET, windowOperations: 4 }
  return sameWays(settings.windowOperations, ownTimes.any, () => {
    const shedding = subject.createShedding(settings)
    const { way, actor } = toldWay(subject, settings)
    const same = () => {
      expect(shedding.actor.getSnapshot().context).toEqual(actor.getSnapshot().context)
      expect(shedding.state).toBe(actor.getSnapshot().value)
    }
    return { ways: [countersWay(shedding), way], same }
  })
}

// Long operations only: the meters of hooks, by which the kernel chooses, count in short ones as well.
const inTheKernel = (hooks: typeof kernel, { createShedding }: typeof machines) =>
  sameWays(machines.sheddingDefaults.windowOperations, ownTimes.long, () => ({
    ways: [countersWay(createShedding({ budget: BUDGET })), kernelWay(hooks)],
  }))

testLawOf(
  machines,
  'machines/index.ts',
  'shedding: counters and machine come to the same',
  counted,
  [
    {
      name: 'the counters go on in the next window',
      file: 'machines/shedding/create-shedding.ts',
      from: '    this.#ownMs = 0\n',
      to: '',
    },
    {
      name: 'what was taken away took nothing',
      file: 'machines/shedding/shedding-machine.ts',
      from: 'gone.spentMs + timeOf(event.spentMs)',
      to: 'gone.spentMs',
    },
    {
      name: 'the machine counts the time of short operations',
      file: 'machines/shedding/shedding-machine.ts',
      from: "event.type === 'OPERATION' && event.ownMs >= context.settings.shortestMs",
      to: "context !== undefined && event.type === 'OPERATION'",
    },
    {
      name: 'the machine begins no new window',
      file: 'machines/shedding/shedding-window.ts',
      from: '...verdict, ...nothing,',
      to: '...verdict,',
    },
  ],
  { numRuns: 100 },
)

testLawOf(
  kernel,
  'src/hooks/index.ts',
  'shedding: the kernel does what the machine does',
  (subject) => inTheKernel(subject, machines),
  [
    {
      name: 'a window of the kernel is longer',
      file: 'src/hooks/executor/overhead.ts',
      from: '++group.operations >= WINDOW',
      to: '++group.operations > WINDOW',
    },
    {
      name: 'the kernel sheds what fails closed',
      file: 'src/hooks/executor/overhead.ts',
      from: ' && !failsClosed',
      to: '',
    },
  ],
  { numRuns: 20 },
)
