/** Every shipped machine, compiled, comes to what XState comes to: whatever it is told, and whatever comes of what it invokes. */
import fc from 'fast-check'
import { catalogue } from 'hookchart/hooks'
import * as machines from 'hookchart/machines'
import { createTestClock } from 'hookchart/testing'
import { beforeAll, expect, test, vi } from 'vitest'
import { fromPromise } from 'xstate'
import type { AnyStateMachine, Snapshot } from 'xstate'
import { shippedMachines } from '../scripts/docs/shipped-machines.ts'
import { describe, flat, inActor, same } from './support/compiled-ways.ts'
import type { Start } from './support/compiled-ways.ts'
import { testLawOf } from './support/law.ts'
import { INPUTS, outcomesOf, outcomeTypesOf, PAYLOAD, sourcesOf, typesOf } from './support/shipped.ts'
import { hookedTo } from './support/tour.ts'

const steps = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.nat(30).map((event) => ({ do: 'send' as const, event })) },
    { weight: 3, arbitrary: fc.constantFrom(1, 100).map((ms) => ({ do: 'advance' as const, ms })) },
    { weight: 1, arbitrary: fc.constant({ do: 'restore' as const }) },
  ),
  { maxLength: 15, size: 'max' },
)
/** What comes of what is invoked, in turn: an outcome, or a failure where there is none. */
const outcomes = fc.array(fc.option(fc.nat(20)), { minLength: 1, maxLength: 8 })
const plan = fc.record({ machine: fc.nat(shippedMachines.length - 1), isHooked: fc.boolean(), steps, outcomes })
type Plan = typeof plan extends fc.Arbitrary<infer Value> ? Value : never

const isTimer = (source: string) => source === 'timer'

/** The machine with its effects, and with hooks at every point or at none. */
function running({ machine, isHooked, outcomes }: Plan, log: unknown[]): AnyStateMachine {
  const shipped = (shippedMachines[machine] as (typeof shippedMachines)[number]).machine
  const told = outcomesOf(outcomeTypesOf(shipped))
  let calls = 0
  const effect = (source: string) =>
    fromPromise(({ input }) => {
      log.push([source, input])
      const outcome = outcomes[calls++ % outcomes.length] as number | null
      if (outcome === null) return Promise.reject(new Error(`${source} failed`))
      return Promise.resolve(told[outcome % told.length])
    })
  const sources = sourcesOf(shipped).filter((source) => !isTimer(source))
  const actors = Object.fromEntries(sources.map((source) => [source, effect(source)]))
  return hookedTo(shipped, isHooked ? Object.keys(catalogue) : []).provide({ actors })
}

async function record(start: Start, given: Plan): Promise<string[]> {
  const clock = createTestClock()
  const [log, emitted]: [unknown[], unknown[]] = [[], []]
  const { id } = (shippedMachines[given.machine] as (typeof shippedMachines)[number]).machine
  const machine = running(given, log)
  const types = typesOf(machine)
  let run = start(machine, clock, undefined, emitted, INPUTS[id] ?? {})
  const look = () => describe(run, log, emitted, clock, types)
  const seen = [look()]
  for (const step of given.steps) {
    if (run.snapshot().status !== 'active') break
    if (step.do === 'send') run.send({ ...PAYLOAD, type: types[step.event % types.length] ?? 'NONE' })
    else if (step.do === 'advance') void clock.advance(step.ms)
    else {
      const persisted = JSON.parse(JSON.stringify(run.persisted())) as Snapshot<unknown>
      run.stop()
      run = start(machine, clock, persisted, emitted)
    }
    seen.push(look())
    await clock.settle()
    seen.push(look())
  }
  run.stop()
  return [...seen, look()]
}

beforeAll(() => {
  vi.spyOn(console, 'warn').mockReturnValue(undefined)
})

const law = (subject: typeof machines) =>
  fc.asyncProperty(plan, async (given) => {
    const wanted = await record(
      inActor((machine) => machine),
      given,
    )
    const compiled = inActor((machine) => subject.compile(machine) as unknown as AnyStateMachine)
    same('compiled', await record(compiled, given), wanted)
    same('flat', await record(flat(subject), given), wanted)
  })

testLawOf(machines, 'machines/index.ts', 'a shipped machine, compiled, is the machine', law, [
  {
    name: 'a failure that nobody takes is passed over',
    file: 'machines/compiled/macrostep.ts',
    from: "else if (event.type.startsWith('xstate.error.actor')) {",
    to: "else if (event.type.startsWith('xstate.error.actors')) {",
  },
  {
    name: 'children are left running',
    file: 'machines/compiled/step.ts',
    from: 'exit: exits.flatMap(({ exit, stops }) => [...exit, ...stops])',
    to: 'exit: exits.flatMap(({ exit }) => exit)',
  },
])

test('every shipped machine is drawn, and comes to its end where it has one', async () => {
  const ended = new Set(['breaker', 'shedding'])
  for (const given of fc.sample(plan, { seed: 1, numRuns: 400 })) {
    const seen = await record(
      inActor((machine) => machine),
      given,
    )
    if (!(seen.at(-2) ?? '').includes('"status":"active"')) ended.add(shippedMachines[given.machine]!.machine.id)
  }
  expect([...ended].sort()).toEqual(shippedMachines.map(({ machine }) => machine.id).sort())
})
