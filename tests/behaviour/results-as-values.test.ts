/** A RunResult is a plain value: what people do with values works, although its trace is made when it is read. */
import { inspect } from 'node:util'
import { createHooks } from 'hookchart/hooks'
import { produce } from 'immer'
import { describe, expect, test } from 'vitest'

async function run() {
  const hooks = createHooks()
  hooks.register('BeforeToolExecution', () => undefined, { name: 'watch' })
  return hooks.wrap({ name: 'tool', before: 'BeforeToolExecution' }, () => 1)('x')
}

const hooksIn = (result: object) =>
  (result as { trace: readonly { hook: string | null }[] }).trace.map((entry) => entry.hook).filter(Boolean)

describe('the trace is there', () => {
  test.each<[string, (result: object) => object]>([
    ['as it is', (result) => result],
    ['frozen', (result) => Object.freeze(result)],
    ['sealed', (result) => Object.seal(result)],
    ['spread', (result) => ({ ...result })],
    ['as JSON', (result) => JSON.parse(JSON.stringify(result)) as object],
    ['cloned', (result) => structuredClone(result)],
    ['behind a proxy', (result) => new Proxy(result, {})],
    ['as a prototype', (result) => Object.create(result) as object],
    ['in a store that freezes', (result) => produce({ result: {} }, (draft) => void (draft.result = result)).result],
  ])('%s', async (_, use) => {
    expect(hooksIn(use(await run()))).toEqual(['watch'])
  })
})

test('it is made once, and may be replaced', async () => {
  const result = (await run()) as { trace: unknown }
  expect(result.trace).toBe(result.trace)
  result.trace = []
  expect(result.trace).toEqual([])
  expect(Object.keys(result)).toContain('trace')
})

test('two results with the same fields are equal, and neither shows how it is made', async () => {
  const result = await run()
  expect(result).toEqual({ ...result })
  expect(inspect(result)).not.toContain('Symbol')
})
