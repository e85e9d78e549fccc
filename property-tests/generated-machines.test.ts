/**
 * The machines that properties draw have what statecharts can do, and their runs come to it: a property says nothing of what
 * its machines never have. Samples are fixed, so that a share is the same each time.
 */
import fc from 'fast-check'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import type { AnyStateMachine } from 'xstate'
import { toMachine } from './support/arbitrary-machine.ts'
import { featuresIn, featuresTaken } from './support/machine-features.ts'
import { EVENTS, machineSpec, timedSpec } from './support/machine-spec.ts'
import type { MachineSpec } from './support/machine-spec.ts'

const MACHINES = 300

const events = fc.array(fc.constantFrom(...EVENTS, undefined), { minLength: 12, maxLength: 12 })
const drawn = (specs: fc.Arbitrary<MachineSpec>) =>
  fc.sample(fc.tuple(specs, events), { seed: 1, numRuns: MACHINES }).map(([spec, sent]) => {
    return [toMachine(spec, []) as unknown as AnyStateMachine, sent] as const
  })

/** How many of a hundred machines have each. */
function shares(found: readonly ReadonlySet<string>[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const features of found) for (const each of features) counts[each] = (counts[each] ?? 0) + 1
  return Object.fromEntries(Object.entries(counts).map(([each, n]) => [each, (100 * n) / found.length]))
}

const tooFew = (found: Readonly<Record<string, number>>, wanted: Readonly<Record<string, number>>) =>
  Object.keys(wanted).filter((each) => (found[each] ?? 0) < (wanted[each] as number))

/** Of a hundred machines, at least. */
const PRESENT = {
  ...{ nesting: 30, compound: 50, parallel: 30, final: 30, 'shallow history': 10, 'deep history': 10 },
  ...{ guard: 50, always: 30, after: 30, wildcard: 30, reenter: 30, 'several targets': 10, entry: 30, exit: 30 },
  ...{ invoke: 30, 'done.state': 30, 'done.actor': 30, 'error.actor': 30, snapshot: 10 },
}
const TAKEN = {
  ...{ event: 50, wildcard: 10, guard: 50, always: 30, after: 10, reenter: 10, 'several targets': 1 },
  ...{ 'shallow history that remembers': 2, 'deep history that remembers': 2 },
  ...{ 'done.state': 5, 'done.actor': 5, 'error.actor': 2, snapshot: 3, 'ends done': 3, 'ends active': 40 },
}

// XState says when an event comes too late; here many do.
beforeAll(() => {
  vi.spyOn(console, 'warn').mockReturnValue(undefined)
})

describe.each([
  ['machines', machineSpec],
  ['machines with timers', timedSpec],
])('%s', (_, specs) => {
  const machines = drawn(specs)

  test('have each feature', () => {
    const found = shares(machines.map(([machine]) => featuresIn(machine)))
    expect(tooFew(found, PRESENT)).toEqual([])
  })

  test('come to use each feature', async () => {
    const taken: ReadonlySet<string>[] = []
    for (const [machine, sent] of machines) taken.push(await featuresTaken(machine, sent))
    expect(tooFew(shares(taken), TAKEN)).toEqual([])
  })
})

test('a feature that is never drawn is missed', () => {
  const without = machineSpec.map(({ root }) => ({ root: withoutDone(root) }))
  const found = shares(drawn(without).map(([machine]) => featuresIn(machine)))
  expect(tooFew(found, PRESENT)).toEqual(['done.state'])
})

function withoutDone(state: MachineSpec['root']): MachineSpec['root'] {
  return { ...state, onDone: undefined, children: state.children.map(withoutDone) }
}
