/** A conditional workflow while it runs: tests, the choice, and one branch after another. */
import type { Flow } from '../../src/hooks/flow.ts'
import type { EffectCall as ChartCall } from '../../machines/compiled/run-options.ts'
import type { GateInput, TestInput } from '../../machines/workflow/effects.ts'
import type { LanesContext } from '../../machines/workflow/lane.ts'
import type { ConditionalBranch, ConditionalWorkflow } from '../../machines/workflow/tree.ts'
import { holds } from './conditions.ts'
import { Lane } from './lane-run.ts'
import { PatternRun } from './pattern-run.ts'
import type { Told } from './pattern-run.ts'

/** See the head of this file. */
export class ConditionalRun extends PatternRun {
  protected readonly effects = { test: (call: ChartCall) => this.#test(call.input as TestInput) }
  /** What the branches share: state and results. */
  readonly #whole = new Lane('', [], this.fields.state, this.fields.results)
  /** Branches that ran, in order. */
  readonly #ran: Lane[] = []

  get #definition(): ConditionalWorkflow {
    return this.fields.parts.definition as ConditionalWorkflow
  }

  /** A branch begins with what those before it left. */
  protected makeLane(name: string): Lane {
    const { steps } = this.#definition.branches.find((branch) => branch.name === name) as ConditionalBranch
    const { state, outputs, ended } = this.#last
    const lane = new Lane(name, steps, state, { outputs, ended })
    this.#ran.push(lane)
    return lane
  }

  /** One that hooks send it to again, behind others, begins with what those have left. */
  protected override lane(name: string): Lane {
    if (this.#last.name !== name) this.lanes.delete(name)
    return super.lane(name)
  }

  get #last(): Lane {
    return this.#ran.at(-1) ?? this.#whole
  }

  protected outputOf({ lanes }: LanesContext): unknown {
    const outputs = this.#ran.map(({ name }) => [name, lanes[name]?.value] as const)
    if (!this.#definition.executeAllMatching) return outputs[0]?.[1]
    const inOrder = this.#definition.branches.flatMap(({ name }) => outputs.filter(([branch]) => branch === name))
    return Object.fromEntries(inOrder.filter(([, output]) => output !== undefined))
  }

  protected override onEnd(): void {
    this.state = this.#last.state
  }

  progress(): Readonly<Record<string, unknown>> {
    return { results: this.#last.outputs }
  }

  *#test({ branch, index }: TestInput): Flow<Told> {
    const { input } = this.fields
    const lane = this.#whole
    const passed = yield* this.pass('ConditionEvaluation', { input, branch, index }, lane)
    const end = passed?.end
    if (end?.type === 'replace') return { type: end.value === true ? 'holds' : 'fails' }
    if (end !== undefined && end.type !== 'continue') return this.ended('ConditionEvaluation', end, lane)
    const { condition } = this.#definition.branches[index] as ConditionalBranch
    const scope = this.scopeOf(lane)
    const answer = yield* holds(condition ?? { type: 'always' }, {
      ...{ scope, ended: lane.ended },
      onRead: this.onRead(lane),
    })
    return { type: answer ? 'holds' : 'fails' }
  }

  protected override *decide({ point, branch = '' }: GateInput): Flow<Told> {
    const { branches } = this.#definition
    const lane = this.#last
    const isDefault = branches.find(({ name }) => name === branch)?.isDefault ?? false
    const passed = yield* this.pass(point, { input: this.fields.input, branch, isDefault }, lane)
    if (passed === undefined || passed.end.type === 'continue') return { type: 'completed' }
    const { end } = passed
    if (end.type !== 'redirect') return this.ended(point, end, lane)
    if (!branches.some(({ name }) => name === end.target)) throw this.unknownTarget(point, end, branches, 'branch')
    return { type: 'completed', note: { chosen: end.target } }
  }
}
