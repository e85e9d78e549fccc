/** Firing a point outside any operation: `hooks.run`. */
import { HookchartError } from '../../errors.ts'
import type { RecordContent } from '../../ports/journal.ts'
import { whenAborted } from '../abort-signals.ts'
import type { GateData } from '../change.ts'
import type { ComponentInfo } from '../context.ts'
import { CONTINUE_DECISION } from '../decision.ts'
import type { Decision } from '../decision.ts'
import type { PointSettings } from '../executor-options.ts'
import { andThen, isPromise, lastly } from '../flow.ts'
import type { Maybe } from '../flow.ts'
import type { PointDefinition } from '../points/point.ts'
import { checkByPoint, checkBySchema } from '../points/schema.ts'
import type { Chain, Slot } from '../registry/slot.ts'
import { dataForHooks, runPass, watched } from './fire.ts'
import type { Passed } from './fire.ts'
import { knownOperationOf, operationOf, PassContext } from './hook-context.ts'
import type { ContextSource } from './hook-context.ts'
import type { Kernel } from './kernel.ts'
import { Operation } from './operation.ts'
import type { GateRules, PassStart } from './pass.ts'
import { isPlain, runPlain } from './plain.ts'
import { GateRecord } from './gate-record.ts'
import { Run, written } from './run.ts'
import { CONTINUE, RUN } from './stages.ts'

/** Options of `hooks.run`. */
export interface FireOptions {
  /** What the point fires for; default the point itself. */
  readonly component?: { readonly type: ComponentInfo['type']; readonly name: string; readonly id?: string }
  readonly signal?: AbortSignal
  readonly correlationId?: string
  readonly metadata?: Readonly<Record<string, unknown>>
}

const NONE: Readonly<Record<string, unknown>> = Object.freeze({})
const FIRST: PassStart = { index: 0 }

/** Fires points outside any operation. */
export class PointFirer implements ContextSource {
  readonly record = undefined
  readonly #kernel: Kernel
  readonly #rules = new WeakMap<PointDefinition, GateRules>()

  constructor(kernel: Kernel) {
    this.#kernel = kernel
  }

  fire(slot: Slot, data: GateData, options: FireOptions | undefined): Decision | Promise<Decision> {
    const kernel = this.#kernel
    const component = options?.component === undefined ? slot.component : completed(options.component)
    const chain = slot.chainFor(component)
    if (chain === null) return CONTINUE_DECISION
    if (kernel.stopped) throw stopped(slot.definition.id)
    const { schema } = slot.definition
    if (schema !== undefined) {
      const problem = checkBySchema(schema, data)
      if (isPromise(problem)) return this.#checkThenFire(problem, chain, component, data, options)
      if (problem !== undefined) throw badData(slot, problem)
    }
    return this.#fire(chain, component, data, options)
  }

