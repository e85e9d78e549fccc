import { createHooks, hook } from 'hookchart/hooks'
import { createTestIds, recorder } from 'hookchart/testing'
import { expect, test } from 'vitest'

const TOOL = { before: 'BeforeToolExecution', after: 'AfterToolExecution' } as const

function bench() {
  const seen = recorder()
  const hooks = createHooks({ ids: createTestIds() })
  const tool = hooks.wrap({ name: 'tool', ...TOOL }, (n: number) => n)
  return { seen, hooks, tool }
}

test('each call is recorded with what the hook saw', async () => {
  const { seen, hooks, tool } = bench()
  hooks.register(TOOL.before, seen.handler('a'))
  hooks.register(TOOL.after, seen.handler('b'))
  await tool(7, { correlationId: 'c' })
  expect(seen.calls).toEqual([
    {
      hook: 'a',
      point: 'BeforeToolExecution',
      component: 'tool',
      data: { input: 7, tool: { name: 'tool', description: '', category: 'custom', level: 'safe', tags: [] } },
      proposal: 'run',
      correlationId: 'c',
      attempt: 1,
      gatePass: 1,
    },
    expect.objectContaining({ hook: 'b', point: 'AfterToolExecution', proposal: 'continue' }),
  ])
  expect(seen.order).toEqual(['a', 'b'])
  expect(seen.points).toEqual(['BeforeToolExecution', 'AfterToolExecution'])
})

test('a handler returns what its script says: nothing, a result, or what it makes of the context', async () => {
  const { seen, hooks, tool } = bench()
  hooks.register(TOOL.before, seen.handler('nothing'))
  hooks.register(TOOL.before, seen.handler('result', hook.modified({ input: 2 })))
  hooks.register(
    TOOL.before,
    seen.handler('script', (ctx) => hook.modified({ input: Number(ctx.data.input) * 10 })),
  )
  expect((await tool(1)).output).toBe(20)
  expect(seen.calls.map(({ data }) => (data as { input: number }).input)).toEqual([1, 1, 2])
})

test('a call is recorded before its script runs, so that one which throws is there too', async () => {
  const { seen, hooks, tool } = bench()
  hooks.register(
    TOOL.before,
    seen.handler('throws', () => {
      throw new Error(seen.order.join())
    }),
    { name: 'throws' },
  )
  const { trace } = await tool(1)
  expect(trace.find((entry) => entry.hook === 'throws')?.message).toContain('failed: throws')
})

test('the lists are those of now; clearing empties them', async () => {
  const { seen, hooks, tool } = bench()
  const { calls } = seen
  hooks.register(TOOL.before, seen.handler('a'))
  await tool(1)
  expect(calls).toHaveLength(1)
  seen.clear()
  expect([calls, seen.order, seen.points]).toEqual([[], [], []])
  await tool(1)
  expect(seen.order).toEqual(['a'])
})

test('two recorders do not disturb each other', async () => {
  const { seen, hooks, tool } = bench()
  const other = recorder()
  hooks.register(TOOL.before, seen.handler('a'))
  hooks.register(TOOL.after, other.handler('b'))
  await tool(1)
  expect([seen.order, other.order]).toEqual([['a'], ['b']])
})
