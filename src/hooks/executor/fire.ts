/** Passing a gate with everything that may happen in it, and the data with which that begins. */
import { copyJson, findJsonFlaw, freezeJson, notJson } from '../../json.ts'
import type { GateData } from '../change.ts'
import { drive } from '../flow.ts'
import type { Flow, Maybe } from '../flow.ts'
import type { Chain } from '../registry/slot.ts'
import { operationOf } from './hook-context.ts'
import type { PassContext } from './hook-context.ts'
import type { Kernel } from './kernel.ts'
import { Pass } from './pass.ts'
import type { GateRules, PassStart } from './pass.ts'
import type { GateRecord } from './records.ts'
import { Scope } from './scope.ts'
import { decide } from './stages.ts'
import type { PassEnd } from './stages.ts'

/** A pass that has ended. */
export interface Passed {
  readonly end: PassEnd
  /** The data behind the gate. */
  readonly data: GateData
  /** Whether any change was accepted. */
  readonly changed: boolean
  /** Workflow state behind the gate. */
  readonly state: Readonly<Record<string, unknown>>
  /** Time that hooks took. */
  readonly spentMs: number
}

/** Runs a pass. Throws DATA_NOT_JSON when the data is none. */
export function runPass(
  kernel: Kernel,
  chain: Chain,
  ctx: PassContext,
  rules: GateRules,
  record: GateRecord | undefined,
  start: PassStart,
): Maybe<Passed> {
  const { gateTimeoutMs } = chain.slot.settings
  const scope = new Scope(ctx, start.data ?? ctx.data, gateTimeoutMs - (start.spentMs ?? 0), true)
  return drive(finish(new Pass(kernel, chain, operationOf(ctx), rules, scope, record), start))
}

function* finish(pass: Pass, start: PassStart): Flow<Passed> {
  const { scope, record, kernel, chain } = pass
  const deciding = decide(pass, start)
  const end = yield* start.owned === true || kernel.checked ? deciding : owningData(pass, deciding)
  const changed = scope.changes.length > 0
  if (record !== undefined) {
    record.endedAt = kernel.time.now()
    record.end = {
      type: end.type === 'continue' && changed ? 'modified' : end.type,
      hook: 'hook' in end ? end.hook : undefined,
      message: end.type === 'cancel' ? end.reason : end.type === 'fail' ? end.error.message : undefined,
      code: end.type === 'cancel' ? end.code : end.type === 'fail' ? end.error.code : undefined,
    }
  }
  return {
    end,
    data: scope.data,
    changed,
    state: scope.state,
    spentMs: chain.slot.settings.gateTimeoutMs - scope.leftMs + pass.observersMs,
  }
}

/**
 * The caller can change its own objects while a pass waits. So before the first wait the data becomes the pass's own:
 * what guards see from then on is what the effect gets.
 */
function* owningData<T>(pass: Pass, flow: Flow<T>): Flow<T> {
  const { chain, scope, point } = pass
  const first = flow.next()
  if (first.done === true) return first.value
  if (chain.guardsFrom < chain.observersFrom) {
    const flaw = findJsonFlaw(scope.data)
    if (flaw !== undefined) throw notJson(flaw, `The data of ${point}`)
    scope.data = copyJson(scope.data)
  }
  let awaited: PromiseLike<unknown> = first.value
  for (;;) {
    let step: IteratorResult<PromiseLike<unknown>, T>
    try {
      step = flow.next(yield awaited)
    } catch (error) {
      step = flow.throw(error)
    }
    if (step.done === true) return step.value
    awaited = step.value
  }
}

/** The data of a gate as hooks get it: in development and tests a frozen copy, checked; else the caller's own. */
export function dataForHooks(kernel: Kernel, data: GateData, point: string): GateData {
  if (!kernel.checked) return data
  const flaw = findJsonFlaw(data)
  if (flaw !== undefined) throw notJson(flaw, `The data of ${point}`)
  return freezeJson(copyJson(data))
}
