/** A conditional workflow as a machine: the tests, the choice, and a state for each branch with its steps inside. */
import { and, assign, setup } from 'xstate'
import type { EventObject } from 'xstate'
import { hooked, told } from '../outcome-guards.ts'
import { beginLane, gateState, laneParts, laneStates, stateNames, toldBy } from './lane.ts'
import type { LaneContext, LanesContext } from './lane.ts'
import type { ConditionalWorkflow } from './tree.ts'
import { END_NAMES, workflowEnds } from './workflow-ends.ts'
import type { WorkflowMachineInput } from './workflow-ends.ts'

/** Where a conditional workflow stands. JSON. */
export interface ConditionalContext extends LanesContext {
  /** What each branch is given. */
  readonly input: unknown
  /** Branches that are still to run, the next one first. */
  readonly matched: readonly string[]
  /** The branch that runs, or is about to. */
  readonly chosen: string | null
  /** Whether the default branch has had its chance. */
  readonly hasChosen: boolean
}

interface Args {
  readonly context: ConditionalContext
  readonly event: EventObject
}

/**
 * Makes the machine of a conditional workflow. It invokes `test`, `step` and `gate`. All that is tested is tested before a branch
 * runs; the default branch is chosen when nothing has matched.
 *
 * @example
 * ```ts
 * import { conditional, step } from 'hookchart'
 * import { conditionalMachine } from 'hookchart/machines'
 * const answer = conditional({
 *   name: 'answer',
 *   branches: [{ name: 'always', condition: { type: 'always' }, steps: [step.run('say', () => 1)] }],
 * })
 * console.assert('testing always' in conditionalMachine(answer).states)
 * ```
 */
export function conditionalMachine({ name, branches, executeAllMatching }: ConditionalWorkflow) {
  const otherwise = branches.find(({ isDefault }) => isDefault)?.name
  const tested = branches.flatMap((branch, index) => (branch.isDefault ? [] : [{ branch, index }]))
  const names = stateNames(
    branches.map((branch) => branch.name),
    [...END_NAMES, 'choosing', 'selecting', 'branching'],
  )
  const testing = (i: number) => {
    const at = tested[i]
    return at === undefined ? 'choosing' : `testing ${names[at.index] as string}`
  }
  const states: Record<string, object> = {}
  for (const [i, { branch, index }] of tested.entries()) {
    const next = testing(i + 1)
    const match = { type: 'match', params: { branch: branch.name } }
    states[testing(i)] = {
      invoke: {
        src: 'test',
        input: { branch: branch.name, index },
        onDone: [
          { guard: told('holds'), target: executeAllMatching ? next : 'choosing', actions: match },
          { guard: told('fails'), target: next },
          { guard: told('refused'), target: 'cancelled' },
          { target: 'failed' },
        ],
      },
    }
  }
  states['choosing'] = {
    entry: { type: 'choose', params: { otherwise: otherwise ?? null } },
    always: [
      { guard: and(['isChosen', hooked('BranchSelection')] as never), target: 'selecting' },
      { guard: 'isChosen', target: 'branching' },
      // Where there is a default branch, the only branch that runs has always been chosen.
      ...(otherwise !== undefined && !executeAllMatching ? [] : [{ target: 'ending' }]),
    ],
  }
  states['selecting'] = gateState(
    'BranchSelection',
    '',
    [
      { guard: told('completed'), target: 'branching', actions: 'select' },
      { guard: told('refused'), target: 'cancelled' },
      { target: 'failed' },
    ],
    ({ context }: { context: ConditionalContext }) => ({ branch: context.chosen }),
  )
  states['branching'] = {
    always: branches.map((branch, i) => ({
      guard: { type: 'isBranch', params: { branch: branch.name } },
      target: names[i],
      actions: { type: 'beginBranch', params: { lane: branch.name } },
    })),
  }
  const ends = { completed: 'branch completed', failed: '#failed', cancelled: '#cancelled' }
  for (const [i, { name: lane, steps }] of branches.entries()) {
    const { initial, states: inner } = laneStates(lane, steps, ends)
    states[names[i] as string] = {
      initial,
      states: { ...inner, 'branch completed': { type: 'final' } },
      onDone: executeAllMatching ? 'choosing' : 'ending',
    }
  }
  return setup({
    types: { context: {} as ConditionalContext, input: {} as WorkflowMachineInput },
    // Their types are those of the states, which are made for any workflow.
    ...({
      guards: {
        ...laneParts.guards,
        isChosen: ({ context }: Args) => context.chosen !== null,
        isBranch: ({ context }: Args, { branch }: { readonly branch: string }) => context.chosen === branch,
      },
      actions: {
        ...laneParts.actions,
        match: assign(({ context }: Args, { branch }: { readonly branch: string }) => ({
          matched: [...context.matched, branch],
        })),
        choose: assign(({ context }: Args, { otherwise: last }: { readonly otherwise: string | null }) => {
          const [chosen = context.hasChosen ? null : last, ...matched] = context.matched
          return { chosen, matched, hasChosen: true }
        }),
        /** Hooks may send it to a branch that has run before. */
        beginBranch: assign(({ context }: Args, { lane }: { readonly lane: string }) => ({
          lanes: { ...context.lanes, [lane]: { ...context.lanes[lane], value: context.input } as LaneContext },
        })),
        select: assign(({ event }: Args) => toldBy(event).note ?? {}),
      },
    } as object),
  }).createMachine({
    id: name,
    version: '1',
    context: ({ input }) => ({
      input: input.input,
      lanes: Object.fromEntries(branches.map((branch) => [branch.name, beginLane(input.input)])),
      matched: [],
      chosen: null,
      hasChosen: false,
    }),
    initial: testing(0),
    states: { ...states, ...workflowEnds },
  })
}
