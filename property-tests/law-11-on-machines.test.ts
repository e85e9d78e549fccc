/**
 * Law 11 on what runs in a system: hooks that are not enabled for it cost nothing. With them a workflow, a chain, a tool or an agent,
 * whose work is a function or a model, takes the very turns, reads the clock as often, sets the same timers and leaves the same trace as without them.
 */
import fc from 'fast-check'
import * as actors from 'hookchart/actors'
import { catalogue } from 'hookchart/hooks'
import type { Clock, HookHandle, Ids } from 'hookchart/hooks'
import { conditional, defineAgent, defineChain, defineTool, loop, parallel, sequential, step } from 'hookchart/machines'
import type { AgentDefinition } from 'hookchart/machines'
import { createTestClock, createTestIds } from 'hookchart/testing'
import { expect } from 'vitest'
import * as z from 'zod'
import { testLawOf } from './support/law.ts'
import { modelThat } from './support/fake-model.ts'

const POINTS = Object.values(catalogue).filter(({ component }) =>
  ['workflow', 'chain', 'tool', 'agent', 'model', 'operation'].includes(component),
)

const scenario = fc.record({
  what: fc.constantFrom('sequential', 'conditional', 'loop', 'parallel', 'chain', 'tool', 'agent', 'modelAgent'),
  size: fc.integer({ min: 1, max: 3 }),
  effects: fc.array(fc.constantFrom('gives' as const, 'gives', 'later', 'throws'), { minLength: 1, maxLength: 3 }),
  hooks: fc.array(
    fc.record({
      point: fc.constantFrom(...POINTS),
      fate: fc.constantFrom('unregistered', 'disabled', 'pointOff', 'otherComponent', 'signalled'),
      isGuard: fc.boolean(),
    }),
    { maxLength: 6 },
  ),
})

type Scenario = typeof scenario extends fc.Arbitrary<infer Made> ? Made : never
type System = ReturnType<typeof actors.createSystem>

/** Starts one of them, of some size. */
function start(system: System, { what, size, effects }: Scenario): Promise<object> {
  let starts = 0
  const effect = (): number | Promise<number> => {
    const next = effects[Math.min(starts++, effects.length - 1)]
    if (next === 'throws') throw new Error('broken')
    return next === 'later' ? Promise.resolve(1) : 1
  }
  const steps = Array.from({ length: size }, (_, i) => step.run(`s${i}`, effect)) as never
  const branches = Array.from({ length: size }, (_, i) => ({
    name: `b${i}`,
    steps: [step.run(`s${i}`, effect)],
  })) as never
  const tool = (name: string) =>
    defineTool({ ...{ name, description: 'works', input: z.unknown(), level: 'safe' as const }, execute: effect })
  const name = 'work'
  switch (what) {
    case 'sequential':
      return system.workflows.execute(sequential({ name, steps, onError: 'continue' }), undefined as never)
    case 'conditional': {
      const tested = (branches as object[]).map((each) => ({ ...each, condition: { type: 'always' } })) as never
      return system.workflows.execute(
        conditional({ name, branches: tested, executeAllMatching: true }),
        undefined as never,
      )
    }
    case 'loop':
      return system.workflows.execute(
        loop({ name, body: steps, iterator: { range: { end: size } } }),
        undefined as never,
      )
    case 'parallel':
      return system.workflows.execute(parallel({ name, branches }), undefined as never)
    case 'chain': {
      const components = Array.from({ length: size }, (_, i) => ({
        ...{ tool: tool(`t${i}`) as never, after: i === 0 ? [] : [`t${i - 1}`], onError: 'skip_dependants' as const },
      }))
      return system.chains.execute(defineChain(name, { components }), undefined)
    }
    case 'agent':
      return lifeOf(system, defineAgent({ name, maxRecoveryAttempts: 10, execute: effect }), size)
    case 'modelAgent': {
      const tools = [tool('t')]
      const model = modelThat(async (turn) => (turn % 2 === 0 ? { calls: [['t', turn]] } : String(await effect())))
      return lifeOf(system, defineAgent({ name, model, instructions: 'Work.', tools, maxRecoveryAttempts: 10 }), size)
    }
    default:
      return system.tools.execute(tool(name), undefined as never)
  }
}

