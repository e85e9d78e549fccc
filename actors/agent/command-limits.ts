/** How long a command waits at most: until its signal is aborted, or its time is up. */
import type { HookchartError } from '../../src/errors.ts'
import { whenAborted } from '../../src/hooks/abort-signals.ts'
import type { Clock } from '../../src/ports/clock.ts'
import type { AgentCommand } from '../../machines/agent/life.ts'
import type { ParsedCommandOptions } from './command-options.ts'
import { abandoned, tooLate } from './errors.ts'

/** Calls back with the error when the wait is over; gives what stops that. */
export function limitWait(
  clock: Clock,
  agent: string,
  command: AgentCommand,
  { signal, timeoutMs }: ParsedCommandOptions,
  over: (error: HookchartError) => void,
): () => void {
  const ends: (() => void)[] = []
  if (timeoutMs !== undefined) {
    const timer = clock.setTimeout(() => {
      over(tooLate(agent, command, timeoutMs))
    }, timeoutMs)
    ends.push(() => {
      clock.clearTimeout(timer)
    })
  }
  if (signal !== undefined) {
    ends.push(
      whenAborted(signal, () => {
        over(abandoned(agent, command, signal.reason))
      }),
    )
  }
  return () => {
    for (const end of ends.splice(0)) end()
  }
}
