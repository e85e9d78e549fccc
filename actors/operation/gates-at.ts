/** The gates of a component at some points. */
import type { ComponentInfo } from '../../src/hooks/context.ts'
import type { Kernel } from '../../src/hooks/executor/kernel.ts'
import { gateRules } from '../../src/hooks/operation/rules.ts'
import type { Gate, Ruled } from '../../src/hooks/operation/rules.ts'

/** Makes a gate for each point. */
export function gatesAt(kernel: Kernel, ruled: Ruled, points: readonly string[]): Map<string, Gate> {
  return new Map(
    points.map((point) => {
      const slot = kernel.registry.points.slot(point)
      return [point, { slot, rules: gateRules(kernel, ruled, slot) }]
    }),
  )
}

/** Whether somebody is hooked to a point of a component, of those at which it has gates. */
export function hookedAt(gates: ReadonlyMap<string, Gate>, component: ComponentInfo): (point: string) => boolean {
  return (point) => (gates.get(point)?.slot.chainFor(component) ?? null) !== null
}
