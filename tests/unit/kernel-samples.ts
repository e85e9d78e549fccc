/** What the unit tests of the kernel share: hooks, units and passes without a registry. */
import type { Clock, HookHandler, HookKind } from 'hookchart/hooks'
import { createTestClock, createTestIds } from 'hookchart/testing'
import type { TestClock } from 'hookchart/testing'
import { CounterBreaker } from '../../src/hooks/breaker.ts'
import { parseExecutorOptions } from '../../src/hooks/executor-options.ts'
import type { PointSettings } from '../../src/hooks/executor-options.ts'
import type { GateData } from '../../src/hooks/change.ts'
import { Approvals } from '../../src/hooks/executor/approvals.ts'
import { Deadlines } from '../../src/hooks/executor/deadlines.ts'
import { PassContext } from '../../src/hooks/executor/hook-context.ts'
import type { Kernel } from '../../src/hooks/executor/kernel.ts'
import { NO_TARGETS, Operation } from '../../src/hooks/executor/operation.ts'
import { OverheadBudget } from '../../src/hooks/executor/overhead.ts'
import { Pass } from '../../src/hooks/executor/pass.ts'
import type { GateRules } from '../../src/hooks/executor/pass.ts'
import { ResultCache } from '../../src/hooks/executor/result-cache.ts'
import { Run } from '../../src/hooks/executor/run.ts'
import { Scope } from '../../src/hooks/executor/scope.ts'
import { Time } from '../../src/hooks/executor/time.ts'
import { definePoint } from '../../src/hooks/points/point.ts'
import { Registry } from '../../src/hooks/registry/registry.ts'
import type { Chain, Slot } from '../../src/hooks/registry/slot.ts'
import type { Unit } from '../../src/hooks/registry/unit.ts'
import { RunningOperations } from '../../src/hooks/executor/running.ts'
import { nodeHash } from '../../src/ports/node/hash.ts'

/** A hook that has nothing to say. */
export const nothing = (): undefined => undefined

/** A point at which hooks may decide anything. */
export const anything = definePoint('anything', { phase: 'before' })

/** A registry without anything that runs its hooks. */
export function registryOf(executor: unknown = {}, clock: Clock = createTestClock()): Registry {
  return new Registry(parseExecutorOptions(executor), (settings) => new CounterBreaker(settings, clock))
}

/** The settings of a point by default. */
export const settings: PointSettings = parseExecutorOptions({})('custom:anything', [])

/** A hook as the executor calls it, without a registry. */
export function unitOf(name: string, handler: (ctx: never) => unknown, more: Partial<Unit> = {}): Unit {
  return {
    name,
    kind: 'transform',
    handler: handler as HookHandler,
    composite: undefined,
    failsClosed: false,
    when: undefined,
    matches: undefined,
    timeoutMs: 5_000,
    breaker: undefined,
    localsKey: {},
    ...more,
  }
}

/** A unit of a kind. */
export const kindOf = (kind: HookKind): Partial<Unit> => ({ kind, failsClosed: kind === 'guard' })

export interface KernelSample {
  readonly clock: TestClock
  readonly kernel: Kernel
  /** An operation of a run of its own. */
  readonly operation: (id?: string) => Operation
}

/** All parts of an executor on a test clock. */
export function kernelOf(overrides: Partial<Kernel> = {}): KernelSample {
  const clock = createTestClock()
  const time = new Time(clock)
  const registry = registryOf({}, clock)
  const kernel: Kernel = {
    time,
    ids: createTestIds(),
    hash: nodeHash,
    journal: undefined,
    trace: 'full',
    maxTraceEntries: 1_000,
    checked: true,
    registry,
    deadlines: new Deadlines(time),
    approvals: new Approvals(time),
    cache: new ResultCache(time, nodeHash),
    overhead: new OverheadBudget(() => registry.points.all, nothing),
    settledSlot: registry.points.slot('OperationSettled'),
    running: new RunningOperations(),
    observing: new Set(),
    targets: NO_TARGETS,
    onSuspend: 'wait',
    stopped: false,
    closing: false,
    watch: undefined,
    ...overrides,
  }
  const operation = (id = 'op-1') =>
    new Operation({
      id,
      run: new Run(kernel, id, `run of ${id}`, true, undefined),
      component: { type: 'tool', name: 'tool', id: 'tool' },
      metadata: {},
      targets: { find: nothing, names: () => [] },
    })
  return { clock, kernel, operation }
}

/** What the hooks of a stage work on, outside any pass. */
export function scopeOf(data: GateData = {}, leftMs = 1_000, operation = kernelOf().operation()): Scope {
  const { id, component, metadata, run } = operation
  const source = { record: undefined, operationFor: () => operation, settingsFor: () => settings }
  const info = { id, attempt: 1, gatePass: 1 }
  const ctx = new PassContext(
    source,
    anything.id,
    component,
    data,
    { type: 'run' },
    {},
    metadata,
    run.correlationId,
    info,
    0,
    undefined,
  )
  return new Scope(ctx, data, leftMs, true)
}

/** The hooks of a point that has some. */
export function chainOf(slot: Slot): Chain {
  const chain = slot.chainFor(slot.component)
  if (chain === null) throw new Error(`no hooks at ${slot.definition.id}`)
  return chain
}

/** A pass of the point `anything`, at which one hook stands. */
export function passOf(rules: GateRules = {}, data: GateData = {}, sample = kernelOf()): Pass {
  const { kernel } = sample
  kernel.registry.register({ points: anything, handler: nothing, options: { name: 'only' } })
  const operation = sample.operation()
  const chain = chainOf(kernel.registry.points.slot(anything))
  return new Pass(kernel, chain, operation, rules, scopeOf(data, 1_000, operation), undefined)
}
