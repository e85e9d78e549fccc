/** Law 2. A gate pass yields exactly one decision; one of another pass, another gate or a forger is ignored and recorded. */
import fc from 'fast-check'
import type { Decision } from 'hookchart/hooks'
import { createTestClock, createTestIds } from 'hookchart/testing'
import type { TestClock } from 'hookchart/testing'
import { testLaw } from './support/law.ts'
import type { Kernel } from './support/law.ts'
import { drain, finish } from './support/run.ts'

/** Hooks that answer late, or never, and people who answer twice, too late or for somebody else. */
const scenario = fc.record({
  lates: fc.array(
    fc.record({
      kind: fc.constantFrom('transform' as const, 'guard' as const),
      afterMs: fc.constantFrom(1, 40, 80, 120, 200, 250),
      cancels: fc.boolean(),
    }),
    { minLength: 1, maxLength: 4 },
  ),
  asks: fc.boolean(),
  answers: fc.array(fc.record({ which: fc.constantFrom('this', 'old', 'forged'), accept: fc.boolean() }), {
    maxLength: 4,
  }),
  passes: fc.integer({ min: 1, max: 3 }),
})

function law(kernel: Kernel) {
  return fc.asyncProperty(scenario, fc.scheduler(), async ({ lates, asks, answers, passes }, scheduler) => {
    const { createHooks, createMemoryJournal, definePoint, hook } = kernel
    const clock = createTestClock()
    const journal = createMemoryJournal()
    const hooks = createHooks({ clock, ids: createTestIds(), journal })
    const point = definePoint('p', { phase: 'before' })
    for (const [i, { kind, afterMs, cancels }] of lates.entries()) {
      const answer = async () => {
        await new Promise<void>((resolve) => void clock.setTimeout(resolve, afterMs))
        await scheduler.schedule(Promise.resolve(), `late ${i}`)
        return cancels ? hook.cancel(`late ${i}`) : undefined
      }
      hooks.register(point, answer, { name: `late ${i}`, kind, timeoutMs: 100, breaker: false })
    }
    if (asks) hooks.register(point, () => hook.suspend({ question: '?' }), { name: 'asks', priority: 'lowest' })

    const decisions: Decision[] = []
    let old: string | undefined
    for (let pass = 0; pass < passes; pass++) {
      let accepted: boolean | undefined
      const answer = async () => {
        const [pending] = hooks.approvals.pending()
        if (pending === undefined) return
        for (const { which, accept } of answers) {
          const id = which === 'this' ? pending.id : which === 'old' ? (old ?? 'none') : `${pending.id}0`
          const say = () => (accept ? hooks.approvals.resume(id) : hooks.approvals.reject(id))
          const first = await codeOf(say(), clock)
          if (which === 'this' && first === undefined) accepted ??= accept
          // Whatever came of it, it cannot be said again.
          const second = await codeOf(say(), clock)
          if (second !== 'UNKNOWN_APPROVAL') throw new Error(`answered again: ${String(second)}`)
        }
        if (accepted === undefined) void hooks.approvals.resume(pending.id).catch(() => {})
        accepted ??= true
        old = pending.id
      }
      const decision = await finish(Promise.resolve(hooks.run(point, { pass })), clock, scheduler, 10, answer)
      decisions.push(decision)
      // What decided is known in advance: the first in order that was in time and cancels, or is a guard and was late.
      const inTime = lates.map((late) => late.afterMs < 100)
      const transform = lates.findIndex((late, i) => late.kind === 'transform' && inTime[i] && late.cancels)
      const guard = lates.findIndex((late, i) => late.kind === 'guard' && (!inTime[i] || late.cancels))
      const expected =
        transform !== -1
          ? `late ${transform}`
          : asks && accepted === false
            ? 'asks'
            : guard !== -1
              ? `late ${guard}`
              : undefined
      const actual = decision.type === 'cancel' ? decision.hook : undefined
      if (actual !== expected)
        throw new Error(`pass ${pass}: decided by ${String(actual)}, expected ${String(expected)}`)
    }
    // Let everything late come in: one decision a pass has been recorded all the same, and the late results are in the journal.
    await drain(clock, scheduler)
    for (const { run } of journal.runs()) {
      const records = journal.read(run)
      if (records.filter(({ type }) => type === 'gate').length !== 1)
        throw new Error('a pass has not exactly one decision')
      const hookLines = records.flatMap((record) =>
        record.type === 'gate' ? (record['hooks'] as { hook: string; outcome: string }[]) : [],
      )
      const timedOut = hookLines.filter(({ outcome }) => outcome === 'timed_out').map((line) => line.hook)
      const late = records.filter(({ type }) => type === 'late').map((record) => String(record['hook']))
      if (timedOut.sort().join() !== late.sort().join())
        throw new Error(`timed out ${timedOut.join()}, late ${late.join()}`)
    }
  })
}

/** Why an answer is refused at once; undefined when it is taken. */
async function codeOf(answer: Promise<unknown>, clock: TestClock): Promise<string | undefined> {
  let code: string | undefined
  answer.catch((error: unknown) => {
    code = (error as { code?: string }).code ?? 'other'
  })
  // What the operation comes to may be a long way off.
  await clock.settle()
  return code
}

testLaw(
  'law 2: one decision',
  law,
  [
    {
      name: 'a late result decides',
      file: 'src/hooks/executor/invoke.ts',
      from: "      end(abandon(pass, unit, ctx, value, { type: 'timed_out', withinMs }))",
      to: '      void end',
    },
    {
      name: 'an approval can be answered again',
      file: 'src/hooks/executor/approvals.ts',
      from: '          this.#waiting.delete(id)\n',
      to: '',
    },
    {
      name: 'late results are not recorded',
      file: 'src/hooks/executor/invoke.ts',
      from: '      const result = checkResult(value)\n      pass.recordLate(',
      to: '      const result = checkResult(value)\n      ;((..._: unknown[]) => {})(',
    },
  ],
  { numRuns: 60 },
)
