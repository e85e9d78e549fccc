/**
 * Trips are booked while the services behind it fail, and each way of failing has its answer: what may pass is tried again, what
 * is down is gone round, what stays down is not asked any more, and what cannot be saved is undone.
 */
import { createBreaker, createSystem, defineTool, hook, sequential, step } from 'hookchart'
import type { StepCall } from 'hookchart'
import { createTestClock, createTestIds } from 'hookchart/testing'
import * as z from 'zod'

const clock = createTestClock()
const wait = (ms: number) => new Promise<void>((resolve) => void clock.setTimeout(resolve, ms))
let startedAt = 0
const say = (text: string) => console.log(`   ${String(clock.now() - startedAt).padStart(5)} ms  ${text}`)

/** How often each service is still to fail. */
const failures = new Map<string, number>()
async function ask(service: string, ms: number) {
  await wait(ms)
  const left = failures.get(service) ?? 0
  failures.set(service, left - 1)
  say(`${service}: ${left > 0 ? 'no answer' : 'booked'}`)
  if (left > 0) throw new Error(`the ${service} does not answer`)
}

const trip = z.object({ to: z.string() })
const booked = z.object({ to: z.string(), ticket: z.string() })

// Two calls that fail open the breaker, and for ten seconds the railway is not asked at all. Slow calls count too, and what is
// slow for a hook (50 ms, the default) is not for a railway.
using breaker = createBreaker({ failureThreshold: 2, successThreshold: 1, slowCallMs: '1s', openMs: '10s', clock })

const hotel = defineTool({
  name: 'hotel',
  description: 'books a room',
  input: trip,
  output: booked,
  execute: async ({ input }) => {
    await ask('hotel', 100)
    return { ...input, ticket: 'room 7' }
  },
})
const train = defineTool({
  name: 'train',
  description: 'books a seat on a train',
  input: trip,
  output: booked,
  execute: async ({ input }) => {
    await breaker.run(() => ask('railway', 300))
    return { ...input, ticket: 'train, seat 12' }
  },
})
const bus = defineTool({
  name: 'bus',
  description: 'books a seat on a bus',
  input: trip,
  output: booked,
  execute: async ({ input }) => {
    await ask('bus', 100)
    return { ...input, ticket: 'bus, seat 3' }
  },
})

const booking = sequential({
  name: 'booking',
  input: trip,
  steps: [
    // Fails now and then: the step itself tries again, and waits twice as long each time.
    step.tool('room', hotel, undefined, {
      retry: { maxAttempts: 4, backoff: { delayMs: 200, multiplier: 2 } },
      compensate: ({ output }) => say(`undone: ${output?.ticket ?? 'the room, if there is one'}`),
    }),
    step.tool('seat', train, undefined, {
      compensate: ({ output }) => say(`undone: ${output?.ticket ?? 'the seat, if there is one'}`),
    }),
    step.run('mail', async ({ results }: StepCall<z.output<typeof booked>>) => {
      await ask('mail server', 50)
      return Object.values(results as Record<string, z.output<typeof booked>>)
        .map(({ ticket }) => ticket)
        .join(' and ')
    }),
  ],
})

const system = createSystem({ clock, ids: createTestIds(), tools: [hotel, train, bus], workflows: [booking] })

// Whatever is wrong with the train, there is a bus: it runs instead, with gates of its own.
system.hooks
  .for(train)
  .register('ToolError', ({ data }) => hook.redirect('bus', { message: `${data.error.code}, so by bus` }), {
    name: 'by_bus',
  })

async function go(title: string, down: Readonly<Record<string, number>> = {}) {
  console.log(`\n${title}`)
  for (const [service, times] of Object.entries(down)) failures.set(service, times)
  startedAt = clock.now()
  const running = system.workflows.execute(booking, { to: 'Rome' })
  await clock.advanceSteps(3_000)
  const { status, output, error, durationMs, trace } = await running
  for (const { message } of trace.filter(({ hook: name }) => name === 'by_bus'))
    console.log(`   the hook says: ${message}`)
  console.log(` → ${status} after ${durationMs} ms: ${output ?? error?.message}; breaker ${breaker.state}`)
  if (error !== undefined) console.log(`   undone ${JSON.stringify(error.details['undone'])}`)
  failures.clear()
}

console.log('A TRIP IS BOOKED while services fail')
await go('Nothing fails')
await go('The hotel answers at the third attempt', { hotel: 2 })
await go('The railway is down: a hook goes round it', { railway: 1 })
await go('It is down again, and the breaker opens', { railway: 1 })
await go('While the breaker is open nobody waits for the railway')
await clock.advance(10_000)
await go('Ten seconds later it is tried once more, and works')
await go('The mail server is down for good: room and seat are given back, the last first', { 'mail server': 9 })
await go('The hotel never answers: nobody knows whether there is a room, so that is undone too', { hotel: 9 })

await system.stop()

console.log('\nLesson: a retry is for what passes, a redirect for what has a substitute, a breaker for what stays')
console.log('broken, a compensation for what must not stay half done. Each says so where it belongs, once.')
