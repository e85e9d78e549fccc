/**
 * Whatever commands come to an agent, in whatever order what they wait for is done: it takes legal edges only, its history is
 * the edges it took, one execution runs at a time, and every command settles.
 */
import fc from 'fast-check'
import * as hookchart from 'hookchart'
import { agentEdges } from 'hookchart/machines'
import type { LifeState } from 'hookchart/machines'
import { createTestClock, createTestIds } from 'hookchart/testing'
import { testLawOf } from './support/law.ts'

const commands = ['initialize', 'execute', 'pause', 'resume', 'stop', 'terminate', 'force', 'fail', 'recover'] as const

type Step =
  | { readonly do: (typeof commands)[number]; readonly work: Work; readonly aborts: boolean; readonly hurries: boolean }
  | { readonly do: 'go on' }
  | { readonly do: 'wait'; readonly ms: number }

/** What an execution does: it goes on when it is let, once or with a checkpoint in between, and completes or fails. */
type Work = 'completes' | 'fails' | 'checks' | 'ignores'

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom(...commands),
      work: fc.constantFrom<Work>('completes', 'fails', 'checks', 'ignores'),
      aborts: fc.boolean(),
      hurries: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: fc.constant({ do: 'go on' as const }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1, 50, 100, 400) }) },
)

const scenario = fc.record({
  steps: fc.array(step, { minLength: 1, maxLength: 25 }),
  hooks: fc.record({ refuses: fc.integer({ min: 0, max: 3 }), slow: fc.boolean() }),
  options: fc.record({ autoRecover: fc.boolean(), maxRecoveryAttempts: fc.integer({ min: 0, max: 2 }) }),
})

function law(subject: typeof hookchart) {
  const { createSystem, defineAgent, hook } = subject
  return fc.asyncProperty(scenario, fc.scheduler(), async ({ steps, hooks, options }, scheduler) => {
    const clock = createTestClock()
    const system = createSystem({ clock, ids: createTestIds() })
    let running = 0
    let most = 0
    const agent = system.agents.create(
      defineAgent({
        name: 'worker',
        ...options,
        initializeTimeoutMs: 100,
        terminateTimeoutMs: 100,
        transitionTimeoutMs: 100,
        execute: async ({ input, checkpoint, signal }) => {
          running++
          most = Math.max(most, running)
          let counted = true
          const leave = () => {
            if (counted) running--
            counted = false
          }
          signal.addEventListener('abort', leave)
          try {
            await scheduler.schedule(Promise.resolve(), 'work')
            if (input === 'checks') await checkpoint()
            if (input === 'fails') throw new Error('boom')
            if (input === 'ignores') await new Promise(() => {})
            return input
          } finally {
            leave()
          }
        },
      }),
    )
    let refusals = hooks.refuses
    const gate = async () => {
      if (hooks.slow) await scheduler.schedule(Promise.resolve(), 'hook')
      return refusals-- > 0 ? hook.cancel('not now') : undefined
    }
    system.hooks.register(['BeforeAgentInit', 'BeforeAgentTerminate', 'AfterAgentShutdown'], gate, { breaker: false })

    const edges: string[] = []
    let at: LifeState = 'uninitialized'
    const seen = agent.actor.subscribe(({ context }) => {
      if (context.state === at) return
      edges.push(context.state)
      at = context.state
    })
    const open = new Set<string>()
    const wrong: string[] = []
    const tell = (name: string, settled: Promise<unknown>) => {
      open.add(name)
      void settled
        .catch((error: unknown) => {
          const { code } = error as { code?: string }
          if (code === undefined || code === 'EFFECT_FAILED') wrong.push(`${name}: ${String(error)}`)
        })
        .finally(() => open.delete(name))
    }
    for (const [i, each] of steps.entries()) {
      if (each.do === 'wait') await clock.advanceSteps(each.ms)
      else if (each.do === 'go on') {
        if (scheduler.count() > 0) await scheduler.waitNext(1)
        await clock.settle()
      } else {
        const controller = new AbortController()
        const given = { signal: controller.signal, ...(each.hurries && { timeoutMs: 50 }) }
        const name = `${String(i)} ${each.do}`
        if (each.do === 'execute') tell(name, agent.execute(each.work, { ...given, timeoutMs: 300 }))
        else if (each.do === 'force') tell(name, agent.terminate({ ...given, force: true }))
        else if (each.do === 'fail') tell(name, agent.fail(Object.assign(new Error('told'), { code: 'TOLD' }), given))
        else tell(name, agent[each.do](given))
        if (each.aborts) controller.abort(new Error('never mind'))
      }
    }
    // All that is held back is let go, time passes, and a pause that nobody ends is ended.
    for (let round = 0; round < 200 && (open.size > 0 || scheduler.count() > 0); round++) {
      await clock.settle()
      if (agent.state === 'paused') await agent.resume().catch(() => {})
      if (scheduler.count() > 0) await scheduler.waitNext(1)
      else await clock.advanceSteps(400)
    }
    seen.unsubscribe()
    if (open.size > 0) throw new Error(`never settled: ${[...open].join(', ')}; it is ${agent.state}`)
    if (wrong.length > 0) throw new Error(wrong.join('; '))
    if (most > 1) throw new Error(`${String(most)} executions ran at once`)
    let state: LifeState = 'uninitialized'
    for (const { from, to } of agent.history) {
      if (from !== state) throw new Error(`an edge from ${from} where it was ${state}`)
      if (!agentEdges[from].includes(to)) throw new Error(`${from} → ${to} is no edge`)
      state = to
    }
    if (state !== agent.state) throw new Error(`its history ends in ${state}, and it is ${agent.state}`)
    if (agent.metrics.transitions !== agent.history.length) throw new Error('an edge is not in its history')
    // What somebody who watches has seen is part of it, in order.
    let next = 0
    for (const { to } of agent.history) if (to === edges[next]) next++
    if (next < edges.length) throw new Error(`${String(edges[next])} was seen and is not in its history`)
    await system.stop()
  })
}

testLawOf(
  hookchart,
  'src/index.ts',
  'row 20: the life of an agent',
  law,
  [
    {
      name: 'two executions run at once',
      seed: 5,
      file: 'actors/agent/agent.ts',
      from: '        mayBegin: () => !this.#isRunning && this.life.isFree',
      to: '        mayBegin: () => this.life.isFree',
    },
    {
      name: 'an edge that there is not',
      seed: 5,
      file: 'machines/agent/life-states.ts',
      from: "      STOP: { target: to('ready'), actions: 'abortWork' },\n      FAIL: failsAtWork,\n      'GRANTED.TERMINATE': terminates,\n    },\n    initial: 'active',",
      to: "      STOP: { target: to('terminated'), actions: 'abortWork' },\n      FAIL: failsAtWork,\n      'GRANTED.TERMINATE': terminates,\n    },\n    initial: 'active',",
    },
    {
      name: 'an edge is not recorded',
      file: 'machines/agent/life-states.ts',
      from: "    entry: [...arrival('paused'), notify",
      to: "    entry: [{ type: 'arrive', params: { state: 'paused' } }, notify",
    },
    {
      name: 'a terminated agent keeps those who wait waiting',
      seed: 3,
      file: 'actors/agent/agent.ts',
      from: "&& this.life.isFree && this.life.state !== 'paused'",
      to: "&& this.life.isFree && this.life.state !== 'paused' && this.life.state !== 'terminated'",
    },
  ],
  { numRuns: 150 },
)
