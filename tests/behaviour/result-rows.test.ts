/** Row 4 of the list of defects: each result of a hook has an effect that can be seen, at the points of tools, agents, workflows and steps. */
import { createSystem, defineAgent, defineTool, sequential, step } from 'hookchart'
import type { Step, System } from 'hookchart'
import { hook } from 'hookchart/hooks'
import type { HookContext, HookOptions, HookResult } from 'hookchart/hooks'
import { createTestClock, createTestIds } from 'hookchart/testing'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'

type Kind = 'tool' | 'agent' | 'workflow' | 'step'
type Phase = 'before' | 'after' | 'error'

const POINTS: Readonly<Record<Kind, Readonly<Record<Phase, string>>>> = {
  tool: { before: 'BeforeToolExecution', after: 'AfterToolExecution', error: 'ToolError' },
  agent: { before: 'BeforeAgentExecution', after: 'AfterAgentExecution', error: 'AgentError' },
  workflow: { before: 'BeforeWorkflowStart', after: 'AfterWorkflowComplete', error: 'WorkflowError' },
  step: { before: 'BeforeWorkflowStage', after: 'AfterWorkflowStage', error: 'WorkflowStepError' },
}

type Effect = (input: unknown) => unknown

const toolOf = (name: string, effect: Effect) =>
  defineTool({ name, description: name, input: z.unknown(), execute: ({ input }) => effect(input) })
const agentOf = (name: string, effect: Effect) => defineAgent({ name, execute: ({ input }) => effect(input) })
const stepOf = (name: string, effect: Effect) => step.run(name, ({ input }) => effect(input))
const workflowOf = (name: string, effect: Effect) => sequential({ name, steps: [stepOf('only', effect)] })

const other: Effect = (input) => `other ${String(input)}`
const never: Effect = () => {
  throw new Error('not to be run')
}

/** How something of a kind is executed, with `other` beside it. A step has its others behind it, where one is sent to them. */
function executing(kind: Kind, system: System, work: Effect, jumps: boolean) {
  switch (kind) {
    case 'tool': {
      system.tools.register(toolOf('other', other))
      const tool = toolOf('work', work)
      return () => system.tools.execute(tool, 1)
    }
    case 'agent': {
      system.agents.register(agentOf('other', other))
      const agent = agentOf('work', work)
      return () => system.agents.execute(agent, 1)
    }
    case 'workflow': {
      system.workflows.register(workflowOf('other', other))
      const workflow = workflowOf('work', work)
      return () => system.workflows.execute(workflow, 1)
    }
    case 'step': {
      const others = jumps ? [stepOf('between', never), stepOf('other', other)] : []
      const workflow = sequential({ name: 'line', steps: [stepOf('work', work), ...others] as [Step] })
      return () => system.workflows.execute(workflow, 1)
    }
  }
}

/** Something of a kind whose effect makes ten of one, or fails; what it may be sent to, `other`; and a tool, `aside`. */
function bench(kind: Kind, phase: Phase, result: HookResult) {
  const clock = createTestClock()
  const system = createSystem({ clock, ids: createTestIds(), tools: [toolOf('aside', () => 'aside')] })
  let calls = 0
  const work: Effect = (input) => {
    calls++
    if (phase === 'error') throw new Error('broken')
    return (input as number) * 10
  }
  const execute = executing(kind, system, work, result.type === 'redirect')
  /** A hook of what it is about, not of what it is sent to. */
  const at = (handler: (ctx: HookContext) => unknown, options: HookOptions) => {
    const own = (ctx: HookContext) =>
      (kind === 'step' ? ctx.step?.name : ctx.component.name) === 'work' ? handler(ctx) : undefined
    system.hooks.register(POINTS[kind][phase], own as never, options)
  }
  at(() => result, { name: 'x' })
  return { clock, system, execute, at, calls: () => calls }
}

/** How it ends with one result at one of its points. */
async function endWith(kind: Kind, phase: Phase, result: HookResult) {
  const { clock, system, execute, calls } = bench(kind, phase, result)
  const running = execute()
  await clock.settle()
  for (const { id } of system.approvals.pending()) await system.approvals.resume(id, hook.replace('asked'))
  await clock.advanceSteps(10_000)
  const { status, output, error } = await running
  return { status, calls: calls(), ...(output !== undefined && { output }), ...(error && { code: error.code }) }
}

