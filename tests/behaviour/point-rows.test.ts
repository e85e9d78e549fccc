/** Row 26 of the list of defects: a hook is always told the point that fires, and a boundary has two points that can be told apart. */
import {
  conditional,
  createSystem,
  defineAgent,
  defineChain,
  defineTool,
  loop,
  parallel,
  sequential,
  step,
} from 'hookchart'
import type { System } from 'hookchart'
import { catalogue } from 'hookchart/hooks'
import type { HookContext } from 'hookchart/hooks'
import { createTestClock, createTestIds } from 'hookchart/testing'
import type { TestClock } from 'hookchart/testing'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { scripted } from '../support/model.ts'

interface Seen {
  readonly registeredAt: string
  readonly ctx: HookContext
}

/** A system with a hook of its own at each point, which keeps what it is called with. */
function bench() {
  const clock = createTestClock()
  // Under pressure from the first moment.
  const sampler = { sample: () => ({ memoryRatio: 1, cpuRatio: 1 }) }
  const performance = { everyMs: 5, sampler }
  const system = createSystem({ clock, ids: createTestIds(), maxSecurityLevel: 'restricted', performance })
  const seen: Seen[] = []
  for (const { id, phase } of Object.values(catalogue)) {
    const keep = (ctx: HookContext) => void seen.push({ registeredAt: id, ctx })
    system.hooks.register(id, keep, { kind: phase === 'notify' ? 'observe' : 'transform' })
  }
  return { clock, system, seen }
}

const boom = () => {
  throw new Error('boom')
}
const hangs = () => new Promise(() => {})
const toolOf = (name: string, execute: () => unknown, options: object = {}) =>
  defineTool({ name, description: name, input: z.unknown(), execute, ...options })
const [fine, failing] = [toolOf('fine', () => 1), toolOf('failing', boom)]

/** Each of these ends; together they fire all that fires. */
const scenarios: Readonly<Record<string, (system: System, clock: TestClock) => Promise<unknown>>> = {
  'tools: found, run, failed, late, too big and refused': async ({ tools }, clock) => {
    await tools.discover()
    await tools.execute(fine, 1)
    await tools.execute(failing, 1)
    await tools.execute(
      toolOf('big', () => 'long', { limits: { maxOutputBytes: 1 } }),
      1,
    )
    await tools.execute(
      toolOf('privileged', () => 1, { level: 'privileged' }),
      1,
    )
    const late = tools.execute(toolOf('late', hangs, { limits: { timeoutMs: 10 } }), 1)
    await clock.advanceSteps(10)
    await late
  },
  'an agent from its first breath to its last': async ({ agents }) => {
    const agent = agents.create(
      defineAgent({ name: 'worker', execute: ({ input }) => (input === 'boom' ? boom() : 1) }),
    )
    await agent.execute('go')
    await agent.pause()
    await agent.resume()
    await agent.execute('boom')
    await agent.recover()
    await agent.terminate()
  },
  'models that answer and fail': async ({ agents }) => {
    const model = scripted(['fine', boom])
    const agent = agents.create(defineAgent({ name: 'thinker', model, instructions: 'Be brief.' } as never))
    await agent.execute('go')
    await agent.execute('go')
  },
  'workflows of each pattern': async ({ workflows }) => {
    const write = (name: string) => step.run(name, ({ state }) => void (state['x'] = name))
    const bad = step.run('bad', boom)
    await workflows.execute(sequential({ name: 'line', steps: [write('one'), bad] }), 1)
    const branches = [{ name: 'it', condition: { type: 'always' }, steps: [write('one')] }] as const
    await workflows.execute(conditional({ name: 'choice', branches }), 1)
    await workflows.execute(loop({ name: 'round', iterator: { range: { end: 2 } }, body: [write('one')] }), 1)
    const both = ['a', 'b'].map((name) => ({ name, steps: [write(name)] })) as never
    await workflows.execute(parallel({ name: 'both', branches: both }), 1)
    await workflows.execute(parallel({ name: 'one', branches: [{ name: 'a', steps: [write('a')] }] }), 1)
  },
  'chains that complete and fail': async ({ chains }) => {
    await chains.execute(defineChain('fine').tool(fine), 1)
    await chains.execute(defineChain('failing').tool(failing), 1)
  },
  'state that is written and read': async ({ state }) => {
    await state.set('key', 1)
    await state.get('key')
  },
  'events that are published, and a handler that fails': async ({ events }) => {
    events.subscribe('news', boom)
    await events.publish('news')
    await events.idle()
  },
  'hooks that cost more than they may': async ({ hooks, tools }, clock) => {
    hooks.register('BeforeToolExecution', () => void clock.advance(5), { name: 'dear' })
    const works = toolOf('works', () => void clock.advance(2))
    for (let i = 0; i < 101; i++) await tools.execute(works, i)
  },
  'a system that is told something else and stops': async (system) => {
    system.config.set('maxSecurityLevel', 'safe')
    await system.stop()
  },
}

test.each(Object.keys(scenarios))('row 26: the point in a context is the one that fires: %s', async (name) => {
  const { system, clock, seen } = bench()
  await scenarios[name]!(system, clock)
  expect(seen.length).toBeGreaterThan(0)
  // Looked at when all is over: what was kept must not have become another's.
  for (const { registeredAt, ctx } of seen) expect(ctx.point).toBe(registeredAt)
})

describe('row 26: every point is fired by the public call that the catalogue names', async () => {
  const { system, clock, seen } = bench()
  for (const run of Object.values(scenarios)) await run(system, clock)
  const fired = new Set(seen.map(({ ctx }) => ctx.point))
  const points = Object.values(catalogue)
  const said = points.filter(({ firedBy }) => firedBy !== 'pending')

  test.each(said.map(({ id, firedBy }) => [id, firedBy]))('row 26: %s: %s', (id, firedBy) => {
    expect(fired).toContain(id)
    expect(firedBy).toMatch(/^(?:an|any) execution\b|^(?:system|agents?|workflows|hooks)(?:\.\w+)+/)
  })

  test('row 26: what is pending is not fired, and is what journals bring', () => {
    const silent = points.filter(({ firedBy }) => firedBy === 'pending')
    expect(silent.filter(({ id }) => fired.has(id))).toEqual([])
    const others = silent.filter(({ component }) => component !== 'session')
    expect(others.map(({ id }) => id)).toEqual(['WorkflowCheckpoint', 'WorkflowRollback', 'StateMigration'])
  })
})

test('row 26: before and after a step are two points, whose phases and data tell them apart', async () => {
  const system = createSystem({ clock: createTestClock() })
  const seen: unknown[] = []
  const tell = ({ point, data, step: at }: HookContext) => {
    const { phase } = catalogue[point as 'BeforeWorkflowStage']
    seen.push([phase, point, at?.name, 'output' in data])
  }
  system.hooks.register(['before_step', 'after_step', 'on_step_error'], tell, { kind: 'observe' })
  await system.workflows.execute(sequential({ name: 'w', steps: [step.run('a', () => 1), step.run('b', boom)] }), 1)
  expect(seen).toEqual([
    ['before', 'BeforeWorkflowStage', 'a', false],
    ['after', 'AfterWorkflowStage', 'a', true],
    ['before', 'BeforeWorkflowStage', 'b', false],
    ['error', 'WorkflowStepError', 'b', false],
  ])
})
