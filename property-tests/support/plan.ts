/** What happens to a run from outside, whatever runs: hooks that decide, effects that fail, hang and come late, and somebody who steers. */
import fc from 'fast-check'
import type { TestClock } from 'hookchart/testing'
import { decidingAt } from './deciding.ts'
import type { Observed } from './observed.ts'

/** A plan, with hooks at some of these points. */
export function planOf(points: readonly string[]) {
  return fc.record({
    specs: fc.array(decidingAt(points, 'redirect'), { maxLength: 5 }),
    effects: fc.array(fc.constantFrom('gives' as const, 'gives', 'later', 'later', 'throws', 'hangs'), {
      minLength: 1,
      maxLength: 4,
    }),
    steers: fc.array(fc.constantFrom('wait', 'wait', 'pause', 'resume', 'step', 'cancel', 'abort'), { maxLength: 4 }),
    paused: fc.boolean(),
    timeoutMs: fc.constantFrom(false as const, false as const, 300),
    rejects: fc.boolean(),
  })
}

/** See {@link planOf}. */
export type Plan = ReturnType<typeof planOf> extends fc.Arbitrary<infer Made> ? Made : never

/** A run that can be steered. */
interface Steered {
  pause(): unknown
  resume(): unknown
  cancel(): unknown
  step?(): unknown
}

/** Somebody who steers, at any time; in the end it may go on. */
export async function steer(
  { steers, paused }: Plan,
  run: Steered,
  controller: AbortController,
  noted: Observed,
  clock: TestClock,
  scheduler: fc.Scheduler,
): Promise<void> {
  if (paused) noted.steer('pause')
  for (const what of [...steers, 'wait', 'resume']) {
    await scheduler.schedule(Promise.resolve(), what)
    noted.steer(what)
    if (what === 'wait') await new Promise<void>((resolve) => void clock.setTimeout(resolve, 120))
    if (what === 'abort') controller.abort('enough')
    if (what === 'cancel') run.cancel()
    if (what === 'pause') run.pause()
    if (what === 'resume') run.resume()
    if (what === 'step') void run.step?.()
  }
}
