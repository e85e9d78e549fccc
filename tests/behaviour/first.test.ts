import { createHooks, hook } from 'hookchart/hooks'
import { expect, test } from 'vitest'

test('runs', async () => {
  const hooks = createHooks()
  hooks.register('BeforeToolExecution', () => hook.modified({ input: 2 }), { name: 'x' })
  const r = await hooks.wrap({ name: 'f', before: 'BeforeToolExecution' }, (n: number) => n * 2)(1)
  expect(r.output).toBe(4)
})
