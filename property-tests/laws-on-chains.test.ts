/** Laws 3, 4, 8, 12 to 15 on chains: what starts when, what a failure does, and what is undone, over random graphs and policies. */
import fc from 'fast-check'
import * as actors from 'hookchart/actors'
import { defineChain, defineTool } from 'hookchart/machines'
import { createTestClock, createTestIds } from 'hookchart/testing'
import { expect } from 'vitest'
import * as z from 'zod'
import { assertChain } from './support/chain-laws.ts'
import type { ComponentPlan } from './support/chain-laws.ts'
import { assertGates, assertPauses, courseOf } from './support/course.ts'
import { doEffect, registerDeciding } from './support/deciding.ts'
import { testLawOf } from './support/law.ts'
import { assertGuarded, assertOrder, Observed } from './support/observed.ts'
import type { Order } from './support/observed.ts'
import { planOf, steer } from './support/plan.ts'
import { finish } from './support/run.ts'

const BEFORE = 'BeforeChainComponent'
const AFTER = 'AfterChainComponent'
const OF_COMPONENTS = [BEFORE, AFTER]
const OF_CHAIN = ['BeforeChain', 'AfterChain', 'ChainError']

/** What the catalogue says of a component: what may follow what, with somebody at every point. */
const COMPONENT: Order = {
  start: [BEFORE, AFTER, 'OperationSettled'],
  [BEFORE]: [BEFORE, 'effect', AFTER, 'OperationSettled'],
  effect: [AFTER, 'OperationSettled'],
  [AFTER]: [BEFORE, 'effect', AFTER, 'OperationSettled'],
}
/** And of the chain. */
const CHAIN: Order = {
  start: ['BeforeChain', 'OperationSettled'],
  BeforeChain: ['BeforeChain', 'AfterChain', 'ChainError', 'OperationSettled'],
  AfterChain: ['BeforeChain', 'AfterChain', 'ChainError', 'OperationSettled'],
  ChainError: ['BeforeChain', 'AfterChain', 'ChainError', 'OperationSettled'],
}

const scenario = fc.record({
  plan: planOf([...OF_COMPONENTS, ...OF_COMPONENTS, ...OF_COMPONENTS, ...OF_CHAIN]),
  components: fc.array(
    fc.record({
      /** Which of those before it it comes after. */
      after: fc.array(fc.nat({ max: 3 }), { maxLength: 2 }),
      onError: fc.constantFrom('fail' as const, 'skip_dependants' as const, 'compensate' as const, 'fallback' as const),
      compensates: fc.boolean(),
    }),
    { minLength: 1, maxLength: 4 },
  ),
  maxConcurrency: fc.integer({ min: 1, max: 3 }),
})

