/** What a gate of an operation checks: the schema of its point, and those of the operation's input and output. */
import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { ErrorData } from '../../errors.ts'
import type { GateData } from '../change.ts'
import { drive, wait } from '../flow.ts'
import type { Flow } from '../flow.ts'
import type { ComponentInfo } from '../context.ts'
import type { Kernel } from '../executor/kernel.ts'
import type { Check, GateRules } from '../executor/pass.ts'
import { checkBySchema, checkByPoint, parseBySchema, shownBySchema } from '../points/schema.ts'
import type { Slot } from '../registry/slot.ts'

/** What the rules depend on. */
export interface Ruled {
  readonly component: ComponentInfo
  readonly input: StandardSchemaV1 | undefined
  readonly output: StandardSchemaV1 | undefined
}

/** A point that something executed passes, and what is checked there. */
export interface Gate {
  readonly slot: Slot
  readonly rules: GateRules
}

/** The rules of an operation's gate. */
export function gateRules({ cache }: Kernel, { component, input, output }: Ruled, { definition }: Slot): GateRules {
  const { schema: ofPoint, phase, id: point } = definition
  const checks: Check[] = []
  if (ofPoint !== undefined) checks.push(checkByPoint(ofPoint))
  const before = phase === 'before'
  const key = before ? 'input' : 'output'
  const schema = before ? input : phase === 'after' ? output : undefined
  if (schema !== undefined) checks.push((data) => checkBySchema(schema, (data as GateData)[key]))
  if (phase === 'error') checks.push((data) => checkError((data as GateData)['error']))
  return {
    checkData: checks.length === 0 ? undefined : (data) => drive(firstProblem(checks, data)),
    settled: schema && ((data) => drive(settledBySchema(schema, key, data[key]))),
    checkValue: output && ((value) => checkBySchema(output, value)),
    invalidChangeFails: before && component.type === 'tool',
    followsRedirects: true,
    ...(before && { lookUp: (note, data) => cache.get(cache.keyOf(point, component, note, data['input'])) }),
  }
}

function* firstProblem(checks: readonly Check[], data: unknown): Flow<string | undefined> {
  for (const check of checks) {
    const problem = yield* wait(check(data))
    if (problem !== undefined) return problem
  }
  return undefined
}

function* settledBySchema(schema: StandardSchemaV1, key: string, value: unknown): Flow<GateData | undefined> {
  const parsed = yield* wait(parseBySchema(schema, value))
  if ('problem' in parsed) return undefined
  const shown = yield* shownBySchema(schema, value, parsed.value)
  return shown === value ? undefined : { [key]: shown }
}

/** A changed error must still be one: whoever reads it relies on its code. */
function checkError(error: unknown): string | undefined {
  const { code, name, message, retryable } = (error ?? {}) as Partial<ErrorData>
  const isError =
    typeof code === 'string' &&
    typeof name === 'string' &&
    typeof message === 'string' &&
    typeof retryable === 'boolean'
  return isError ? undefined : '"error" must keep its code, name, message and retryable; change it with a recipe'
}
