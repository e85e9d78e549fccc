/** What every subcommand works with, and what the command ends with. */
import type { Interrupts } from './interrupts.ts'
import type { Output } from './output.ts'

/** What every subcommand works with. */
export interface CommandContext {
  readonly output: Output
  readonly interrupts: Interrupts
}

/** Exit codes: fine, a run or a file that failed, wrong usage. */
export const EXIT = { fine: 0, failed: 1, usage: 2 } as const
