/** A sequence while it runs: one lane. */
import type { LanesContext } from '../../machines/workflow/lane.ts'
import type { SequentialWorkflow } from '../../machines/workflow/tree.ts'
import { Lane } from './lane-run.ts'
import { PatternRun } from './pattern-run.ts'
import type { StepPlace } from './step-place.ts'

/** See the head of this file. */
export class SequentialRun extends PatternRun {
  protected readonly effects = {}

  protected makeLane(name: string): Lane {
    const { state, results, parts } = this.fields
    return new Lane(name, (parts.definition as SequentialWorkflow).steps, state, results)
  }

  protected override placeOf(): StepPlace {
    return {}
  }

  protected outputOf({ lanes }: LanesContext): unknown {
    return lanes['steps']?.value
  }

  protected override onEnd(): void {
    this.state = this.lane('steps').state
  }

  progress(): Readonly<Record<string, unknown>> {
    return { results: this.lane('steps').outputs }
  }
}
