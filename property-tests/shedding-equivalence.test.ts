/**
 * Three ways to shed come to the same: the counters with the machine behind them, the machine that is told of every
 * operation, and the overhead budget of the kernel with hooks that take the same times.
 */
import fc from 'fast-check'
import * as kernel from 'hookchart/hooks'
import * as machines from 'hookchart/machines'
import { createTestIds } from 'hookchart/testing'
import { expect } from 'vitest'
import { createActor } from 'xstate'
import { testLawOf } from './support/law.ts'

const POINT = 'BeforeToolExecution'
const BUDGET = 0.1

interface Member {
  readonly criticality: number
  readonly isKept: boolean
}

interface Window {
  readonly ownMs: number
  /** What each member takes in each operation, by its number. */
  readonly costs: readonly number[]
  /** After that part of the window one is taken away and another comes. */
  readonly replace: { readonly after: number; readonly number: number } | undefined
}

const member: fc.Arbitrary<Member> = fc.record({ criticality: fc.integer({ min: -1, max: 1 }), isKept: fc.boolean() })

const window: fc.Arbitrary<Window> = fc.record({
  ownMs: fc.constantFrom(10, 20, 100),
  costs: fc.array(fc.constantFrom(0, 0, 1, 2, 5), { minLength: 4, maxLength: 4 }),
  replace: fc.option(fc.record({ after: fc.constantFrom(0, 0.25, 0.5, 0.75), number: fc.nat({ max: 2 }) }), {
    nil: undefined,
    freq: 5,
  }),
})

/** Runs of windows that are alike, so that some wait long enough to be tried. */
const plan = fc.array(fc.tuple(window, fc.constantFrom(1, 1, 2, 12)), { minLength: 1, maxLength: 6 })

/** One way to shed, told of members and operations. */
interface Way {
  add(id: string, number: number, member: Member): void
  remove(id: string): void
  /** An operation in which those that are not shed take their time. */
  operation(now: Window, here: ReadonlyMap<string, number>): void
  stats(): machines.SheddingStats
}

const costs = (now: Window, here: ReadonlyMap<string, number>, isShed: (id: string) => boolean) =>
  Object.fromEntries([...here].map(([id, number]) => [id, isShed(id) ? 0 : now.costs[number]!]))

function countersWay(shedding: machines.Shedding): Way {
  return {
    add: (id, _, member) => shedding.add(id, member),
    remove: (id) => shedding.remove(id),
    operation: (now, here) =>
      shedding.count(
        now.ownMs,
        costs(now, here, (id) => shedding.isShed(id)),
      ),
    stats: () => shedding.stats(),
  }
}

function toldWay({ sheddingMachine }: typeof machines, input: machines.SheddingSettings) {
  const actor = createActor(sheddingMachine, { input }).start()
  const shed = () => actor.getSnapshot().context.shed.map(({ id }) => id)
  const way: Way = {
    add: (id, _, member) => actor.send({ type: 'ADD', id, ...member }),
    remove: (id) => actor.send({ type: 'REMOVE', id }),
    operation: (now, here) => {
      const spentMs = costs(now, here, (id) => shed().includes(id))
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
      const { share, operations, shed } = hooks.stats().overhead[0]!
      return { share, operations, shed: shed.map(({ hook }) => hook) }
    },
  }
}

/** Two ways, gone through the same plan, come to the same at the end of each window. */
function law(windowOperations: number, make: () => { readonly ways: readonly [Way, Way]; readonly same?: () => void }) {
  return fc.property(fc.array(member, { minLength: 3, maxLength: 3 }), plan, (members, windows) => {
    const { ways, same } = make()
    const here = new Map<string, number>()
    let names = 0
    const add = (number: number, each: Member) => {
      const id = `m${String(names++)}`
      here.set(id, number)
      for (const way of ways) way.add(id, number, each)
    }
    const replace = (number: number) => {
      const [id] = [...here].find(([, each]) => each === number)!
      here.delete(id)
      for (const way of ways) way.remove(id)
      add(number, members[number]!)
    }
    for (const [number, each] of members.entries()) add(number, each)
    // Where no hook is at all the kernel has nothing to count.
    add(3, { criticality: 0, isKept: true })
    for (const [now, times] of windows) {
      for (let i = 0; i < times * windowOperations; i++) {
        if (now.replace !== undefined && i === Math.floor(now.replace.after * windowOperations))
          replace(now.replace.number)
        for (const way of ways) way.operation(now, here)
        if ((i + 1) % windowOperations !== 0) continue
        expect(ways[1].stats()).toEqual(ways[0].stats())
        same?.()
      }
    }
  })
}

const counted = (subject: typeof machines) => {
  const settings = { ...machines.sheddingDefaults, budget: BUDGET, windowOperations: 4 }
  return law(settings.windowOperations, () => {
    const shedding = subject.createShedding(settings)
    const { way, actor } = toldWay(subject, settings)
    const same = () => {
      expect(shedding.actor.getSnapshot().context).toEqual(actor.getSnapshot().context)
      expect(shedding.state).toBe(actor.getSnapshot().value)
    }
    return { ways: [countersWay(shedding), way], same }
  })
}

const inTheKernel = (hooks: typeof kernel, { createShedding }: typeof machines) =>
  law(machines.sheddingDefaults.windowOperations, () => ({
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
      from: 'gone.spentMs + (event.spentMs ?? 0)',
      to: 'gone.spentMs',
    },
    {
      name: 'what is kept is shed as well',
      file: 'machines/shedding/shedding-machine.ts',
      from: '!isKept && !isShed(id)',
      to: '!isShed(id)',
    },
    {
      name: 'among equals the first goes first',
      file: 'src/hooks/shedding.ts',
      from: 'b.registered - a.registered',
      to: 'a.registered - b.registered',
    },
    {
      name: 'a trial is not remembered',
      file: 'src/hooks/shedding.ts',
      from: 'trials: fits ? others : ',
      to: 'trials: fits || !fits ? others : ',
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
