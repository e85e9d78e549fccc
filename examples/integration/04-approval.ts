/**
 * Contracts are signed by a workflow, and people have their say on the way: they allow, change, put something in its place, or
 * refuse. Who does not answer is passed over: somebody else is asked, and at last the answer is no.
 */
import { createSystem, hook, isHookchartError, sequential, step } from 'hookchart'
import type { Decision, PendingApproval, RunResult, StepCall } from 'hookchart'
import { createTestClock, createTestIds } from 'hookchart/testing'
import * as z from 'zod'

const clock = createTestClock()
const HOUR = 3_600_000
const at = () => `${String(Math.round(clock.now() / HOUR)).padStart(3)} h`

const contractSchema = z.object({ with: z.string(), euros: z.number().positive(), months: z.int() })
type Contract = z.output<typeof contractSchema>

const sign = sequential({
  name: 'sign',
  input: contractSchema,
  // A minute is enough for the work; how long people take does not count.
  timeoutMs: '1m',
  steps: [
    step.run('draft', ({ input }: StepCall<Contract>) => input),
    step.run('sign', ({ input, state }: StepCall<Contract>) => {
      state['signed'] = true
      return `signed: ${input.euros} € for ${input.months} months with ${input.with}`
    }),
  ],
})

const system = createSystem({ clock, ids: createTestIds(), workflows: [sign] })

// A guard in front of the step: small sums pass, for others a person is asked, and after a day the boss.
system.hooks.register(
  'BeforeWorkflowStage',
  ({ step: current, data }) => {
    const contract = data.input as Contract
    return current?.name === 'sign' && contract.euros > 1_000
      ? hook.suspend({
          question: `Sign with ${contract.with} for ${contract.euros} €?`,
          data: contract,
          // What the answer may change, and how.
          schema: z.object({ input: contractSchema }),
          expiresInMs: '24h',
          escalateTo: 'the boss',
        })
      : undefined
  },
  { name: 'two_eyes', kind: 'guard' },
)

/** Lets time pass; gives what is asked then. */
async function after(hours: number): Promise<PendingApproval | undefined> {
  await clock.advanceSteps(hours * HOUR)
  const [asked] = system.approvals.pending()
  const who = asked?.request.escalatedTo ?? 'the clerk'
  if (asked !== undefined)
    console.log(`   ${at()} ${who} is asked: ${asked.request.question} Until ${Math.round(asked.expiresAt / HOUR)} h`)
  return asked
}
const contract = (name: string, euros: number): Contract => ({ with: name, euros, months: 12 })

async function story(title: string, input: Contract, people: () => Promise<unknown>) {
  console.log(`\n${title}`)
  const running = system.workflows.execute(sign, input, {})
  await people()
  show(await running)
}
function show(result: RunResult | Decision) {
  const { status, output, error, durationMs } = result as RunResult<string>
  const why = error === undefined ? (output ?? 'nothing yet') : `${error.code}: ${error.details['reason']}`
  console.log(`   ${at()} | ${status} | ${why} | after ${Math.round(durationMs / HOUR)} h`)
}

console.log('CONTRACTS, AND WHO SAYS YES')
await story('A small one: nobody is asked', contract('Ann', 500), () => after(0))
await story('Yes, after three hours', contract('Bob', 5_000), async () => {
  const asked = await after(3)
  await system.approvals.resume(asked!.id)
})
await story('Yes, but for less; the answer is checked like the change of a hook', contract('Cy', 9_000), async () => {
  const asked = await after(1)
  try {
    await system.approvals.resume(asked!.id, hook.modified({ input: { ...contract('Cy', 9_000), euros: -1 } }))
  } catch (error) {
    if (!isHookchartError(error, 'INVALID_RESUME')) throw error
    console.log(`   ${at()} ${error.message}`)
  }
  await system.approvals.resume(asked!.id, hook.modified({ input: contract('Cy', 4_000) }))
})
await story('No', contract('Dan', 7_000), async () => {
  const asked = await after(2)
  await system.approvals.reject(asked!.id, 'we have a printer')
})
await story('The clerk is ill: a day later the boss is asked', contract('Eve', 2_000), async () => {
  await after(1)
  const asked = await after(23)
  await system.approvals.resume(asked!.id, true)
})
await story('The boss is ill too: nobody has said yes, so it is no', contract('Flo', 3_000), async () => {
  await after(24)
  await after(24)
})

console.log('\nA caller that does not wait: the status is suspended, and the answer gives the result')
const waiting = await system.workflows.execute(sign, contract('Gil', 6_000), { onSuspend: 'return' })
show(waiting)
const [listed] = system.approvals.pending()
console.log(`   ${at()} ${listed!.component.name} waits at ${listed!.point}, asked by the hook ${listed!.hook}`)
show(await system.approvals.resume(waiting.approvalId!))

console.log('\nAn answer that comes too late')
try {
  await system.approvals.resume(waiting.approvalId!)
} catch (error) {
  console.log(`   ${at()} ${isHookchartError(error) ? error.code : String(error)}`)
}
await system.stop()

console.log('\nLesson: who suspends asks, and a run waits without a clock ticking and without holding anything. An')
console.log('answer is a result like that of a hook, checked like one; silence is an answer too, and it is no.')
