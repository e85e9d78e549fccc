/** Passing a gate with everything that may happen in it, and the data with which that begins. */
import { copyJson, findJsonFlaw, freezeJson, notJson } from '../../json.ts'
import type { GateData } from '../change.ts'
import { drive } from '../flow.ts'
import type { Flow, Maybe } from '../flow.ts'
import type { Chain, Slot } from '../registry/slot.ts'
import { operationOf } from './hook-context.ts'
import type { PassContext } from './hook-context.ts'
import type { Kernel } from './kernel.ts'
import { Pass } from './pass.ts'
import type { GateRules, PassStart } from './pass.ts'
import type { GateRecord } from './gate-record.ts'
import { Scope } from './scope.ts'
import { decide } from './stages.ts'
import type { PassEnd } from './stages.ts'
import type { WatchedPass } from './watch.ts'

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

/** Runs a pass. */
export function runPass(
  kernel: Kernel,
  chain: Chain,
  ctx: PassContext,
  rules: GateRules,
  record: GateRecord | undefined,
  start: PassStart,
): Maybe<Passed> {
  const { gateTimeoutMs } = chain.slot.settings
  const scope = new Scope(ctx, ctx.data, gateTimeoutMs - (start.spentMs ?? 0), true)
  return drive(finish(new Pass(kernel, chain, operationOf(ctx), rules, scope, record), start))
}

function* finish(pass: Pass, start: PassStart): Flow<Passed> {
  const { scope, record, kernel, chain } = pass
  const end = yield* decide(pass, start)
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
 * The data of a gate as hooks get it. With guards it is a copy: whatever its owner does to its own object while hooks or a
 * journal wait, what guards have seen is what comes through. In development and tests it is a frozen copy in any case.
 */
export function dataForHooks({ checked }: Kernel, chain: Chain, data: GateData): GateData {
  if (!checked && !hasGuards(chain)) return data
  const flaw = findJsonFlaw(data)
  if (flaw !== undefined) throw notJson(flaw, `The data of ${chain.slot.definition.id}`)
  const copy = copyJson(data)
  return checked ? freezeJson(copy) : copy
}

/** Whether anybody vouches for what comes through a gate. */
export function hasGuards({ guardsFrom, observersFrom }: Chain): boolean {
  return guardsFrom < observersFrom
}

/** A pass as who looks on is told of it. */
export function watched(slot: Slot, pass: number, passed: Passed | undefined, durationMs: number): WatchedPass {
  const end = passed?.end
  const type = end?.type ?? 'continue'
  return {
    point: slot.definition.id,
    pass,
    decision: type === 'continue' && passed?.changed === true ? 'modified' : type,
    hook: end !== undefined && 'hook' in end ? end.hook : undefined,
    durationMs,
  }
}
