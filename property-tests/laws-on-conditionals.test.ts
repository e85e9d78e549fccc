/** Laws 3, 4, 8, 12 to 15 on conditional workflows: which branches run, in what order, and what they give, as a plain reference says. */
import fc from 'fast-check'
import * as actors from 'hookchart/actors'
import { conditional } from 'hookchart/machines'
import { testLawOf } from './support/law.ts'
import { lane, leaves } from './support/workflow-reference.ts'
import type { Cursor, End } from './support/workflow-reference.ts'
import { assertWorkflow, MAX_REDIRECTS, planAt, stepNames } from './support/workflow-scenario.ts'

const GATES = ['ConditionEvaluation', 'BranchSelection', 'WorkflowStageTransition']

const scenario = fc.record({
  plan: planAt(...GATES),
  branches: fc.array(fc.record({ holds: fc.boolean(), steps: fc.integer({ min: 1, max: 2 }) }), {
    minLength: 1,
    maxLength: 3,
  }),
  /** Which is the default one; none beyond the last. */
  otherwise: fc.integer({ min: 0, max: 4 }),
  executeAllMatching: fc.boolean(),
})

function law(names: typeof actors) {
  return fc.asyncProperty(scenario, fc.scheduler(), async ({ plan, ...given }, scheduler) => {
    const branches = given.branches.map(({ holds, steps }, i) => ({
      ...{ name: `b${i}`, holds, isDefault: i === given.otherwise },
      steps: stepNames(`b${i}s`, steps),
    }))
    const { executeAllMatching } = given
    await assertWorkflow(names, scheduler, {
      ...{ plan, gates: GATES, lanes: branches.map(({ steps }) => steps), branches: branches.map(({ name }) => name) },
      define: (stepOf, common) =>
        conditional({
          ...(common as { name: string }),
          executeAllMatching,
          branches: branches.map(({ name, holds, isDefault, steps }) => ({
            ...{ name, steps: steps.map(stepOf) },
            ...(isDefault ? { isDefault: true as const } : { condition: () => holds }),
          })) as never,
        }),
      course: (cursor, input) => course(cursor, input, branches, executeAllMatching),
    })
  })
}

interface Branch {
  readonly name: string
  readonly holds: boolean
  readonly isDefault: boolean
  readonly steps: readonly string[]
}

/** All is tested before any branch runs, or up to the first that holds; the default branch when none does. */
function course(cursor: Cursor, input: unknown, branches: readonly Branch[], all: boolean): End {
  const matched: string[] = []
  for (const [index, { name, holds, isDefault }] of branches.entries()) {
    if (isDefault || (!all && matched.length > 0)) continue
    const { decision } = leaves(cursor.gate('ConditionEvaluation', { input, branch: name, index }))
    if (decision.type === 'cancel') return { type: 'refused' }
    if (decision.type === 'replace' ? decision.value : holds) matched.push(name)
  }
  const otherwise = branches.find(({ isDefault }) => isDefault)
  if (matched.length === 0 && otherwise !== undefined) matched.push(otherwise.name)
  const outputs = new Map<string, unknown>()
  let last = ''
  let jumps = { back: 0 }
  for (const match of matched) {
    const isDefault = match === otherwise?.name
    const { decision } = leaves(cursor.gate('BranchSelection', { input, branch: match, isDefault }))
    if (decision.type === 'cancel') return { type: 'refused' }
    const chosen = decision.type === 'redirect' ? decision.target : match
    const branch = branches.find(({ name }) => name === chosen)
    if (branch === undefined) return { type: 'failed' }
    if (chosen !== last) jumps = { back: 0 }
    last = chosen
    const options = { steps: branch.steps, jumps, maxRedirects: MAX_REDIRECTS }
    const end = lane(cursor, options, input)
    if (end.type !== 'completed' && end.type !== 'partial') return end
    outputs.set(chosen, end.value)
    if (!all) return end
  }
  const inOrder = branches.flatMap(({ name }) => (outputs.has(name) ? [[name, outputs.get(name)]] : []))
  return { type: 'completed', value: all ? Object.fromEntries(inOrder) : undefined }
}

testLawOf(
  actors,
  'actors/index.ts',
  'laws 3, 4, 8, 12 to 15 on conditional workflows',
  law,
  [
    {
      name: 'what a hook puts in the place of a condition is turned round',
      file: 'actors/workflow/conditional-run.ts',
      from: 'end.value === true',
      to: 'end.value !== true',
    },
    {
      name: 'a branch that is refused runs all the same',
      file: 'actors/workflow/conditional-run.ts',
      from: "passed.end.type === 'continue'",
      to: "passed.end.type !== 'redirect'",
    },
    {
      name: 'branches run in the reverse order',
      file: 'machines/workflow/conditional-machine.ts',
      from: 'matched: [...context.matched, branch]',
      to: 'matched: [branch, ...context.matched]',
    },
    {
      name: 'what it gives stands in the order in which it came',
      file: 'actors/workflow/conditional-run.ts',
      from: 'const inOrder = this.#definition.branches.flatMap(({ name }) => outputs.filter(([branch]) => branch === name))',
      to: 'const inOrder = outputs',
      seed: 839414,
    },
    {
      name: 'a pause is for nothing',
      file: 'actors/workflow/run-control.ts',
      from: 'if (!this.#isPaused || step.isStopped)',
      to: 'if (this.#isPaused || step.isStopped)',
    },
  ],
  { numRuns: 60 },
)