/** An agent from its initialisation to its end: it executes so often, is paused and resumed, fails and recovers. */
async function lifeOf(system: System, definition: AgentDefinition, times: number): Promise<object> {
  const agent = system.agents.create(definition)
  const results: unknown[] = []
  for (let i = 0; i < times; i++) results.push(await agent.execute('go'))
  if (agent.state === 'error') await agent.recover()
  await agent.pause()
  await agent.resume()
  await agent.fail(new Error('broken'))
  await agent.recover()
  await agent.terminate()
  return { results, history: agent.history }
}

/** What it costs and what it gives, with some hooks registered. */
async function costOf({ createSystem }: typeof actors, given: Scenario, hooks: Scenario['hooks']): Promise<object> {
  const clock = createTestClock()
  const ids = createTestIds()
  const touched = { now: 0, timers: 0, ids: 0, turns: 0 }
  const counted: Clock & Ids = {
    now: () => (touched.now++, clock.now()),
    setTimeout: (callback, delayMs) => (touched.timers++, clock.setTimeout(callback, delayMs)),
    clearTimeout: (timer) => {
      clock.clearTimeout(timer)
    },
    next: () => (touched.ids++, ids.next()),
  }
  const system = createSystem({ clock: counted, ids: counted, executor: { overheadBudget: false } })
  const never = () => {
    throw new Error('called')
  }
  const handles: [string, HookHandle][] = []
  for (const [i, { point, fate, isGuard }] of hooks.entries()) {
    const controller = new AbortController()
    const kind = point.phase === 'notify' ? 'observe' : isGuard ? 'guard' : 'transform'
    const handle = system.hooks.register(point.id, never, {
      ...{ name: `h${i}`, kind },
      ...(fate === 'otherComponent' && { match: { component: 'other_*' } }),
      ...(fate === 'signalled' && { signal: controller.signal }),
    })
    handles.push([fate, handle])
    if (fate === 'pointOff') system.hooks.setEnabled(false, point.id)
    if (fate === 'signalled') controller.abort()
  }
  for (const [fate, handle] of handles) {
    if (fate === 'unregistered') handle.unregister()
    if (fate === 'disabled') handle.disable()
  }
  Object.assign(touched, { now: 0, timers: 0, ids: 0 })
  const state: { result?: unknown } = {}
  void start(system, given).then((result) => (state.result = result))
  while (state.result === undefined && touched.turns < 10_000) {
    touched.turns++
    await Promise.resolve()
  }
  if (state.result === undefined) throw new Error('it never ended')
  const result = JSON.parse(JSON.stringify(state.result)) as object
  const cost = { ...touched }
  await system.stop()
  return { cost, result }
}

const law = (names: typeof actors) =>
  fc.asyncProperty(scenario, async (given) => {
    expect(await costOf(names, given, given.hooks)).toEqual(await costOf(names, given, []))
  })

testLawOf(
  actors,
  'actors/index.ts',
  'law 11 on what runs in a system',
  law,
  [
    {
      name: 'disabled hooks are called',
      file: 'src/hooks/registry/slot.ts',
      from: 'link.hook.enabled && ',
      to: '',
    },
    {
      name: 'a gate of an agent is entered where somebody is registered, enabled or not',
      file: 'actors/agent/life-parts.ts',
      from: 'isHooked: (point) => slotOf(point).chainFor(component) !== null,',
      to: 'isHooked: (point) => slotOf(point).links.length > 0,',
    },
    {
      name: 'a gate of a workflow is entered where somebody is registered, enabled or not',
      file: 'actors/operation/gates-at.ts',
      from: '(gates.get(point)?.slot.chainFor(component) ?? null) !== null',
      to: '(gates.get(point)?.slot.links.length ?? 0) > 0',
    },
  ],
  { numRuns: 40 },
)
