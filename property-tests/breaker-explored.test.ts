/** Everything that up to four concurrent callers can do to a breaker, and all of it in order; planted bugs are found, shortest way first. */
import * as machines from 'hookchart/machines'
import type { Exploration } from 'hookchart/chart'
import { describe, expect, test } from 'vitest'
import { exploreBreaker } from './support/breaker-world.ts'
import { plant } from './support/planted.ts'

/** States from which no way leads to closed: the breaker would refuse for ever. */
function stuck({ adjacency }: Exploration): string[] {
  const sources = new Map<string, string[]>()
  for (const [from, targets] of adjacency)
    for (const to of targets.values()) sources.set(to, [...(sources.get(to) ?? []), from])
  const home = new Set([...adjacency.keys()].filter((key) => key.startsWith('["closed"')))
  for (const key of home) for (const from of sources.get(key) ?? []) home.add(from)
  return [...adjacency.keys()].filter((key) => !home.has(key))
}

describe.each([1, 2, 3, 4])('with %i callers', (callers) => {
  const found = exploreBreaker(machines, callers)

  test('all is seen, and nothing is wrong', () => {
    expect(found.result).toBe('complete')
    expect(found.violations).toEqual([])
  })

  test('every state is reached, none is an end, and from each a way leads back to closed', () => {
    expect(found.unreachable).toEqual([])
    expect(found.deadlocks).toEqual([])
    expect(stuck(found)).toEqual([])
  })
})

test('so much there is to see', () => {
  const { states, transitions, depth } = exploreBreaker(machines, 4)
  expect({ states, transitions, depth }).toEqual({ states: 716, transitions: 6180, depth: 24 })
})

const MACHINE = 'machines/breaker/breaker-machine.ts'
const COUNTERS = 'src/hooks/breaker.ts'

/** Bugs, the invariant that each breaks, and the shortest way there: a letter is what the caller of that number does. */
const bugs: readonly (readonly [name: string, file: string, from: string, to: string, problem: string, way: string])[] =
  [
    [
      'one probe too many',
      MACHINE,
      'probes(args).length <',
      'probes(args).length <=',
      'does not hold',
      'a0 w0 a0 w0 · · a0 a1 a2',
    ],
    [
      'a lost probe frees the place of another',
      MACHINE,
      'lostProbes > 0 ?',
      'lostProbes > 9 ?',
      'does not hold',
      'a0 w0 a0 w0 · · a0 · a1 · a2 s0 a0',
    ],
    [
      'it half-opens too early',
      MACHINE,
      '>= context.openUntil',
      '>= context.openUntil - 1',
      'it was left too early',
      'a0 w0 a0 w0 · a0',
    ],
    [
      'the permit is not looked at',
      MACHINE,
      "!('permit' in event) || event.permit === undefined || event.permit === context.generation",
      'event.type.length > 0 || context.generation < 0',
      'a stale permit changed something',
      'a0 w0 a0 a1 w0 · · a0 s1',
    ],
    [
      'it closes too early',
      MACHINE,
      'args.context.successes + 1 >=',
      'args.context.successes + 2 >=',
      'it closed too early',
      'a0 w0 a0 w0 · · a0 s0',
    ],
    ['the backoff begins late', COUNTERS, '(opens - 1)', '(opens - 2)', 'it opens for another time', 'a0 w0 a0 w0'],
    [
      'the cap is no cap',
      COUNTERS,
      'Math.min(openMs *',
      'Math.max(openMs *',
      'it opens for another time',
      'a0 w0 a0 w0',
    ],
  ]

const LETTERS = { ACQUIRE: 'a', SUCCESS: 's', SLOW: 'w', FAILURE: 'f', RELEASE: 'r', PASS: '·' } as const

describe('a planted bug is found by the shortest way:', () => {
  test.each(bugs)('%s', async (_, file, from, to, problem, way) => {
    const { violations } = exploreBreaker(await plant<typeof machines>('machines/index.ts', file, from, to), 4)
    const [first] = violations
    const events = (first?.events ?? []) as readonly { readonly type: keyof typeof LETTERS; readonly caller?: number }[]
    const letters = events.map(({ type, caller }) => `${LETTERS[type]}${caller ?? ''}`)
    expect([first?.problem, letters.join(' ')]).toEqual([problem, way])
  })

  test('it never closes again', async () => {
    const broken = await plant<typeof machines>(
      'machines/index.ts',
      MACHINE,
      "{ guard: 'isLastProbe', target: 'closed', actions: 'close' }",
      "{ guard: 'isLastProbe', target: 'open', actions: 'open' }",
    )
    const found = exploreBreaker(broken, 2)
    expect(stuck(found)).not.toEqual([])
  })
})
