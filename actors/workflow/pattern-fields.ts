/** What the run of a pattern has of its workflow. */
import type { WorkflowInfo } from '../../src/hooks/context.ts'
import type { EffectCall } from '../../src/hooks/operation/effect.ts'
import type { Work } from '../../src/hooks/operation/work.ts'
import type { Results } from './lane-run.ts'
import type { RunControl } from './run-control.ts'
import type { StateData } from './shared-state.ts'
import type { WorkflowParts } from './workflow-parts.ts'

/** What a pattern runs with. */
export interface PatternFields {
  readonly parts: WorkflowParts
  readonly work: Work
  readonly call: EffectCall
  readonly input: unknown
  readonly workflow: WorkflowInfo
  readonly control: RunControl
  readonly state: StateData
  readonly results: Results
}