  async #checkThenFire(
    check: PromiseLike<string | undefined>,
    chain: Chain,
    component: ComponentInfo,
    data: GateData,
    options: FireOptions | undefined,
  ) {
    const problem = await check
    if (problem !== undefined) throw badData(chain.slot, problem)
    return this.#fire(chain, component, data, options)
  }

  #fire(
    chain: Chain,
    component: ComponentInfo,
    data: GateData,
    options: FireOptions | undefined,
  ): Decision | Promise<Decision> {
    const kernel = this.#kernel
    const { time } = kernel
    const { id: point, phase } = chain.slot.definition
    const id = kernel.ids.next()
    const at = time.coarse()
    const ctx = new PassContext(
      this,
      point,
      component,
      dataForHooks(kernel, chain, data),
      phase === 'before' ? RUN : CONTINUE,
      NONE,
      options?.metadata === undefined ? NONE : Object.freeze({ ...options.metadata }),
      options?.correlationId ?? id,
      { id, attempt: 1, gatePass: 1 },
      Math.floor(at),
      undefined,
    )
    if (options?.signal !== undefined) return this.#fireUntilAborted(chain, ctx, options.signal)
    if (kernel.watch?.isOn === true || !isPlain(kernel, chain)) return this.#runPass(chain, ctx, FIRST)
    const end = runPlain<Decision>(kernel, chain, ctx, undefined, at)
    if (end === undefined) return this.#quiet(chain, ctx, at)
    if (!('wait' in end)) return this.#runPass(chain, end.ctx, end)
    return end.wait.settle({
      quiet: (last) => this.#quiet(chain, last, at),
      takeOver: (stop) => this.#runPass(chain, stop.ctx, stop),
    })
  }

  operationFor({ correlationId, component, metadata, operation: { id } }: PassContext): Operation {
    const { journal, targets } = this.#kernel
    const run = new Run(this.#kernel, id, correlationId, false, journal)
    return new Operation({ id, run, component, metadata, targets })
  }

  settingsFor(point: string): PointSettings {
    return this.#kernel.registry.points.slot(point).settings
  }

  #fireUntilAborted(chain: Chain, ctx: PassContext, signal: AbortSignal): Decision | Promise<Decision> {
    const operation = operationOf(ctx)
    const release = whenAborted(signal, () => {
      operation.abort(signal.reason)
    })
    return lastly(() => this.#runPass(chain, ctx, FIRST), release)
  }

  #runPass(chain: Chain, ctx: PassContext, start: PassStart): Decision | Promise<Decision> {
    const kernel = this.#kernel
    const operation = operationOf(ctx)
    const { run, id, component } = operation
    const record = run.recording
      ? new GateRecord(undefined, chain, id, component, 1, kernel.time.now(), kernel.trace === 'decisions')
      : undefined
    if (record !== undefined) run.record(record)
    const at = kernel.time.coarse()
    const toDecision = (end: Passed) => {
      const { watch } = kernel
      if (watch?.isOn === true) watch.passed(operation, watched(chain.slot, 1, end, kernel.time.coarse() - at))
      return decisionOf(end)
    }
    let passed: Passed | Promise<Passed>
    try {
      passed = runPass(kernel, chain, ctx, this.#rulesOf(chain.slot.definition), record, start)
    } catch (error) {
      return andThen(run.end(component), () => {
        throw error
      })
    }
    if (!isPromise(passed)) return andThen(run.end(component), () => toDecision(passed))
    kernel.running.add(operation)
    const decision = passed
      .finally(() => {
        kernel.running.delete(operation)
        return run.end(component)
      })
      .then(toDecision)
    run.outcome = decision
    return decision
  }

  #rulesOf(definition: PointDefinition): GateRules {
    let rules = this.#rules.get(definition)
    if (rules === undefined)
      this.#rules.set(definition, (rules = { checkData: definition.schema && checkByPoint(definition.schema) }))
    return rules
  }

  /** Nobody had anything to say. */
  #quiet(chain: Chain, ctx: PassContext, at: number): Maybe<Decision> {
    const { journal, trace, time } = this.#kernel
    const operation = knownOperationOf(ctx)
    if (journal !== undefined && trace === 'full') {
      const record = new QuietFiring(ctx.operation.id, ctx.correlationId, chain, ctx.component, at, time.coarse())
      if (operation === undefined)
        void written(ctx.component, () => {
          journal.append(record)
        })
      else operation.run.record(record.gate)
    }
    return operation === undefined
      ? CONTINUE_DECISION
      : andThen(operation.run.end(operation.component), () => CONTINUE_DECISION)
  }
}

/** A firing in which every hook did nothing but continue: all that is kept of it until somebody reads it. */
class QuietFiring {
  readonly run: string
  readonly correlationId: string
  readonly #chain: Chain
  readonly #component: ComponentInfo
  readonly #at: number
  readonly #endedAt: number

  constructor(run: string, correlationId: string, chain: Chain, component: ComponentInfo, at: number, endedAt: number) {
    this.run = run
    this.correlationId = correlationId
    this.#chain = chain
    this.#component = component
    this.#at = at
    this.#endedAt = endedAt
  }

  get gate(): GateRecord {
    const gate = new GateRecord(undefined, this.#chain, this.run, this.#component, 1, this.#at, false)
    gate.endedAt = this.#endedAt
    return gate
  }

  toRecord(): RecordContent {
    return this.gate.toRecord()
  }
}

/** A decision as users get it. */
export function decisionOf({ end, data, changed }: Passed): Decision {
  const message = 'message' in end && end.message !== undefined ? { message: end.message } : {}
  switch (end.type) {
    case 'continue':
      return changed || end.cache !== undefined
        ? { type: 'modified', data, ...(end.cache && { cache: end.cache }) }
        : CONTINUE_DECISION
    case 'cached':
      return { type: 'replace', value: end.value, hook: end.hook, data }
    case 'replace':
      return { type: 'replace', value: end.value, hook: end.hook, data, ...message }
    case 'redirect':
      return { type: 'redirect', target: end.target, hook: end.hook, data, ...message }
    case 'retry':
      return { type: 'retry', delayMs: end.delayMs, maxAttempts: end.maxAttempts, hook: end.hook, data, ...message }
    case 'cancel': {
      const { code, reason, hook, cause } = end
      return {
        type: 'cancel',
        code,
        reason,
        data,
        ...(hook !== undefined && { hook }),
        ...(cause !== undefined && { cause }),
        ...message,
      }
    }
    case 'fail':
      throw end.error
  }
}

function completed({ type, name, id = name }: NonNullable<FireOptions['component']>): ComponentInfo {
  return { type, name, id }
}

function badData({ definition }: Slot, problem: string): HookchartError {
  return new HookchartError(
    'POINT_DATA_INVALID',
    `The data given to ${definition.id} does not fit its schema: ${problem}.`,
    {
      details: { point: definition.id },
    },
  )
}

/** Refuses new work. */
export function stopped(what: string): HookchartError {
  return new HookchartError('HOOKS_STOPPED', `${what} was not run: these hooks were stopped.`, { details: { what } })
}
