/** What a schema makes of a change (trimmed text, defaults) goes on top of the change; it takes nothing of it away. */
import { compose, createHooks, definePoint, hook } from 'hookchart/hooks'
import * as z from 'zod'
import { expect, test } from 'vitest'

test('parallel hooks that change different fields do not collide when the schema trims them', async () => {
  const hooks = createHooks()
  const set = (field: 'a' | 'b', value: string) => () =>
    hook.modified((draft: { input: Record<string, string> }) => void (draft.input[field] = value))
  hooks.register('BeforeToolExecution', compose.parallel(set('a', ' x ') as never, set('b', ' y ') as never), {
    name: 'all',
  })
  const input = z.object({ a: z.string().trim(), b: z.string().trim() })
  const tool = hooks.wrap({ name: 'tool', before: 'BeforeToolExecution', input }, (given) => given)
  const result = await tool({ a: 'a', b: 'b' })
  expect(result).toMatchObject({ status: 'completed', output: { a: 'x', b: 'y' } })
})

test('the rest of a change is kept', async () => {
  const point = definePoint('mine', { phase: 'before' })
  const hooks = createHooks({ points: [point] })
  const seen: unknown[] = []
  hooks.register(point, () => hook.modified({ input: { path: ' /x ' }, note: 'kept' } as never), { name: 'change' })
  hooks.register(point, (ctx) => void seen.push({ ...ctx.data }), { name: 'watch', priority: 'low' })
  const tool = hooks.wrap(
    { name: 'tool', before: point, input: z.object({ path: z.string().trim() }) },
    ({ path }) => path,
  )
  expect(await tool({ path: 'a' })).toMatchObject({ status: 'completed', output: '/x' })
  expect(seen).toMatchObject([{ input: { path: '/x' }, note: 'kept' }])
})
