/** A gate of an operation: the hooks of a point, on the operation's data. */
import { HookchartError } from '../../errors.ts'
import type { GateData } from '../change.ts'
import { dataForHooks, hasGuards, runPass } from '../executor/fire.ts'
import type { Passed } from '../executor/fire.ts'
import { PassContext } from '../executor/hook-context.ts'
import type { Kernel } from '../executor/kernel.ts'
import type { Operation } from '../executor/operation.ts'
import type { GateRules, PassStart } from '../executor/pass.ts'
import { isPlain, runPlain } from '../executor/plain.ts'
import { GateRecord, under } from '../executor/records.ts'
import { CONTINUE, RUN } from '../executor/stages.ts'
import { wait } from '../flow.ts'
import type { Flow } from '../flow.ts'
import { checkByPoint } from '../points/schema.ts'
import type { Chain, Slot } from '../registry/slot.ts'

const FIRST: PassStart = { index: 0 }

/** Time that hooks took in an operation, by point. */
export type HookTime = Map<Slot, number>

/** Passes a gate that has hooks; undefined when none had anything to say. Throws DATA_NOT_JSON and POINT_DATA_INVALID. */
export function* passGate(
  kernel: Kernel,
  operation: Operation,
  chain: Chain,
  data: GateData,
  rules: GateRules,
  hookTime: HookTime,
  guardsOnly = false,
): Flow<Passed | undefined> {
  const { slot } = chain
  const { id: point, schema, phase } = slot.definition
  const { time } = kernel
  if (schema !== undefined) {
    const problem = yield* wait(checkByPoint(schema)(data))
    if (problem !== undefined) throw doesNotFit(operation, point, problem)
  }
  const at = time.coarse()
  const record = recordOf(kernel, operation, chain, at)
  const gatePass = record?.gatePass ?? operation.countPass(slot)
  const ctx = contextOf(operation, slot, record, dataForHooks(kernel, chain, data), at, gatePass, phase === 'before')
  const start = guardsOnly ? { index: chain.guardsFrom, guardsOnly } : FIRST
  const passed = yield* firing(kernel, operation, chain, ctx, rules, record, at, start)
  if (passed !== undefined) operation.state = passed.state
  const spentMs = passed?.spentMs ?? time.coarse() - at
  if (passed === undefined && record !== undefined) record.endedAt = at + spentMs
  hookTime.set(slot, (hookTime.get(slot) ?? 0) + spentMs)
  return passed
}

function* firing(
  kernel: Kernel,
  operation: Operation,
  chain: Chain,
  ctx: PassContext,
  rules: GateRules,
  record: GateRecord | undefined,
  at: number,
  start: PassStart,
): Flow<Passed | undefined> {
  if (start !== FIRST || !isPlain(kernel, chain) || operation.aborted !== undefined)
    return yield* wait(runPass(kernel, chain, ctx, rules, record, start))
  const end = runPlain(kernel, chain, ctx, operation, at)
  if (end === undefined) return quiet(kernel, operation, chain, ctx, at)
  if (!('wait' in end)) return yield* wait(runPass(kernel, chain, end.ctx, rules, record, end))
  return yield* wait(
    end.wait.settle<Passed | undefined>(
      (last) => quiet(kernel, operation, chain, last, at),
      (stop) => runPass(kernel, chain, stop.ctx, rules, record, stop),
    ),
  )
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

function recordOf(kernel: Kernel, operation: Operation, chain: Chain, at: number): GateRecord | undefined {
  const { run, id, component } = operation
  if (!run.recording) return undefined
  const cause = operation.record && under(operation.record)
  const record = new GateRecord(
    cause,
    chain,
    id,
    component,
    operation.countPass(chain.slot),
    at,
    kernel.trace === 'decisions',
  )
  run.record(record)
  return record
}

function contextOf(
  operation: Operation,
  slot: Slot,
  record: GateRecord | undefined,
  data: GateData,
  at: number,
  gatePass: number,
  before: boolean,
): PassContext {
  const { id, component, state, metadata, run, parent, attempts } = operation
  const info = { id, attempt: before ? attempts + 1 : Math.max(1, attempts), gatePass }
  const source = { record, operationFor: () => operation, settingsFor: () => slot.settings }
  return new PassContext(
    source,
    slot.definition.id,
    component,
    data,
    before ? RUN : CONTINUE,
    state,
    metadata,
    run.correlationId,
    info,
    Math.floor(at),
    parent,
  )
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
