/** Options of the commands of an agent. */
import * as z from 'zod'
import { positiveDurationSchema } from '../../src/duration.ts'
import type { Duration } from '../../src/duration.ts'
import { parseOptions } from '../../src/options.ts'

/** Options of a command. */
export interface CommandOptions {
  /** Takes a command that waits out of the queue; ends one that is under way, which leaves the agent in error when it has moved. */
  readonly signal?: AbortSignal
  /** How long it may wait for its turn, and then how long the change may take, instead of what the definition says. */
  readonly timeoutMs?: Duration
}

/** Options of a termination. */
export interface TerminateOptions extends CommandOptions {
  /** Asks no hook and waits for nothing that still runs: it is never refused. Default false. */
  readonly force?: boolean
}

/** Options as a command works with them. */
export interface ParsedCommandOptions {
  readonly signal?: AbortSignal | undefined
  readonly timeoutMs?: number | undefined
}

const shape = {
  signal: z.instanceof(AbortSignal, { error: 'expected an AbortSignal' }).optional(),
  timeoutMs: positiveDurationSchema.optional(),
}
const schema = z.strictObject(shape)
const terminateSchema = z.strictObject({ ...shape, force: z.boolean().default(false) })

/** Checks the options of a command. */
export function parseCommandOptions(options: CommandOptions | undefined, where: string): ParsedCommandOptions {
  return parseOptions(schema, options ?? {}, where)
}

/** Checks the options of a termination. */
export function parseTerminateOptions(
  options: TerminateOptions | undefined,
  where: string,
): ParsedCommandOptions & { readonly force: boolean } {
  return parseOptions(terminateSchema, options ?? {}, where)
}
