/** The trace of composites: its patches in order are what became of the data, whoever was outvoted or merged. */
import { blame, compose, definePoint, hook, redoChanges, undoChanges } from 'hookchart/hooks'
import type { CompositeChild, HookOptions, HookResult } from 'hookchart/hooks'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { bench, TOOL } from '../support/kernel.ts'

const POINT = 'BeforeToolExecution'
const sets = (name: string, value: unknown) => () =>
  hook.modified((draft: { input: Record<string, unknown> }) => {
    draft.input[name] = value
  })

/** Runs a composite, and checks that the trace tells what became of the data. */
async function run(composite: CompositeChild, options: HookOptions = {}, answer?: HookResult) {
  const { hooks, clock } = bench()
  hooks.register(POINT, composite as never, { name: 'all', ...options })
  const other = () => 'other'
  const input = { start: 1, list: [1, 2] }
  const running = Promise.resolve(
    hooks.wrap({ name: 'work', ...TOOL, targets: { other } }, (given: unknown) => given)(input),
  )
  await clock.settle()
  for (const { id } of hooks.approvals.pending()) hooks.approvals.resume(id, answer).catch(() => {})
  const { trace, output } = await running
  expect(redoChanges({ input }, trace, POINT).input).toEqual(output)
  expect(undoChanges({ input: output }, trace, POINT).input).toEqual(input)
  return { output, trace, entry: (name: string) => trace.find((each) => each.hook === name)! }
}

test('who is outvoted changes nothing', async () => {
  const { output, entry, trace } = await run(
    compose.voting(
      sets('by', 1),
      () => undefined,
      compose.sequential(sets('by', 3), () => hook.cancel('no')),
      sets('by', 4),
    ),
  )
  expect(output).toMatchObject({ by: 1 })
  expect(entry('all/sequential#2/child#0')).toMatchObject({ type: 'modified', message: 'outvoted' })
  expect(entry('all/child#3')).toMatchObject({ type: 'modified', message: 'outvoted' })
  expect(blame(trace, 'input.by')?.hook).toBe('all/child#0')
})

test('without a winner all are outvoted', async () => {
  const { output } = await run(compose.voting(sets('by', 1), () => undefined))
  expect(output).not.toHaveProperty('by')
})

test('a conflict takes no change, also of those it is not about', async () => {
  const { output, entry } = await run(compose.parallel(sets('a', 1), sets('a', 2), sets('b', 3)))
  expect(output).toEqual({ start: 1, list: [1, 2] })
  expect(entry('all/child#2')).toMatchObject({ type: 'modified', message: 'discarded: all failed' })
})

test('a merged change is the composite’s', async () => {
  const merge = (_: unknown, changed: readonly Readonly<Record<string, unknown>>[]) => ({
    input: changed.map(({ input }) => (input as { a: number }).a),
  })
  const { output, entry, trace } = await run(compose.parallel({ merge }, sets('a', 1), sets('a', 2)))
  expect(output).toEqual([1, 2])
  expect(entry('all')).toMatchObject({ type: 'modified', patches: [{ path: ['input'], value: [1, 2] }] })
  expect(entry('all/child#0')).toMatchObject({ type: 'modified', message: 'merged into all' })
  expect(blame(trace, 'input')?.hook).toBe('all')
})

test('an answer that a composite waited for stands behind what the other children changed', async () => {
  const edit = hook.modified({ input: { edited: true } })
  const { output, trace } = await run(
    compose.parallel(() => hook.suspend({ question: '?' }), sets('a', 1)),
    {},
    edit,
  )
  expect(output).toEqual({ edited: true })
  expect(blame(trace, 'input.edited')).toMatchObject({
    hook: 'all/child#0',
    type: 'modified',
    message: 'the answer that it waited for',
  })
})

test('so do the results of a fork', async () => {
  const { trace } = await run(
    compose.parallel(() => hook.fork([{ id: 'f', type: 'tool', target: 'other', input: 1 }]), sets('a', 1)),
  )
  expect(blame(trace, 'forks.f')).toMatchObject({ hook: 'all/child#0', message: 'the results of its fork' })
})

test('changes that do not fit together leave the data as it was', async () => {
  const schema = z.object({ input: z.object({ a: z.number().optional(), b: z.number().optional() }) })
  const either = definePoint('either', {
    phase: 'before',
    schema: schema.refine(({ input: { a, b } }) => a === undefined || b === undefined),
  })
  const { hooks } = bench()
  hooks.register(either, compose.parallel(sets('a', 1), sets('b', 2)))
  hooks.register(either, () => hook.modified({ input: {} }))
  expect(await hooks.run(either, { input: {} })).toEqual({ type: 'continue' })
})
