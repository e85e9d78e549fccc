/** Schemas of input and output: what they make of data is what hooks see and the effect gets. */
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { redoChanges } from 'hookchart/hooks'
import { bench, hook, TOOL } from '../support/kernel.ts'

describe('what a schema makes of the input', () => {
  const input = z.object({ path: z.string().trim(), mode: z.string().default('delete') })

  test('is what guards see and what the effect gets', async () => {
    const { hooks } = bench()
    const seen: unknown[] = []
    hooks.register('BeforeToolExecution', (ctx) => void seen.push(ctx.data.input), { kind: 'guard' })
    const work = hooks.wrap({ name: 'work', ...TOOL, input }, (given) => given)
    const { output } = await work({ path: ' /tmp ' } as never)
    expect(seen).toEqual([{ path: '/tmp', mode: 'delete' }])
    expect(output).toEqual({ path: '/tmp', mode: 'delete' })
  })

  test('holds for changed input too, and the trace tells of it', async () => {
    const { hooks } = bench()
    const seen: unknown[] = []
    hooks.register('BeforeToolExecution', () => hook.modified({ input: { path: ' /etc ' } }), { name: 'changes' })
    hooks.register('BeforeToolExecution', (ctx) => void seen.push(ctx.data.input), { kind: 'guard' })
    const { output, trace } = await hooks.wrap(
      { name: 'work', ...TOOL, input },
      (given) => given,
    )({
      path: '/',
      mode: 'read',
    })
    expect(seen).toEqual([{ path: '/etc', mode: 'delete' }])
    expect(output).toEqual(seen[0])
    const before = { input: { path: '/', mode: 'read' } }
    expect(redoChanges(before, trace, 'BeforeToolExecution').input).toEqual(output)
  })

  test.each([
    ['no JSON', z.string().transform((text) => new Date(text)), '2026-01-01'],
    ['something that would not parse to itself', z.string().transform(Number), '7'],
  ])('is not shown where it is %s: hooks see the input as it was given', async (_, schema, given) => {
    const { hooks } = bench()
    const seen: unknown[] = []
    hooks.register('BeforeToolExecution', (ctx) => void seen.push(ctx.data.input), { kind: 'guard' })
    const { output } = await hooks.wrap(
      { name: 'work', ...TOOL, input: schema },
      (parsed: unknown) => typeof parsed,
    )(given)
    expect(seen).toEqual([given])
    expect(output).not.toBe('string')
  })
})

test('every attempt gets the input anew, whatever the one before did to its own', async () => {
  const { hooks } = bench()
  hooks.register('BeforeToolExecution', () => undefined, { kind: 'guard' })
  hooks.register('ToolError', () => hook.retry({ delayMs: 0 }))
  const got: string[] = []
  const work = hooks.wrap({ name: 'work', ...TOOL }, (list: number[]) => {
    got.push(list.join())
    list.push(9)
    if (got.length < 3) throw new Error('again')
  })
  await work([1])
  expect(got).toEqual(['1', '1', '1'])
})

test.each([
  ['without a code', { message: 'nicer' }],
  ['with a code that is no text', { code: 1, name: 'E', message: 'm', retryable: false }],
])('a changed error must still be one: %s', async (_, error) => {
  const { hooks } = bench()
  hooks.register('ToolError', () => hook.modified({ error } as never), { name: 'careless' })
  const result = await hooks.wrap({ name: 'work', ...TOOL }, () => {
    throw new Error('original')
  })(undefined)
  expect(result.error).toMatchObject({ code: 'EFFECT_FAILED' })
  const entry = result.trace.find((each) => each.hook === 'careless')
  expect(entry).toMatchObject({ outcome: 'failed', code: 'HOOK_INVALID_CHANGE' })
  expect(entry?.message).toContain('retryable')
})
