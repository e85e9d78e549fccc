/** Schemas that change their mind: what they refuse in the end fails the operation, whatever they said before. */
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { expect, test } from 'vitest'
import { bench, hook, TOOL } from '../support/kernel.ts'

/** A schema that takes anything until it is closed. */
function fickle() {
  let open = true
  const input: StandardSchemaV1 = {
    '~standard': {
      version: 1,
      vendor: 'test',
      validate: (value) => (open ? { value } : { issues: [{ message: 'closed' }] }),
    },
  }
  return { input, close: () => void (open = false) }
}

const refused = {
  status: 'failed',
  error: { code: 'INVALID_INPUT', message: 'The input of work does not fit its schema: closed.' },
}

test('changed input that is refused behind its gate: the effect is not started', async () => {
  const { hooks, seen } = bench()
  const { input, close } = fickle()
  hooks.register(TOOL.before, () => hook.modified({ input: 2 }))
  hooks.register(TOOL.before, close, { kind: 'observe' })
  hooks.register(TOOL.error, seen.handler('error'))
  expect(await hooks.wrap({ name: 'work', ...TOOL, input }, () => 1)(1)).toMatchObject({ ...refused, attempts: 0 })
  expect(seen.order).toEqual([])
})

test('input that guards allowed, and that is refused for another attempt: no other is started', async () => {
  const { hooks } = bench()
  const { input, close } = fickle()
  hooks.register(TOOL.before, () => undefined, { kind: 'guard' })
  hooks.register(TOOL.error, (ctx) =>
    ctx.data.error.code === 'INVALID_INPUT' ? undefined : hook.retry({ delayMs: 0 }),
  )
  const work = hooks.wrap({ name: 'work', ...TOOL, input }, () => {
    close()
    throw new Error('boom')
  })
  expect(await work(1)).toMatchObject({ ...refused, attempts: 1 })
})
