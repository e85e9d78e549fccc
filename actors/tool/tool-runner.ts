/** What a system runs a tool with. */
import { HookchartError } from '../../src/errors.ts'
import type { Operation } from '../../src/hooks/executor/operation.ts'
import { PointFirer } from '../../src/hooks/executor/run-point.ts'
import type { EffectCall } from '../../src/hooks/operation/effect.ts'
import type { Startable } from '../../src/hooks/operation/executable.ts'
import { passGate } from '../../src/hooks/operation/gate.ts'
import type { ToolInfo } from '../../src/hooks/points/shapes.ts'
import type { SecurityLevel, ToolDefinition } from '../../machines/tool/define-tool.ts'
import type { ToolLimits } from '../../machines/tool/limits.ts'
import { toolGates } from '../../machines/tool/tool-machine.ts'
import { gatesAt, hookedAt } from '../operation/gates-at.ts'
import { operationOrder } from '../../machines/operation/operation-order.ts'
import type { Host } from '../system/host.ts'
import type { OverLimit } from './isolated.ts'
import { limitsLowered } from './limits-lowered.ts'
import { Slots } from './slots.ts'
import { ToolOperation } from './tool-operation.ts'
import type { ChartedTool } from './tool-operation.ts'

const LEVELS: readonly SecurityLevel[] = ['safe', 'restricted', 'privileged']

/** Whether a level is allowed under a maximum. */
export function allows(maximum: SecurityLevel, level: SecurityLevel): boolean {
  return LEVELS.indexOf(level) <= LEVELS.indexOf(maximum)
}

/** Makes a tool startable in a system. */
export function toolRunner(host: Host, definition: ToolDefinition): Startable {
  const { kernel } = host
  const { component, input, output, limits, level, name } = definition
  const { maxConcurrent } = limits
  const isAllowed = () => allows(host.maxSecurityLevel, level)
  const ruled = { component, input, output }
  const gates = gatesAt(kernel, ruled, [
    ...toolGates.before.map(({ point }) => point),
    ...[toolGates.after, toolGates.error, toolGates.timeout],
  ])
  const allocating = gates.get('ToolResourceAllocated')
  if (allocating !== undefined) {
    gates.set('ToolResourceAllocated', { slot: allocating.slot, rules: limitsLowered(limits) })
  }
  const released = kernel.registry.points.slot('ToolResourceReleased')
  const data = { tool: infoOf(definition) }
  const fire = new PointFirer(kernel)
  const tell = (point: string, about: object, { correlationId }: { readonly correlationId?: string } = {}) =>
    void fire.fire(kernel.registry.points.slot(point), about as never, {
      component,
      ...(correlationId !== undefined && { correlationId }),
    })
  const hooked = hookedAt(gates, component)
  const isHooked = (point: string) => hooked(point) || (point === 'ToolSecurityCheck' && !isAllowed())
  const tool: ChartedTool = {
    component,
    before: gates.get('BeforeToolExecution'),
    after: gates.get('AfterToolExecution'),
    error: gates.get('ToolError'),
    gates,
    input,
    output,
    data,
    targets: host.targets,
    limits,
    slots: maxConcurrent === undefined ? undefined : new Slots(maxConcurrent),
    effect: () => undefined,
    execute: (given: unknown, call: EffectCall, held: ToolLimits, overLimit: OverLimit) =>
      host.runTool(definition, given, call, held, overLimit),
    order: operationOrder(toolGates, isHooked),
    onLimit: (limit) => {
      tell('ResourceLimitExceeded', limit)
    },
    onReleased: (operation: Operation) => {
      const chain = released.chainFor(component)
      // The point takes observers only, and nobody waits for those.
      if (chain !== null) void passGate(kernel, operation, chain, data, {})
    },
    refusal: () => {
      if (isAllowed()) return undefined
      const allowed = host.maxSecurityLevel
      tell('SecurityViolation', { violation: 'security_level_exceeded', required: level, allowed })
      return new HookchartError(
        'SECURITY_LEVEL_EXCEEDED',
        `${name} needs the security level "${level}", and this system allows "${allowed}" at most. Raise maxSecurityLevel, or use another tool.`,
        { details: { component: name, required: level, allowed } },
      )
    },
  }
  return { component, targets: host.targets, begin: (fields) => new ToolOperation(fields, tool) }
}

/** What hooks at tool points are told of a tool. */
export function infoOf({ name, description, category, level, tags }: ToolDefinition): ToolInfo {
  return { name, description, category, level, tags }
}
