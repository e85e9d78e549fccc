/** Starts a step as an operation for the chart of its workflow, and tells the chart what it came to. */
import { toHookchartError } from '../../src/errors.ts'
import type { Aborts } from '../../src/hooks/abort-signals.ts'
import { andThen } from '../../src/hooks/flow.ts'
import type { Maybe } from '../../src/hooks/flow.ts'
import { callOf } from '../../src/hooks/operation/effect.ts'
import { execute } from '../../src/hooks/operation/start.ts'
import type { RunResult } from '../../src/hooks/run-result.ts'
import type { EffectCall as ChartCall } from '../../machines/compiled/run-options.ts'
import type { LaneOutcome } from '../../machines/workflow/lane.ts'
import type { Step } from '../../machines/workflow/tree.ts'
import type { PatternFields } from './pattern-fields.ts'
import { StepOperation, StepTargets } from './step-operation.ts'
import type { StepRun } from './step-operation.ts'

const NO_OPTIONS = {}

/** Runs the step of a lane for the chart that invokes it. */
export function startStep(
  { parts, work, call }: PatternFields,
  run: StepRun,
  value: unknown,
  chart: ChartCall,
): Maybe<LaneOutcome> {
  const { kernel, operation } = work
  const { lane, index } = run
  const step = lane.steps[index] as Step
  const charted = parts.stepOf(step)
  const result = execute(
    kernel,
    {
      component: charted.component,
      targets: new StepTargets(run, parts.host.targets),
      begin: (fields: ConstructorParameters<typeof StepOperation>[0]) => new StepOperation(fields, charted, run),
    },
    value,
    NO_OPTIONS,
    {
      parent: operation,
      cause: callOf(call)?.cause,
      depth: operation.depth,
      maxDepth: kernel.settledSlot.settings.maxDepth,
      redirects: lane.jumpsBack,
      signal: undefined,
      aborts: new AbortsOfChart(chart),
      timeoutMs: operation.dueAt === undefined ? operation.hookLimitMs : operation.remainingMs(kernel.time.now()),
    },
  )
  return andThen(result, (each) => stepped(each, run, step, chart))
}

/** What a run of a step came to, for the chart. */
function stepped({ status, output, error }: RunResult, run: StepRun, { name }: Step, chart: ChartCall): LaneOutcome {
  const { lane, jump } = run
  run.error = error
  if (chart.isStopped) return { type: 'refused' }
  if (jump !== undefined) {
    lane.state = run.state
    return lane.jumpTo(jump.target, run.index, jump.value)
  }
  if (status === 'completed' || status === 'partial') {
    lane.state = run.state
    lane.completed(name, output)
    const isPartial = run.isPartial || status === 'partial'
    return { type: 'completed', note: isPartial ? { value: output, isPartial } : { value: output } }
  }
  lane.ended.set(name, 'failed')
  return lane.fails(toHookchartError(error), status === 'cancelled' ? 'refused' : 'failed')
}

/** A step ends when the chart of its workflow leaves it, for the reason that an AbortController gives by itself. */
class AbortsOfChart implements Aborts {
  readonly #chart: ChartCall

  constructor(chart: ChartCall) {
    this.#chart = chart
  }

  onAbort(listener: (reason: unknown) => void): () => void {
    return this.#chart.onStop(() => {
      listener(new DOMException('This operation was aborted', 'AbortError'))
    })
  }
}
