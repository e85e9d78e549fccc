/** A gate of an operation: the hooks of a point, on the operation's data. */
import { HookchartError } from '../../errors.ts'
import type { GateData } from '../change.ts'
import type { PointSettings } from '../executor-options.ts'
import { dataForHooks, hasGuards, runPass, watched } from '../executor/fire.ts'
import type { Passed } from '../executor/fire.ts'
import { PassContext, tellWhereabouts } from '../executor/hook-context.ts'
import type { ContextSource } from '../executor/hook-context.ts'
import type { Kernel } from '../executor/kernel.ts'
import type { Operation } from '../executor/operation.ts'
import type { GateRules, PassStart } from '../executor/pass.ts'
import { isPlain, runPlain } from '../executor/plain.ts'
import { GateRecord } from '../executor/gate-record.ts'
import { under } from '../executor/records.ts'
import { CONTINUE, RUN } from '../executor/stages.ts'
import { andThen } from '../flow.ts'
import type { Maybe } from '../flow.ts'
import { checkByPoint } from '../points/schema.ts'
import type { Chain, Slot } from '../registry/slot.ts'

const FIRST: PassStart = { index: 0 }

/** Passes a gate that has hooks; gives undefined when none had anything to say. Throws DATA_NOT_JSON and POINT_DATA_INVALID. */
export function passGate(
  kernel: Kernel,
  operation: Operation,
  chain: Chain,
  data: GateData,
  rules: GateRules,
  guardsOnly?: boolean,
): Maybe<Passed | undefined> {
  const { schema } = chain.slot.definition
  if (schema === undefined) return pass(kernel, operation, chain, data, rules, guardsOnly)
  return andThen(checkByPoint(schema)(data), (problem) => {
    if (problem !== undefined) throw doesNotFit(operation, chain.slot.definition.id, problem)
    return pass(kernel, operation, chain, data, rules, guardsOnly)
  })
}

function pass(
  kernel: Kernel,
  operation: Operation,
  chain: Chain,
  data: GateData,
  rules: GateRules,
  guardsOnly: boolean | undefined,
): Maybe<Passed | undefined> {
  const at = kernel.time.coarse()
  const use = operation.gateAt(chain.slot)
  use.passes++
  const record = recordOf(kernel, operation, chain, use.passes, at)
  const ctx = contextOf(operation, chain.slot, record, dataForHooks(kernel, chain, data), at, use.passes)
  const ended = (passed: Passed | undefined) => {
    if (passed !== undefined) operation.state = passed.state
    const spentMs = passed?.spentMs ?? kernel.time.coarse() - at
    // A pass that had something to say has said itself when it ended.
    if (record !== undefined && record.end === undefined) record.endedAt = at + spentMs
    use.hookMs += spentMs
    if (kernel.watch?.isOn === true) kernel.watch.passed(operation, watched(chain.slot, use.passes, passed, spentMs))
    return passed
  }
  const goOn = (from: PassContext, start: PassStart) =>
    andThen(runPass(kernel, chain, from, rules, record, start), ended)
  if (guardsOnly === true) return goOn(ctx, { index: chain.guardsFrom, guardsOnly })
  if (!isPlain(kernel, chain) || operation.aborted !== undefined) return goOn(ctx, FIRST)
  const end = runPlain<Passed | undefined>(kernel, chain, ctx, operation, at)
  if (end === undefined) return ended(quiet(kernel, operation, chain, ctx, at))
  if (!('wait' in end)) return goOn(end.ctx, end)
  return end.wait.settle({
    quiet: (last) => ended(quiet(kernel, operation, chain, last, at)),
    takeOver: (stop) => goOn(stop.ctx, stop),
  })
}

/** Nobody had anything to say; where guards have allowed it, what they have seen is what comes through. */
function quiet(
  { time }: Kernel,
  { state }: Operation,
  chain: Chain,
  { data }: PassContext,
  at: number,
): Passed | undefined {
  return hasGuards(chain) ? { end: NOTHING, data, changed: false, state, spentMs: time.coarse() - at } : undefined
}

const NOTHING = { type: 'continue', cache: undefined } as const

function recordOf(
  kernel: Kernel,
  operation: Operation,
  chain: Chain,
  pass: number,
  at: number,
): GateRecord | undefined {
  const { run, id, component } = operation
  if (!run.recording) return undefined
  const cause = operation.record && under(operation.record)
  const record = new GateRecord(cause, chain, id, component, pass, at, kernel.trace === 'decisions')
  run.record(record)
  return record
}

/** What the context of a gate asks its operation for. */
class GateSource implements ContextSource {
  readonly record: GateRecord | undefined
  readonly #operation: Operation
  readonly #slot: Slot

  constructor(operation: Operation, slot: Slot, record: GateRecord | undefined) {
    this.#operation = operation
    this.#slot = slot
    this.record = record
  }

  operationFor(): Operation {
    return this.#operation
  }

  settingsFor(): PointSettings {
    return this.#slot.settings
  }
}

function contextOf(
  operation: Operation,
  slot: Slot,
  record: GateRecord | undefined,
  data: GateData,
  at: number,
  gatePass: number,
): PassContext {
  const { id, component, state, metadata, run, parent, attempts } = operation
  const before = slot.definition.phase === 'before'
  const ctx = new PassContext(
    new GateSource(operation, slot, record),
    slot.definition.id,
    component,
    data,
    before ? RUN : CONTINUE,
    state,
    metadata,
    run.correlationId,
    { id, attempt: before ? attempts + 1 : Math.max(1, attempts), gatePass },
    Math.floor(at),
    parent,
  )
  if (operation.whereabouts !== undefined) tellWhereabouts(ctx, operation.whereabouts(data))
  return ctx
}

function doesNotFit({ component }: Operation, point: string, problem: string): HookchartError {
  return new HookchartError(
    'POINT_DATA_INVALID',
    `The data of ${component.name} does not fit the schema of ${point}: ${problem}.`,
    {
      details: { point, component: component.name },
    },
  )
}
