/**
 * Two hooks decide for all workflows what a failed step means, by the kind of its error: what was only disturbed is tried again,
 * what is overloaded has a step that stands in for it, and what nobody can mend is told to people and ends the run.
 */
import { createSystem, definePoint, hook, sequential, step } from 'hookchart'
import type { System } from 'hookchart'
import { createTestClock, createTestIds } from 'hookchart/testing'
import * as z from 'zod'

const clock = createTestClock()

const criticalError = definePoint('critical_error', {
  phase: 'notify',
  schema: z.object({ workflow: z.string(), step: z.string(), error: z.string() }),
})

/** The step that stands in for another is behind it and has its name. */
const SUFFIX = '_fallback'

/** Lets two hooks recover the steps of all workflows. */
function recoverFromErrors({ hooks }: System) {
  hooks.register(
    'workflow:on_step_error',
    async ({ workflow, step: failed, data, state, correlationId }) => {
      const [name, error] = [failed!.name, data.error!]
      // Any result may take a patch of the state along: what was done is kept with the run.
      const recovered = [...((state['recovered'] as string[] | undefined) ?? []), `${name}: ${error.name}`]
      const kept = { state: { recovered } }
      if (error.name === 'NetworkError')
        return hook.retry({ delayMs: '2s', maxAttempts: 3 }, { ...kept, message: 'the network: once more in 2 s' })
      if (error.name === 'RateLimitError') {
        const target = `${name}${SUFFIX}`
        return hook.redirect(target, { state: { recovered, [target]: 'wanted' }, message: `too many calls: ${target}` })
      }
      await hooks.run(criticalError, { workflow: workflow!.name, step: name, error: error.message }, { correlationId })
      return hook.cancel(`${error.name} is nothing to recover from`)
    },
    { name: 'recover', onFailure: 'closed' },
  )
  // Who stands in has nothing to do when nobody has asked for it.
  hooks.register(
    'workflow:before_step',
    ({ step: next, state }) =>
      next!.name.endsWith(SUFFIX) && state[next!.name] !== 'wanted' && next!.nextStep !== undefined
        ? hook.redirect(next!.nextStep)
        : undefined,
    { name: 'stand_by' },
  )
}

/** An error as libraries throw them: with a name of its own. */
const failure = (name: string, message: string) => Object.assign(new Error(message), { name })
const network = () => failure('NetworkError', 'connection reset')
const rateLimit = () => failure('RateLimitError', '60 calls a minute')

/** The errors that each step throws first, one an attempt. */
let script: Readonly<Record<string, Error[]>> = {}
let startedAt = 0
const scripted = (name: string, does: (input: string) => string) =>
  step.run(name, ({ input }: { input: string }) => {
    const error = script[name]?.shift()
    console.log(`   ${String(clock.now() - startedAt).padStart(5)} ms  ${name}: ${error?.name ?? 'works'}`)
    if (error !== undefined) throw error
    return does(input)
  })

const news = sequential({
  name: 'news',
  steps: [
    scripted('fetch', (city) => `news from ${city}`),
    scripted('translate', (text) => `${text}, well translated`),
    scripted(`translate${SUFFIX}`, (text) => `${text}, roughly translated`),
    scripted('print', (text) => `${text}, printed`),
  ],
})

const system = createSystem({ clock, ids: createTestIds(), points: [criticalError] })
recoverFromErrors(system)
system.hooks.register(
  criticalError,
  ({ data }) => console.log(`   ! somebody is called: ${data.workflow}, ${data.step}: ${data.error}`),
  { name: 'pager', kind: 'observe' },
)

async function run(title: string, errors: Readonly<Record<string, Error[]>>) {
  console.log(`\n${title}`)
  script = errors
  startedAt = clock.now()
  const running = system.workflows.execute(news, 'Oslo')
  await clock.advanceSteps(20_000)
  const { status, output, error, state, trace } = await running
  for (const { message } of trace.filter((entry) => entry.hook === 'recover' && entry.message !== undefined))
    console.log(`   trace: ${message}`)
  console.log(` → ${status}: ${output ?? error?.message}`)
  console.log(`   recovered ${JSON.stringify(state?.['recovered'] ?? [])}`)
}

console.log('WHAT A FAILED STEP MEANS is said once, for all workflows')
await run('Nothing fails: who stands in is passed over', {})
await run('The network is disturbed twice', { fetch: [network(), network()] })
await run('Too many calls: the fallback goes on with the same input', { translate: [rateLimit()] })
await run('First one, then the other', { fetch: [network()], translate: [network(), rateLimit()] })
await run('A network that stays away: three attempts are three', {
  fetch: [network(), network(), network(), network()],
})
await run('Too many calls, and nobody stands in', { print: [rateLimit()] })
await run('Nothing that a hook could mend', { translate: [failure('LicenceError', 'the licence has ended')] })

await system.stop()

console.log('\nLesson: a hook at an error sees what failed and why, and its result says what becomes of it: again,')
console.log('somewhere else, or not at all. What it did stands in the trace, and what it learnt in the state.')
