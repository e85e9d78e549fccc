/** What compile and its runs refuse, and how they say so. */
import { compile } from 'hookchart/machines'
import { describe, expect, test } from 'vitest'
import { createMachine } from 'xstate'
import { errorOf } from '../support/refusal.ts'
import { door } from './compile-samples.ts'

/** As a second copy of xstate in the process would make them. */
const foreign = (kind: 'resolve' | 'check') =>
  Object.assign(() => true, { type: 'xstate.assign', [kind]: () => undefined }) as never

const features: readonly (readonly [string, () => unknown, string, string])[] = [
  ['an action of another xstate', () => createMachine({ entry: foreign('resolve') }), '(machine)', 'xstate.assign'],
  [
    'a guard of another xstate',
    () => createMachine({ initial: 'a', states: { a: { on: { GO: { guard: foreign('check') } } } } }),
    '(machine).a',
    'a guard that another copy of xstate made',
  ],
  [
    'two states of one id',
    () => createMachine({ initial: 'a', states: { a: { id: 'x' }, b: { id: 'x' }, c: {} } }),
    '(machine).c',
    'an id that two states have',
  ],
  [
    'a guard that names itself',
    () => createMachine({ on: { GO: { guard: 'a' } } }, { guards: { a: 'b', b: 'a' } }),
    '(machine)',
    'names itself',
  ],
  [
    'an unknown history target',
    () =>
      createMachine({
        initial: 'a',
        states: { a: {}, h: { type: 'history', target: 'nowhere' } },
      }),
    '(machine).h',
    'history target "nowhere"',
  ],
  [
    'a transition function of its own',
    () => Object.assign(createMachine({}), { transition: () => undefined }),
    '(machine)',
    'a transition function of its own',
  ],
]

test.each(features)('compile refuses %s', (_name, make, state, feature) => {
  const error = errorOf(() => compile(make() as typeof door))
  expect(error.code).toBe('COMPILE_UNSUPPORTED')
  expect(error.details).toEqual({ machine: '(machine)', state, feature: expect.stringContaining(feature) })
  expect(error.message).toContain('createActor')
})

test.each([undefined, null, {}, 'door', compile(door)])('compile refuses what is no machine: %j', (given) => {
  expect(errorOf(() => compile(given as never)).code).toBe('INVALID_INPUT')
})

describe('run refuses', () => {
  const run = (options: never) => compile(door).run(options)
  const refused: readonly (readonly [string, object, string])[] = [
    ['an unknown option', { input: {}, clok: 1 }, 'unknown option "clok"'],
    ['a clock that is none', { input: {}, clock: {} }, 'expected a clock'],
    ['effects that are no functions', { input: {}, effects: { work: 1 } }, 'expected a function'],
    ['listeners that are no functions', { input: {}, onEnd: 1 }, 'expected a function'],
    ['input with a snapshot', { input: {}, snapshot: {} }, '"input" and "snapshot" exclude each other'],
  ]
  test.each(refused)('%s', (_name, options, text) => {
    const error = errorOf(() => run(options as never))
    expect(error.code).toBe('INVALID_OPTIONS')
    expect(error.message).toContain('run of "door"')
    expect(error.message).toContain(text)
  })

  test('an unknown option alone, which says nothing of the input that nobody asked for', () => {
    const lamp = createMachine({ id: 'lamp', initial: 'off', states: { off: {} } })
    const error = errorOf(() => compile(lamp).run({ foo: 1 } as never))
    expect(error.message).toBe(
      'run of "lamp": unknown option "foo"; known: input, snapshot, id, clock, effects, onEmit, onEnd, log.',
    )
  })

  test('options that are no object', () => {
    expect(errorOf(() => run(7 as never)).code).toBe('INVALID_OPTIONS')
  })

  test('a snapshot of another machine', () => {
    const other = createMachine({ initial: 'there', states: { there: {} } })
    const snapshot = compile(other).run().getPersistedSnapshot()
    const error = errorOf(() => run({ snapshot } as never))
    expect(error.code).toBe('INVALID_INPUT')
    expect(error.message).toContain("State 'there' does not exist")
  })

  test.each([undefined, 'PUSH', {}])('to take what is no event: %j', (event) => {
    const error = errorOf(() => {
      run({ input: {} } as never).send(event as never)
    })
    expect(error.code).toBe('INVALID_INPUT')
    expect(error.details).toEqual({ run: 'door' })
  })
})
