/** A command under way that gates stand before or behind: what its hooks decide comes to a way on, or to its end. */
import type { HookchartError } from '../../src/errors.ts'
import { findTarget } from '../../src/hooks/executor/children.ts'
import type { Kernel } from '../../src/hooks/executor/kernel.ts'
import { Operation } from '../../src/hooks/executor/operation.ts'
import type { Targets } from '../../src/hooks/executor/operation.ts'
import type { GateRules } from '../../src/hooks/executor/pass.ts'
import { Run } from '../../src/hooks/executor/run.ts'
import type { PassEnd } from '../../src/hooks/executor/stages.ts'
import type { ComponentInfo } from '../../src/hooks/context.ts'
import { cancelled, exhausted } from '../../src/hooks/operation/ending.ts'
import { passGate } from '../../src/hooks/operation/gate.ts'
import { Patience } from '../../src/hooks/operation/patience.ts'
import { drive } from '../../src/hooks/flow.ts'
import type { Slot } from '../../src/hooks/registry/slot.ts'
import type { Outcome } from '../../machines/operation/operation-context.ts'

/** What a gate of a command tells the machine. */
export type LifeOutcome = Outcome<'continue' | 'again' | 'refused'>

const RULES: GateRules = { followsRedirects: true }

/** See the head of this file. */
export class Undertaking {
  readonly operation: Operation
  /** Why it came to nothing. */
  error: HookchartError | undefined
  /** What a hook has put in the place of what was to be done. */
  replaced: { readonly value: unknown } | undefined
  /** As hooks left it. */
  #input: unknown = undefined
  readonly #kernel: Kernel
  readonly #passes = new Map<Slot, number>()

  constructor(kernel: Kernel, component: ComponentInfo, targets: Targets) {
    const id = kernel.ids.next()
    const run = new Run(kernel, id, id, false, kernel.journal)
    this.#kernel = kernel
    this.operation = new Operation({ id, run, component, metadata: {}, targets })
    kernel.running.add(this.operation)
  }

  /** Passes a gate; `output` where it stands behind what was done. */
  async pass(point: string, about: object, output?: unknown): Promise<LifeOutcome> {
    const { operation } = this
    const slot = this.#kernel.registry.points.slot(point)
    const isAfter = slot.definition.phase === 'after'
    try {
      for (;;) {
        const chain = slot.chainFor(operation.component)
        if (chain === null) return { type: 'continue' }
        const data = { input: this.#input, ...(isAfter && { output }), ...about }
        const passed = await passGate(this.#kernel, operation, chain, data, RULES)
        if (passed === undefined) return { type: 'continue' }
        this.#input = passed.data['input']
        const { end } = passed
        if (end.type === 'continue') return { type: 'continue' }
        if (end.type === 'retry') {
          await this.#again(slot, end)
          if (isAfter) return { type: 'again' }
          continue
        }
        this.replaced = await this.#replacement(slot, end)
        return { type: 'continue' }
      }
    } catch (error) {
      return { type: 'refused', note: { error: this.failed(error as HookchartError).toJSON() } }
    }
  }

  /** It came to nothing. */
  failed(error: HookchartError): HookchartError {
    return (this.error = error)
  }

  abort(reason: unknown): void {
    this.operation.abort(reason)
  }

  /** It is over, whatever it came to. */
  async close(): Promise<void> {
    this.#kernel.running.delete(this.operation)
    await this.operation.run.end(this.operation.component)
  }

  async #again(slot: Slot, end: Extract<PassEnd, { type: 'retry' }>): Promise<void> {
    const { operation } = this
    const passes = (this.#passes.get(slot) ?? 0) + 1
    this.#passes.set(slot, passes)
    if (passes >= end.maxAttempts) throw errorOf(exhausted(operation, slot, end, end.maxAttempts, passes, undefined))
    await drive(new Patience(this.#kernel, operation, Infinity).sleep(end.delayMs))
  }

  /** What stands in the place of what was to be done: a value, or what another component gives. */
  async #replacement(
    slot: Slot,
    end: Exclude<PassEnd, { type: 'continue' | 'retry' }>,
  ): Promise<{ readonly value: unknown }> {
    const { operation } = this
    switch (end.type) {
      case 'replace':
      case 'cached':
        return { value: end.value }
      case 'cancel':
        throw errorOf(cancelled(operation, slot, end, undefined))
      case 'fail':
        throw end.error
      case 'redirect': {
        const target = findTarget(operation, undefined, end.target, end.hook, slot.definition.id)
        const { depth, hookLimitMs: timeoutMs } = operation
        const start = { parent: operation, cause: undefined, depth: depth + 1, maxDepth: slot.settings.maxDepth }
        const result = await target(this.#input, { ...start, redirects: 0, signal: undefined, timeoutMs })
        if (result.error !== undefined) throw result.error
        return { value: result.output }
      }
    }
  }
}

function errorOf(ending: object): HookchartError {
  return (ending as { readonly error: HookchartError }).error
}
