/** Schemas of input and output: what they make of data is what hooks see and the effect gets. */
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { definePoint, redoChanges } from 'hookchart/hooks'
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
  ['with a name that is no text', { code: 'E', name: 1, message: 'm', retryable: false }],
  ['with a message that is no text', { code: 'E', name: 'E', message: 1, retryable: false }],
  ['that may be retried or not', { code: 'E', name: 'E', message: 'm', retryable: 'perhaps' }],
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

describe('what hooks make of the output', () => {
  const output = z.object({ n: z.number(), note: z.string().trim().default('') })

  async function changedTo(given: unknown) {
    const { hooks } = bench()
    hooks.register('AfterToolExecution', () => hook.modified({ output: given }), { name: 'changes' })
    return hooks.wrap({ name: 'work', ...TOOL, output }, () => ({ n: 1, note: 'mine' }))(undefined)
  }

  test('is what its schema makes of it', async () => {
    expect(await changedTo({ n: 2, note: ' x ' })).toMatchObject({ status: 'completed', output: { n: 2, note: 'x' } })
  })

  test('must fit its schema', async () => {
    const { output: kept, trace } = await changedTo({ n: 'two' })
    expect(kept).toEqual({ n: 1, note: 'mine' })
    expect(trace.find((each) => each.hook === 'changes')).toMatchObject({ code: 'HOOK_INVALID_CHANGE' })
  })

  test('is nothing to an error: that has no output', async () => {
    const { hooks } = bench()
    hooks.register('ToolError', (ctx) => hook.modified({ error: { ...ctx.data.error, message: 'masked' } }))
    const work = hooks.wrap({ name: 'work', ...TOOL, output }, () => {
      throw new Error('boom')
    })
    expect(await work(undefined)).toMatchObject({ status: 'failed', error: { message: 'masked' } })
  })
})

test('an output that does not fit its schema fails the operation, and says where', async () => {
  const { hooks } = bench()
  const { status, error } = await hooks.wrap({ name: 'work', output: z.object({ n: z.number() }) }, (): never => {
    return { n: 'two' } as never
  })(undefined)
  expect(status).toBe('failed')
  expect(error).toMatchObject({ code: 'INVALID_OUTPUT', details: { component: 'work', issues: [{ path: 'n' }] } })
  expect(error?.message).toMatch(/^The output of work does not fit its schema: "n": /)
})

test('a failure is none of an output schema’s business, even if that takes anything', async () => {
  const { hooks } = bench()
  const work = hooks.wrap({ name: 'work', output: z.unknown() }, () => {
    throw new Error('boom')
  })
  expect(await work(undefined)).toMatchObject({ status: 'failed', error: { message: 'boom' } })
})

test('changed input must fit the schema of the point and that of the input', async () => {
  const { hooks } = bench()
  const point = definePoint('texts', { phase: 'before', schema: z.looseObject({ input: z.string() }) })
  hooks.register(point, () => hook.modified({ input: 'much too long' }), { name: 'changes' })
  const work = hooks.wrap({ name: 'work', before: point, input: z.string().max(3) }, (text) => text)
  const { output, trace } = await work('abc')
  expect(output).toBe('abc')
  expect(trace.find((each) => each.hook === 'changes')).toMatchObject({ code: 'HOOK_INVALID_CHANGE' })
})

test('a schema of a point that refuses a value in the place of the effect does not say that the effect has run', async () => {
  const { hooks } = bench()
  const after = definePoint('numbers', { phase: 'after', schema: z.looseObject({ output: z.number() }) })
  hooks.register('BeforeToolExecution', () => hook.replace('text'))
  hooks.register(after, () => undefined)
  const { error } = await hooks.wrap({ name: 'work', before: TOOL.before, after }, () => 1)(undefined)
  expect(error).toMatchObject({ code: 'POINT_DATA_INVALID' })
  expect(error?.details).toEqual({ point: 'custom:numbers', component: 'work' })
})
