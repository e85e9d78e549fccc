/** The gates of a component at some points. */
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