function law({ createSystem }: typeof actors) {
  return fc.asyncProperty(scenario, fc.scheduler(), async ({ plan, maxConcurrency, ...given }, scheduler) => {
    const clock = createTestClock()
    const noted = new Observed()
    const system = createSystem({ clock, ids: createTestIds(), executor: { overheadBudget: false } })
    let starts = 0
    let most = 0
    const running = new Set<object>()
    const components: ComponentPlan[] = given.components.map(({ after, ...rest }, i) => ({
      ...{ id: `c${i}`, ...rest },
      after: [...new Set(after.filter((other) => other < i).map((other) => `c${other}`))],
    }))
    const toolOf = (id: string) =>
      defineTool({
        ...{
          name: id,
          description: 'works',
          input: z.object({ n: z.number() }),
          limits: { preset: 'unlimited' as const },
        },
        level: 'safe',
        execute: async ({ input, signal }) => {
          const run = noted.course.findLast((each) => 'part' in each && each.part === `chain/${id}`)!
          noted.effect(run.id, 'chain', 1, input)
          const self = {}
          running.add(self)
          most = Math.max(most, running.size)
          signal.addEventListener('abort', () => running.delete(self))
          const effect = plan.effects[Math.min(starts++, plan.effects.length - 1)]!
          const n = await doEffect(effect, input.n, scheduler).finally(() => running.delete(self))
          return { n: n + 1 }
        },
      })
    const chain = defineChain('chain', {
      ...{ maxConcurrency, timeoutMs: plan.timeoutMs },
      components: components.map(({ id, after, onError, compensates }) => ({
        ...{ id, tool: toolOf(id) as never, after, timeoutMs: 400 },
        onError: onError === 'fallback' ? { fallback: { n: 9 } } : onError,
        ...(compensates && { compensate: () => scheduler.schedule(Promise.resolve(), `undo ${id}`) }),
      })),
    })
    const guards = registerDeciding(system.hooks, plan.specs, noted, scheduler)
    noted.watch(system.hooks, [...OF_COMPONENTS, ...OF_CHAIN, 'OperationSettled'])
    const controller = new AbortController()
    const run = system.chains.start(chain, { n: 0 }, { signal: controller.signal })
    if (plan.paused) run.pause()
    // A chain knows no single steps.
    const steers = plan.steers.filter((what) => what !== 'step')
    void steer({ ...plan, steers }, run, controller, noted, clock, scheduler)
    const result = await finish(run.result, clock, scheduler, 50, () => {
      for (const { id } of system.approvals.pending())
        void (plan.rejects ? system.approvals.reject(id, 'no') : system.approvals.resume(id)).catch(() => {})
    })
    const count = noted.course.length
    await clock.advanceSteps(1_000)
    await scheduler.waitIdle()
    await system.stop()

    expect(most, 'effects at once').toBeLessThanOrEqual(maxConcurrency)
    const isLate = ({ type }: { type: string }) => type === 'enter' || type === 'point'
    expect(noted.course.slice(count).filter(isLate), 'nothing happens after the end').toEqual([])
    for (const [id, name, happened] of noted.all) {
      if (name !== 'chain') continue
      assertOrder(id, happened, id === run.id ? CHAIN : COMPONENT)
      const atComponents = guards.filter(({ point }) => point === BEFORE)
      assertGuarded(id, happened, atComponents, BEFORE)
    }
    assertGates(noted.course, guards)
    // The tools have laws of their own.
    const course = noted.course.map((each) =>
      'part' in each && !each.part.startsWith('chain') ? { type: 'steer' as const, what: '', id: '' } : each,
    )
    const seen = courseOf(course, run.id, ['OperationSettled'], ({ part }) => part.slice('chain/'.length))
    assertPauses(
      course,
      seen.filter((each) => each.kind === 'step' && !each.name.includes('/')),
    )
    assertChain(seen, components, result)
  })
}

testLawOf(
  actors,
  'actors/index.ts',
  'laws 3, 4, 8, 12 to 15 on chains',
  law,
  [
    {
      name: 'what was started first is undone first',
      file: 'machines/chain/chain-setup.ts',
      from: 'context.started.filter((id) => ids.includes(id)),',
      to: 'context.started.filter((id) => ids.includes(id)).toReversed(),',
    },
    {
      name: 'a component that is refused runs all the same',
      file: 'actors/operation/charted-operation.ts',
      from: "if (end.type !== 'retry') return this.end(work.endAt(gate.slot, end, undefined, input))",
      to: "if (end.type !== 'retry') return this.#onward({ input })",
    },
    {
      name: 'slots are not held',
      file: 'actors/coordinator/chain-attempt.ts',
      from: 'new Slots(chain.definition.maxConcurrency)',
      to: 'new Slots(chain.definition.maxConcurrency + 9)',
    },
    {
      name: 'a component does not wait for all that it comes after',
      file: 'machines/chain/chain-setup.ts',
      from: 'after.every((id) => hasOutput(',
      to: 'after.length === 0 || after.some((id) => hasOutput(',
      seed: 71271,
    },
    {
      name: 'a chain that is paused starts all the same',
      file: 'machines/chain/component-region.ts',
      from: "and([not('isPaused'), ",
      to: 'and([',
    },
    {
      name: 'a component that has run keeps its slot',
      file: 'actors/coordinator/chain-component.ts',
      from: '() => place?.release(),',
      to: '() => place,',
    },
    {
      name: 'a component is run twice',
      file: 'actors/coordinator/chain-attempt.ts',
      from: 'last = await caller.execute(',
      to: `void caller.execute(component.component as never, given, { signal: call.signal })
      last = await caller.execute(`,
    },
  ],
  { numRuns: 50 },
)
