/** What a gate of an operation checks: the schema of its point, and those of the operation's input and output. */
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { drive, wait } from '../flow.ts'
import type { Flow } from '../flow.ts'
import type { ComponentInfo } from '../context.ts'
import type { Kernel } from '../executor/kernel.ts'
import type { Check, GateRules } from '../executor/pass.ts'
import { checkBySchema, checkByPoint } from '../points/schema.ts'
import type { Slot } from '../registry/slot.ts'

/** What the rules depend on. */
export interface Ruled {
  readonly component: ComponentInfo
  readonly input: StandardSchemaV1 | undefined
  readonly output: StandardSchemaV1 | undefined
}

/** The rules of an operation's gate. */
export function gateRules({ cache }: Kernel, { component, input, output }: Ruled, { definition }: Slot): GateRules {
  const checks: Check[] = []
  if (definition.schema !== undefined) checks.push(checkByPoint(definition.schema))
  const before = definition.phase === 'before'
  const own = before ? input : definition.phase === 'after' ? output : undefined
  if (own !== undefined)
    checks.push((data) => checkBySchema(own, (data as Record<string, unknown>)[before ? 'input' : 'output']))
  return {
    checkData: checks.length === 0 ? undefined : (data) => drive(firstProblem(checks, data)),
    checkValue: output && ((value) => checkBySchema(output, value)),
    invalidChangeFails: before && component.type === 'tool',
    followsRedirects: true,
    ...(before && { lookUp: (note, data) => cache.get(cache.keyOf(definition.id, component, note, data['input'])) }),
  }
}

function* firstProblem(checks: readonly Check[], data: unknown): Flow<string | undefined> {
  for (const check of checks) {
    const problem = yield* wait(check(data))
    if (problem !== undefined) return problem
  }
  return undefined
}
