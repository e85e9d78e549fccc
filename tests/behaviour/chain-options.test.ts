/** The options of chains and of their components: of each, two values that come to two outcomes. */
import { defineChain } from 'hookchart'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { chainBench } from '../support/chains.ts'
import { outcomesOf } from '../support/outcomes.ts'

describe('chain', () => {
  test.each([
    ['description', ['works', 'rests']],
    ['tags', [['a'], ['b']]],
    ['metadata', [{ a: 1 }, { b: 2 }]],
  ] as const)('%s: what hooks are told', async (option, values) => {
    const told = async (value: unknown) => {
      const { system, tool } = chainBench()
      let seen: Readonly<Record<string, unknown>> | undefined
      system.hooks.register('BeforeChain', ({ data }) => void (seen = { ...data.chain }))
      await system.chains.execute(defineChain('c', { [option]: value }).tool(tool('a')), 1)
      return seen?.[option]
    }
    expect(await outcomesOf(told, ...values)).toEqual(values)
  })

  test('version: what whoever has the chain reads', async () => {
    const read = (version: string) => defineChain('c', { version }).version
    expect(await outcomesOf(read, '1.0.0', '2.0.0')).toEqual(['1.0.0', '2.0.0'])
  })

  test('input: what it takes', async () => {
    const status = async (input: z.ZodType) => {
      const { system, tool } = chainBench()
      return (await system.chains.execute(defineChain('c', { input }).tool(tool('a')), 'go')).status
    }
    expect(await outcomesOf(status, z.string(), z.number())).toEqual(['completed', 'failed'])
  })

  test('timeoutMs: how long a run may take', async () => {
    const aborted = async (timeoutMs: number) => {
      const { system, waiting, clock, log } = chainBench()
      void system.chains.execute(defineChain('c', { timeoutMs }).tool(waiting('a')), 1)
      await clock.advanceSteps(100)
      return log
    }
    expect(await outcomesOf(aborted, 100, 101)).toEqual([['a', 'a aborted'], ['a']])
  })

  test('maxConcurrency: how many run at once', async () => {
    const begun = async (maxConcurrency: number) => {
      const { system, waiting, clock, log } = chainBench()
      const chain = defineChain('c', { maxConcurrency }).tool(waiting('a')).tool(waiting('b'))
      void system.chains.execute(chain, 1)
      await clock.settle()
      return log
    }
    expect(await outcomesOf(begun, 1, 2)).toEqual([['a'], ['a', 'b']])
  })

  test('components: what it runs', async () => {
    const output = async (name: string) => {
      const { system, tool } = chainBench()
      return (await system.chains.execute(defineChain('c', { components: [{ tool: tool(name) }] }), 1)).output
    }
    expect(await outcomesOf(output, 'a', 'b')).toEqual([{ a: 'a' }, { b: 'b' }])
  })
})

describe('component', () => {
  test('id: what its output is kept under', async () => {
    const output = async (id: string) => {
      const { system, tool } = chainBench()
      return (await system.chains.execute(defineChain('c').tool(tool('a'), { id }), 1)).output
    }
    expect(await outcomesOf(output, 'one', 'two')).toEqual([{ one: 'a' }, { two: 'a' }])
  })

  test('after: what it waits for', async () => {
    const begun = async (after: string[]) => {
      const { system, waiting, tool, clock, log } = chainBench()
      void system.chains.execute(defineChain('c').tool(waiting('a')).tool(tool('b'), { after }), 1)
      await clock.settle()
      return log
    }
    expect(await outcomesOf(begun, ['a'], [])).toEqual([['a'], ['a', 'b']])
  })

  test('input: what it is given', async () => {
    const output = async (value: string) => {
      const { system, tool } = chainBench()
      const chain = defineChain('c').tool(
        tool('a', ({ input }) => input),
        { input: () => value },
      )
      return (await system.chains.execute(chain, 1)).output
    }
    expect(await outcomesOf(output, 'one', 'two')).toEqual([{ a: 'one' }, { a: 'two' }])
  })

  test('onError: what its failure does', async () => {
    const status = async (onError: 'fail' | 'skip_dependants') => {
      const { system, failing, tool } = chainBench()
      return (await system.chains.execute(defineChain('c').tool(failing('a'), { onError }).tool(tool('b')), 1)).status
    }
    expect(await outcomesOf(status, 'fail', 'skip_dependants')).toEqual(['failed', 'partial'])
  })

  test('onError.fallback: what stands in for it', async () => {
    const output = async (fallback: string) => {
      const { system, failing } = chainBench()
      return (await system.chains.execute(defineChain('c').tool(failing('a'), { onError: { fallback } }), 1)).output
    }
    expect(await outcomesOf(output, 'one', 'two')).toEqual([{ a: 'one' }, { a: 'two' }])
  })

  test('compensate: what undoes it', async () => {
    const undone = async (name: string) => {
      const { system, tool, failing, undo, log } = chainBench()
      const chain = defineChain('c')
        .tool(tool('a'), { compensate: undo(name) })
        .tool(failing('b'), { after: ['a'], onError: 'compensate' })
      await system.chains.execute(chain, 1)
      return log.at(-1)
    }
    expect(await outcomesOf(undone, 'one', 'two')).toEqual(['undo one', 'undo two'])
  })

  test('timeoutMs: how long it may take', async () => {
    const aborted = async (timeoutMs: number) => {
      const { system, waiting, clock, log } = chainBench()
      void system.chains.execute(defineChain('c').tool(waiting('a'), { timeoutMs }), 1)
      await clock.advanceSteps(100)
      return log
    }
    expect(await outcomesOf(aborted, 100, 101)).toEqual([['a', 'a aborted'], ['a']])
  })
})
