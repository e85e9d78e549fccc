/** A chain as a chart: drawn, and searched for what must never be. */
import { explore, toGraph, toMermaid } from 'hookchart/chart'
import { chainMachine } from 'hookchart/machines'
import type { ChainContext, ChainPlan } from 'hookchart/machines'
import { describe, expect, test } from 'vitest'
import { createActor, fromCallback } from 'xstate'

const compensate = () => undefined
const part = (
  id: string,
  after: readonly string[] = [],
  onError: ChainPlan['components'][number]['onError'] = 'fail',
): ChainPlan['components'][number] => ({ id, after, onError, compensate })

const plan: ChainPlan = {
  name: 'order',
  components: [part('a', [], 'skip_dependants'), part('b', ['a'], 'compensate'), part('c', [], { fallback: 0 })],
}

/** What it invokes is told by the events of a test. */
const never = fromCallback(() => undefined)
const machine = chainMachine(plan).provide({
  actors: { component: never, fallback: never, compensate: never, stopRest: never },
})

const error = { code: 'EFFECT_FAILED', name: 'Error', message: 'no', retryable: false }
const done = (id: string, output?: object) => ({ type: `xstate.done.actor.${id}`, output })
const events = [
  ...['component a', 'component b', 'component c', 'fallback c', 'compensate'].flatMap((id) => [
    done(id, { type: 'completed', output: 1, ran: true }),
    done(id, { type: 'failed', error, ran: id !== 'component a' }),
  ]),
  done('stopRest'),
  { type: 'RESUME' },
  { type: 'STOP' },
  { type: 'STARTED', id: 'a' },
  { type: 'STARTED', id: 'c' },
]

const hasOutput = (context: ChainContext, id: string) =>
  ['completed', 'partial'].includes(context.components[id]?.status as string)

/** It never stays in `deciding`; and of components that start together none is skipped while another runs. */
const unreachable = ['running.components.a.skipped', 'running.components.c.skipped', 'deciding']

test('every state is reached, each way ends, and what must hold does', { timeout: 60_000 }, () => {
  const found = explore(machine, {
    input: { paused: true },
    events,
    always: {
      'nothing runs before what it comes after': ({ context }) => {
        const { components } = context as ChainContext
        return components['b']?.status !== 'running' || hasOutput(context as ChainContext, 'a')
      },
      'what follows a failed one is skipped': ({ status, context }) => {
        const { components } = context as ChainContext
        return status !== 'done' || hasOutput(context as ChainContext, 'a') || components['b']?.status === 'skipped'
      },
      'all have settled in the end': ({ status, context }) =>
        status !== 'done' ||
        Object.values((context as ChainContext).components).every(
          (each) => !['waiting', 'running'].includes(each.status),
        ),
      'only what was started is undone, the last started first': ({ context }) => {
        const { started, undone, notUndone, toUndo } = context as ChainContext
        const first = [...undone, ...notUndone.map(({ id }) => id)]
        return first.every((id) => started.includes(id)) && toUndo.every((id) => !first.includes(id))
      },
      'nothing is undone while something runs': ({ context }) => {
        const { undone, notUndone, components } = context as ChainContext
        return undone.length + notUndone.length === 0 || components['c']?.status !== 'running'
      },
      'only a chain that was stopped is undone': ({ context }) => {
        const { undone, stopped } = context as ChainContext
        return undone.length === 0 || stopped !== null
      },
    },
  })
  expect(found).toMatchObject({ result: 'complete', violations: [], deadlocks: [], unreachable })
})

test('it is drawn with its components in their phases', () => {
  const { nodes } = toGraph(chainMachine(plan))
  const phases = nodes.flatMap(({ key, meta }) =>
    meta !== undefined && 'phase' in (meta as object) ? [[key, (meta as { phase: number }).phase]] : [],
  )
  expect(phases).toEqual([
    ['a', 0],
    ['b', 1],
    ['c', 0],
  ])
  expect(toMermaid(chainMachine(plan))).toContain('fallingBack')
})

describe('the output', () => {
  const run = (...given: ((typeof events)[number] | { type: string })[]) => {
    const actor = createActor(machine, { input: { paused: false } }).start()
    for (const event of given) actor.send(event as never)
    return actor.getSnapshot()
  }
  const a = done('component a', { type: 'completed', output: 1, ran: true })
  const b = done('component b', { type: 'completed', output: 2, ran: true })
  const c = done('component c', { type: 'completed', output: 3, ran: true })

  test.each([
    ['completed', [a, c, b]],
    ['partial', [a, c, done('component b', { type: 'partial', output: 2, ran: true })]],
    ['partial', [done('component a', { type: 'failed', error, ran: true }), c]],
    ['completed', [a, b, done('component c', { type: 'failed', error, ran: true }), done('fallback c', c.output)]],
    ['stopped', [a, b, { type: 'STOP' }, c]],
  ])('%s', (status, given) => {
    expect(run(...given)).toMatchObject({ status: 'done', output: { status } })
  })

  test('what failed it, and what is undone, in reverse order of start', () => {
    const { output } = run(
      ...['c', 'a', 'b'].map((id) => ({ type: 'STARTED', id })),
      a,
      c,
      done('component b', { type: 'failed', error, ran: true }),
      done('compensate', { type: 'completed', output: undefined, ran: true }),
      done('compensate', { type: 'failed', error, ran: true }),
      done('compensate', { type: 'completed', output: undefined, ran: true }),
    )
    expect(output).toMatchObject({
      status: 'stopped',
      failed: 'b',
      undone: ['b', 'c'],
      notUndone: [{ id: 'a', error }],
    })
  })
})
