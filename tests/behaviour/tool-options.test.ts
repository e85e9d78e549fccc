/** The options of tools, but for limits in numbers: of each, two values that come to two outcomes. */
import { createSystem } from 'hookchart'
import type { CreateSystemOptions, HookContext } from 'hookchart'
import { defineTool } from 'hookchart/machines'
import type { DefineToolOptions, ToolLimitPreset } from 'hookchart/machines'
import { createTestClock, createTestIds } from 'hookchart/testing'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { outcomesOf } from '../support/outcomes.ts'

type Options = DefineToolOptions<string, z.ZodType, z.ZodType, unknown>

const toolOf = (options: Partial<Options> = {}) =>
  defineTool({ name: 'load', description: 'loads', input: z.unknown(), execute: () => 1, ...options })

function systemOf(options: CreateSystemOptions = {}) {
  const clock = createTestClock()
  return { clock, system: createSystem({ clock, ids: createTestIds(), ...options }) }
}

/** What a hook is told of a tool. */
async function told(options: Partial<Options>) {
  const { system } = systemOf()
  let ctx: HookContext | undefined
  system.hooks.register('BeforeToolExecution', (given) => void (ctx = given as HookContext))
  await system.tools.execute(toolOf(options), 1)
  return ctx!
}

const toolTold = async (options: Partial<Options>) =>
  ((await told(options)).data as { tool: Readonly<Record<string, unknown>> }).tool

const execute = async (options: Partial<Options>, input: unknown = 1, given: CreateSystemOptions = {}) =>
  systemOf(given).system.tools.execute(toolOf(options), input)

describe('defineTool', () => {
  test('name: what it is found by', async () => {
    const found = (name: string) => systemOf({ tools: [toolOf({ name })] }).system.tools.get('load')?.name
    expect(await outcomesOf(found, 'load', 'save')).toEqual(['load', undefined])
  })

  test.each<[keyof Options, readonly [unknown, unknown]]>([
    ['description', ['loads', 'saves']],
    ['category', ['files', 'network']],
    ['level', ['safe', 'privileged']],
    ['tags', [['a'], ['b', 'c']]],
  ])('%s: what hooks are told', async (option, values) => {
    const outcome = async (value: unknown) => (await toolTold({ [option]: value }))[option]
    expect(await outcomesOf(outcome, ...values)).toEqual(values)
  })

  test('level: whether a system lets it run', async () => {
    const status = async (level: 'safe' | 'privileged') =>
      (await execute({ level }, 1, { maxSecurityLevel: 'restricted' })).status
    expect(await outcomesOf(status, 'safe', 'privileged')).toEqual(['completed', 'failed'])
  })

  test('input: what it takes', async () => {
    const status = async (input: z.ZodType) => (await execute({ input })).status
    expect(await outcomesOf(status, z.number(), z.string())).toEqual(['completed', 'failed'])
  })

  test('output: what it may give', async () => {
    const status = async (output: z.ZodType) => (await execute({ output })).status
    expect(await outcomesOf(status, z.number(), z.string())).toEqual(['completed', 'failed'])
  })

  test('capabilities: what it is discovered by', async () => {
    const found = async (name: string) => {
      const { system } = systemOf({ tools: [toolOf({ capabilities: [name] })] })
      return (await system.tools.discover({ capability: 'read' })).length
    }
    expect(await outcomesOf(found, 'read', 'write')).toEqual([1, 0])
  })

  test('isolation: where it runs', async () => {
    const isMain = async (isolation: 'inline' | 'worker') => {
      await using system = systemOf().system
      const where = async () => (await import('node:worker_threads')).isMainThread
      const described = { name: 'load', description: 'loads', input: z.unknown(), isolation }
      return (await system.tools.execute(defineTool({ ...described, execute: where }), 1)).output
    }
    expect(await outcomesOf(isMain, 'inline', 'worker')).toEqual([true, false])
  })

  test('execute: the work', async () => {
    const output = async (work: () => unknown) => (await execute({ execute: work })).output
    expect(
      await outcomesOf(
        output,
        () => 1,
        () => 2,
      ),
    ).toEqual([1, 2])
  })

  test('limits: what it may use', async () => {
    const outcome = async (limits: ToolLimitPreset) => {
      const { system, clock } = systemOf()
      const running = system.tools.execute(toolOf({ limits, execute: () => new Promise(() => {}) }), 1)
      let status = 'running'
      void running.then((result) => (status = result.status))
      await clock.advanceSteps(10_000)
      return status
    }
    expect(await outcomesOf(outcome, 'strict', 'default')).toEqual(['timed_out', 'running'])
  })

  test('limits.preset: what holds where nothing else is said', async () => {
    const outcome = (preset: ToolLimitPreset) => toolOf({ limits: { preset, maxConcurrent: 3 } }).limits
    const [strict, unlimited] = await outcomesOf(outcome, 'strict', 'unlimited')
    expect([strict, unlimited]).toEqual([
      { timeoutMs: 10_000, queueTimeoutMs: 5_000, maxConcurrent: 3, maxOutputBytes: 5 * 1_024 * 1_024 },
      { maxConcurrent: 3 },
    ])
  })

  test.each<[string, readonly [Partial<Options>, Partial<Options>]]>([
    ['version', [{ version: '1.0.0' }, { version: '2.0.0' }]],
    ['inputJsonSchema', [{ inputJsonSchema: { type: 'string' } }, { inputJsonSchema: { type: 'number' } }]],
  ])('%s: what whoever has the tool reads', async (option, values) => {
    const read = (given: Partial<Options>) => toolOf(given)[option as 'version']
    expect(await outcomesOf(read, ...values)).toEqual(values.map((given) => given[option as 'version']))
  })

  test.each(['files', 'network', 'env'] as const)('permissions.%s: what it says it touches', async (kind) => {
    const says = (texts: string[]) => toolOf({ permissions: { [kind]: texts } }).permissions
    const none = { files: [], network: [], env: [] }
    expect(await outcomesOf(says, ['a'], [])).toEqual([{ ...none, [kind]: ['a'] }, none])
  })

  test('annotations.readOnly: what follows for the others', async () => {
    const says = (readOnly: boolean) => toolOf({ annotations: { readOnly } }).annotations
    expect(await outcomesOf(says, true, false)).toEqual([
      { readOnly: true, destructive: false, idempotent: true },
      { readOnly: false, destructive: true, idempotent: false },
    ])
  })

  test.each(['destructive', 'idempotent'] as const)('annotations.%s: what it says it does', async (kind) => {
    const says = (value: boolean) => toolOf({ annotations: { [kind]: value } }).annotations[kind]
    expect(await outcomesOf(says, true, false)).toEqual([true, false])
  })
})
