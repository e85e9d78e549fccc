/**
 * An agent that files letters, from its first breath to its last. It is paused between two letters, stopped, fails and recovers
 * by itself, and may not go home before its in-tray is empty. Each state it comes to is shown.
 */
import { createSystem, defineAgent, hook, isHookchartError } from 'hookchart'
import type { AgentHandle } from 'hookchart'
import { createTestClock, createTestIds } from 'hookchart/testing'
import * as z from 'zod'

const clock = createTestClock()

const clerk = defineAgent({
  name: 'clerk',
  description: 'files letters',
  input: z.object({ letters: z.array(z.string()).min(1) }),
  maxRecoveryAttempts: 2,
  execute: async ({ input, state, attempt, checkpoint, signal }) => {
    for (const letter of input.letters) {
      // A place where a pause may take hold. A stop or a termination ends the code here.
      await checkpoint(letter)
      if (letter === 'wet' || (letter === 'smudged' && attempt === 1)) throw new Error('the ink has run')
      console.log(`   files "${letter}"`)
      await new Promise<void>((resolve) => clock.setTimeout(resolve, 1_000))
      signal.throwIfAborted()
    }
    // A draft that is kept when the execution completes.
    state['filed'] = Number(state['filed'] ?? 0) + input.letters.length
    return `${input.letters.length} filed, ${String(state['filed'])} in all`
  },
})

const system = createSystem({ clock, ids: createTestIds(), agents: [clerk] })
const ann = system.agents.create(clerk, { id: 'ann' })

// A gate that refuses: nobody goes home while letters are left.
let inTray = 1
system.hooks
  .for(clerk)
  .register('BeforeAgentTerminate', () => (inTray > 0 ? hook.cancel(`${inTray} letter left`) : undefined), {
    name: 'empty_tray',
    kind: 'guard',
  })
// A gate that mends: what is only smudged can be dried, and then it is tried again.
system.hooks
  .for(clerk)
  .register(
    'AgentError',
    ({ data }) => (data.input.letters.includes('smudged') ? hook.retry({ delayMs: 500, maxAttempts: 2 }) : undefined),
    { name: 'dry_it' },
  )
system.hooks.register(['AgentPaused', 'AgentResumed', 'AgentRecovering'], ({ point }) => console.log(`   ${point}`), {
  name: 'show',
  kind: 'observe',
})

async function file(agent: AgentHandle<{ letters: string[] }, string>, ...letters: string[]) {
  const { status, output, error } = await agent.execute({ letters })
  console.log(` → ${status}: ${output ?? error?.message ?? ''} (the agent is ${agent.state})`)
}

async function tell(title: string, command: () => Promise<string>) {
  try {
    console.log(`   ${title}: ${await command()}`)
  } catch (error) {
    console.log(`   ${title}: ${isHookchartError(error) ? `${error.code}. ${error.message}` : String(error)}`)
  }
}

console.log('AN AGENT FROM FIRST TO LAST')

console.log('\nAn execution makes the agent ready by itself')
const first = file(ann, 'rent', 'tax')
await clock.advanceSteps(2_000)
await first

console.log('\nA pause takes hold at the next checkpoint')
const second = file(ann, 'rent', 'tax', 'invitation')
await clock.settle()
const pausing = tell('pause', () => ann.pause())
await clock.advanceSteps(60_000)
await pausing
console.log('   … a minute goes by, and nothing is filed')
await tell('resume', () => ann.resume())
await clock.advanceSteps(2_000)
await second

console.log('\nA stop ends what runs, and leaves the agent ready')
const third = file(ann, 'catalogue', 'catalogue')
await clock.settle()
await tell('stop', () => ann.stop())
await clock.advanceSteps(1_000)
await third

console.log('\nA failure leaves it in error; the next execution recovers first')
await file(ann, 'wet')
await tell('pause', () => ann.pause())
const fourth = file(ann, 'postcard')
await clock.advanceSteps(1_000)
await fourth

console.log('\nA failure that a hook puts right is none')
const fifth = file(ann, 'smudged')
await clock.advanceSteps(1_500)
await fifth

console.log('\nTermination is a gate, and a guard may refuse it')
await tell('terminate', () => ann.terminate())
inTray = 0
await tell('terminate', () => ann.terminate())
await tell('recover', () => ann.recover())

const { transitions, isHealthy, uptimeMs } = ann.metrics
console.log(`\nIts history: ${transitions} edges in ${uptimeMs / 1_000} s; healthy: ${String(isHealthy)}`)
for (const { at, from, to } of ann.history) console.log(`   ${String(at).padStart(6)}  ${from} → ${to}`)

await system.stop()

console.log('\nLesson: an agent is a statechart. Commands that its state does not allow are refused by')
console.log('name, a pause waits for a safe place, and one failure is not the end of it.')