const fork = hook.fork([{ id: 'a', type: 'tool', target: 'aside' }])
const mine = { code: 'MINE', name: 'E', message: 'm', retryable: false }

const rows: readonly (readonly [phase: Phase, result: HookResult, ends: object])[] = [
  ['before', hook.continue(), { status: 'completed', output: 10, calls: 1 }],
  ['before', hook.skipped('not mine'), { status: 'completed', output: 10, calls: 1 }],
  ['before', hook.modified({ input: 2 }), { status: 'completed', output: 20, calls: 1 }],
  ['before', hook.cancel('no'), { status: 'cancelled', code: 'HOOK_CANCELLED', calls: 0 }],
  ['before', hook.replace('r'), { status: 'completed', output: 'r', calls: 0 }],
  ['before', hook.redirect('other'), { status: 'completed', output: 'other 1', calls: 0 }],
  ['before', hook.retry({ maxAttempts: 2 }), { status: 'failed', code: 'ATTEMPTS_EXHAUSTED', calls: 0 }],
  ['before', fork, { status: 'completed', output: 10, calls: 1 }],
  ['before', hook.suspend({ question: '?' }), { status: 'completed', output: 'asked', calls: 0 }],
  ['after', hook.continue(), { status: 'completed', output: 10, calls: 1 }],
  ['after', hook.skipped('not mine'), { status: 'completed', output: 10, calls: 1 }],
  ['after', hook.modified({ output: 2 }), { status: 'completed', output: 2, calls: 1 }],
  ['after', hook.cancel('no'), { status: 'failed', code: 'HOOK_CANCELLED', calls: 1 }],
  ['after', hook.replace('r'), { status: 'completed', output: 'r', calls: 1 }],
  ['after', hook.redirect('other'), { status: 'completed', output: 'other 10', calls: 1 }],
  ['after', hook.retry({ maxAttempts: 2 }), { status: 'failed', code: 'ATTEMPTS_EXHAUSTED', calls: 2 }],
  ['after', fork, { status: 'completed', output: 10, calls: 1 }],
  ['after', hook.suspend({ question: '?' }), { status: 'completed', output: 'asked', calls: 1 }],
  ['error', hook.continue(), { status: 'failed', code: 'EFFECT_FAILED', calls: 1 }],
  ['error', hook.skipped('not mine'), { status: 'failed', code: 'EFFECT_FAILED', calls: 1 }],
  ['error', hook.modified({ error: mine }), { status: 'failed', code: 'MINE', calls: 1 }],
  ['error', hook.cancel('no'), { status: 'failed', code: 'HOOK_CANCELLED', calls: 1 }],
  ['error', hook.replace('r'), { status: 'completed', output: 'r', calls: 1 }],
  ['error', hook.redirect('other'), { status: 'completed', output: 'other 1', calls: 1 }],
  ['error', hook.retry({ maxAttempts: 2 }), { status: 'failed', code: 'ATTEMPTS_EXHAUSTED', calls: 2 }],
  ['error', fork, { status: 'failed', code: 'EFFECT_FAILED', calls: 1 }],
  ['error', hook.suspend({ question: '?' }), { status: 'completed', output: 'asked', calls: 1 }],
]

describe.each(['tool', 'agent', 'workflow', 'step'] as const)(
  'row 4: every result has an effect, at points of a %s',
  (kind) => {
    test.each(rows)('row 4: %s, %o', async (phase, result, ends) => {
      expect(await endWith(kind, phase, result)).toEqual(ends)
    })

    test.each(['before', 'after', 'error'] as const)(
      'row 4: what a fork gave is in the data of the hooks behind it, %s',
      async (phase) => {
        const { execute, at } = bench(kind, phase, fork)
        const seen: unknown[] = []
        at(({ data }) => void seen.push(data.forks), { name: 'behind' })
        await execute()
        expect(seen).toEqual([{ a: { status: 'completed', output: 'aside' } }])
      },
    )

    test('row 4: what is cached is given without the effect; for another input it runs', async () => {
      const { execute, at, calls } = bench(kind, 'before', hook.cache({ key: 'k' }))
      expect([(await execute()).output, calls()]).toEqual([10, 1])
      expect([(await execute()).output, calls()]).toEqual([10, 1])
      at(() => hook.modified({ input: 2 }), { name: 'two', priority: 'highest' })
      expect([(await execute()).output, calls()]).toEqual([20, 2])
    })
  },
)
