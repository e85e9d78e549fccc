/** What holds at ToolResourceAllocated: limits get smaller, never larger, and none appears that nothing would hold. */
import type { GateData } from '../../src/hooks/change.ts'
import type { GateRules } from '../../src/hooks/executor/pass.ts'
import type { ToolLimits } from '../../machines/tool/limits.ts'

/** The rules of the gate, for a tool with these limits. */
export function limitsLowered(limits: ToolLimits): GateRules {
  return { checkData: (data) => problemOf(limits, (data as GateData)['limits']) }
}

function problemOf(limits: ToolLimits, held: unknown): string | undefined {
  const given = held as Readonly<Record<string, unknown>>
  for (const [name, limit] of Object.entries(limits) as [string, number][]) {
    const value = given[name]
    if (typeof value !== 'number' || !Number.isFinite(value) || value <= 0) {
      return `"limits.${name}" must stay a number greater than 0`
    }
    if (value > limit) return `"limits.${name}" may only get smaller: it is ${String(limit)}`
    if (name === 'maxConcurrent' && value !== limit) return '"limits.maxConcurrent" holds for all executions together'
  }
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(limits, name))
  return unknown === undefined ? undefined : `"limits.${unknown}" is no limit of this tool`
}
