/** Rows of the reference's list of defects that are about coordination, and what systems owe each other. */
import { createSystem, defineChain, defineTool } from 'hookchart'
import { createDependencyGraph } from 'hookchart/actors'
import { createTestClock, createTestIds } from 'hookchart/testing'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { chainBench } from '../support/chains.ts'

describe('row 7: chains', () => {
  const three = (bench: ReturnType<typeof chainBench>, second = bench.tool('second')) =>
    defineChain('three', { timeoutMs: 100 })
      .tool(bench.tool('first'))
      .tool(second, { after: ['first'] })
      .tool(bench.tool('third'), { after: ['second'] })

  test('row 7 a chain of three components runs to its end', async () => {
    const bench = chainBench()
    const result = await bench.system.chains.execute(three(bench), 1)
    expect(result).toMatchObject({
      status: 'completed',
      output: { first: 'first', second: 'second', third: 'third' },
    })
    expect(bench.log).toEqual(['first', 'second', 'third'])
  })

  test('row 7 a failure says which component it was', async () => {
    const bench = chainBench()
    const { status, error } = await bench.system.chains.execute(three(bench, bench.failing('second')), 1)
    expect([status, error?.details['failed']]).toEqual(['failed', 'second'])
    expect(bench.log).toEqual(['first', 'second'])
  })

  test('row 7 its limit is enforced', async () => {
    const bench = chainBench()
    const running = bench.system.chains.execute(three(bench, bench.waiting('second')), 1)
    await bench.clock.settle()
    await bench.clock.advance(100)
    expect((await running).status).toBe('timed_out')
    expect(bench.log).toEqual(['first', 'second', 'second aborted'])
  })
})

describe('row 24: order', () => {
  test('row 24 what is free to choose is chosen by priority, then by insertion, each time', () => {
    const order = () => {
      const graph = createDependencyGraph()
      for (const name of ['z', 'y', 'x', 'w']) graph.addNode(name, { priority: name === 'x' ? -1 : 0 })
      graph.addDependency('y', 'w')
      return graph.order()
    }
    expect(order()).toMatchObject({ sequence: ['x', 'z', 'w', 'y'], phases: [['x', 'z', 'w'], ['y']] })
    for (let i = 0; i < 20; i++) expect(order()).toEqual(order())
  })
})

describe('two systems in one process', () => {
  test('share nothing: no hook, no name, no setting, no state, no run, no end', async () => {
    const [one, two] = ['one', 'two'].map((id) => createSystem({ id, clock: createTestClock(), ids: createTestIds() }))
    const tool = defineTool({ name: 'tool', description: 'x', input: z.unknown(), execute: () => 1 })
    one!.tools.register(tool)
    let fired = 0
    one!.hooks.register('BeforeToolExecution', () => void fired++)
    await one!.state.set('key', 1)
    await one!.config.set('maxSecurityLevel', 'safe')
    const seen: string[] = []
    one!.inspect(({ path }) => void seen.push(path))

    expect((await two!.tools.execute(tool, 1)).status).toBe('completed')
    await expect(two!.tools.execute('tool', 1)).rejects.toMatchObject({ code: 'UNKNOWN_COMPONENT' })
    expect([fired, seen, await two!.state.get('key'), two!.config.get('maxSecurityLevel')]).toEqual([
      0,
      [],
      undefined,
      'privileged',
    ])
    await one!.stop()
    await expect(one!.tools.execute(tool, 1)).rejects.toMatchObject({ code: 'HOOKS_STOPPED' })
    expect((await two!.tools.execute(tool, 1)).status).toBe('completed')
    await two!.stop()
  })
})
