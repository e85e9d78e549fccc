/** What each decision does at each kind of gate, as docs/gates.md says it. */
import { hook } from 'hookchart/hooks'
import type { HookResult } from 'hookchart/hooks'
import { gate } from 'hookchart/machines'
import { createActor, createMachine, fromPromise } from 'xstate'
import { describe, expect, test } from 'vitest'
import { after, before, eventOf, gated, refusalsOf, turns, valueOf } from '../support/gated.ts'

/** A machine that keeps what it takes: WORK leads to an invoke, MOVE to a state without one. */
function worker() {
  const taken: object[] = []
  const keep = (args: { event: unknown }) => {
    const { type, n, output } = eventOf(args)
    taken.push({ type, ...(n !== undefined && { n }), ...(output !== undefined && { output }) })
  }
  const machine = createMachine({
    id: 'worker',
    initial: 'idle',
    on: { OTHER: { target: '.elsewhere', actions: keep } },
    states: {
      idle: { on: { WORK: { target: 'working', actions: keep }, MOVE: { target: 'moved', actions: keep } } },
      working: {
        invoke: {
          id: 'call',
          src: fromPromise(() => Promise.resolve('made')),
          onDone: { target: 'done', actions: keep },
          onError: 'broken',
        },
      },
      moved: {},
      done: {},
      broken: {},
      elsewhere: {},
    },
  })
  return { machine, taken }
}

type Decide = () => HookResult | undefined
type Row = [name: string, decide: Decide, value: string, codes: string[], last: object | undefined]

const run = async (point: typeof before | typeof after, type: string, decide: Decide) => {
  const { hooks, start } = gated()
  const { machine, taken } = worker()
  hooks.register<typeof before | typeof after>(point, decide as never)
  const actor = start(machine, { WORK: { before, after }, MOVE: { after } })
  const codes = refusalsOf(actor)
  actor.send({ type, n: 1 })
  await turns()
  return [valueOf(actor), codes, taken.at(-1)]
}

const refused = ['HOOK_DECISION_NOT_ALLOWED']
const done = (output: string) => ({ type: 'xstate.done.actor.call', output })
const work = { type: 'WORK', n: 1 }
const move = { type: 'MOVE', n: 1 }

describe('before a transition', () => {
  test.each<Row>([
    ['continue', () => undefined, 'done', [], done('made')],
    ['replace', () => hook.replace(5), 'idle', refused, undefined],
    ['cancel', () => hook.cancel('no'), 'idle', ['HOOK_CANCELLED'], undefined],
    ['redirect', () => hook.redirect('OTHER'), 'elsewhere', [], { type: 'OTHER', n: 1 }],
    ['cache', () => hook.cache({ key: 'k', ttlMs: 1_000 }), 'idle', refused, undefined],
  ])('%s', async (_, decide, ...outcome) => {
    expect(await run(before, 'WORK', decide)).toEqual(outcome)
  })
})

describe('after the invoke of a transition', () => {
  test.each<Row>([
    ['continue', () => undefined, 'done', [], done('made')],
    ['modified', () => hook.modified({ output: 'changed' }), 'done', [], done('changed')],
    ['replace', () => hook.replace('other'), 'done', [], done('other')],
    ['cancel', () => hook.cancel('no'), 'broken', [], work],
    ['redirect', () => hook.redirect('OTHER'), 'elsewhere', [], { type: 'OTHER', output: 'made' }],
    ['redirect to nothing', () => hook.redirect('NOPE'), 'broken', [], work],
  ])('%s', async (_, decide, ...outcome) => {
    expect(await run(after, 'WORK', decide)).toEqual(outcome)
  })
})

describe('after a transition without an invoke', () => {
  test.each<Row>([
    ['continue', () => undefined, 'moved', [], move],
    ['modified', () => hook.modified({ output: 5 }), 'moved', [], move],
    ['replace', () => hook.replace(5), 'moved', refused, move],
    ['cancel', () => hook.cancel('no'), 'moved', ['HOOK_CANCELLED'], move],
    ['redirect', () => hook.redirect('OTHER'), 'elsewhere', [], { type: 'OTHER', n: 1 }],
    ['retry', () => hook.retry({ delayMs: 0, maxAttempts: 3 }), 'moved', refused, move],
  ])('%s', async (_, decide, ...outcome) => {
    expect(await run(after, 'MOVE', decide)).toEqual(outcome)
  })
})

test('a suspended hook keeps an event waiting until it is answered', async () => {
  const { hooks, start } = gated()
  hooks.register(before, () => hook.suspend({ question: 'may I?' }))
  const { machine, taken } = worker()
  const actor = start(machine, { MOVE: { before } })
  actor.send({ type: 'MOVE' })
  await turns()
  expect(valueOf(actor)).toBe('idle')
  const [{ id }] = hooks.approvals.pending() as unknown as [{ id: string }]
  void hooks.approvals.resume(id, hook.modified({ input: { n: 3 } }))
  await turns()
  expect([valueOf(actor), taken]).toEqual(['moved', [{ type: 'MOVE', n: 3 }]])
})

test('stopped hooks refuse what arrives at a gate', async () => {
  const { hooks, start } = gated()
  hooks.register(before, () => undefined)
  const actor = start(worker().machine, { MOVE: { before } })
  const codes = refusalsOf(actor)
  await hooks.stop()
  actor.send({ type: 'MOVE' })
  expect([valueOf(actor), codes]).toEqual(['idle', ['HOOKS_STOPPED']])
})

test('a machine with a gate as a state can take the failure of its pass', async () => {
  const { hooks } = gated()
  hooks.register(before, () => undefined)
  await hooks.stop()
  const routes = { continue: 'open', modified: 'open', replace: 'open', cancel: 'open', redirect: 'open' }
  const machine = createMachine({
    initial: 'asking',
    states: { asking: { ...gate(before, routes), on: { 'xstate.error.actor.*': 'broken' } }, open: {}, broken: {} },
  })
  expect(valueOf(createActor(machine.provide(hooks.provide())).start())).toBe('broken')
})
