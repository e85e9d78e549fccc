/**
 * A payment service breaks and comes back. A circuit breaker stands in front of it: counters for every call, and a
 * statechart that shows what it is doing. Time is a test clock, so nothing really waits.
 */
import { toMermaid } from 'hookchart/chart'
import { isHookchartError } from 'hookchart/hooks'
import { breakerMachine, createBreaker } from 'hookchart/machines'
import { createTestClock } from 'hookchart/testing'

const clock = createTestClock()
using breaker = createBreaker({
  failureThreshold: 3,
  successThreshold: 2,
  windowMs: '10s',
  openMs: '5s',
  openMultiplier: 2,
  maxOpenMs: '30s',
  slowCallThreshold: 2,
  slowCallMs: 400,
  clock,
})

/** The service, and what it does now. */
let service = 'works'
const takesMs = () => (service === 'is slow' ? 500 : 20)
async function pay(): Promise<string> {
  await new Promise<void>((resolve) => void clock.setTimeout(resolve, takesMs()))
  if (service === 'is down') throw new Error('503')
  return 'paid'
}

/** A call, and what came of it. */
async function call(): Promise<string> {
  try {
    const paying = breaker.run(pay)
    await clock.advance(takesMs())
    return await paying
  } catch (error) {
    return isHookchartError(error, 'BREAKER_OPEN') ? 'refused, not called' : `failed: ${(error as Error).message}`
  }
}

const seconds = () => `${(clock.now() / 1_000).toFixed(1)} s`.padStart(7)

console.log('A PAYMENT SERVICE BREAKS and comes back\n')
console.log('The breaker as a chart:\n')
console.log(toMermaid(breakerMachine))

console.log('Changes of state are seen by whoever watches the actor:\n')
let last = 'closed'
breaker.actor.subscribe(({ value, context }) => {
  if (value === last) return
  const until = value === 'open' ? `, until ${(context.openUntil / 1_000).toFixed(1)} s` : ''
  console.log(`${seconds()}  ** ${last} → ${value}${until}`)
  last = value
})

const plan: readonly (readonly [at: number, service: string])[] = [
  [0, 'works'],
  [1, 'is down'],
  [2, 'is down'],
  [3, 'is down'],
  [4, 'is down'],
  [9, 'is down'],
  [12, 'works'],
  [20, 'works'],
  [21, 'works'],
  [30, 'is down'],
  [41, 'is down'],
  [52, 'is down'],
  [60, 'is slow'],
  [61, 'is slow'],
]
for (const [at, now] of plan) {
  await clock.advance(at * 1_000 - clock.now())
  service = now
  const ending = await call()
  console.log(`${seconds()}  the service ${service.padEnd(8)} ${ending}`)
}

console.log('\nWhat it has counted can be kept as JSON, and another goes on from there:\n')
const kept = JSON.stringify(breaker.snapshot())
console.log(kept)
using other = createBreaker({ clock })
other.hydrate(JSON.parse(kept) as ReturnType<typeof breaker.snapshot>)
console.log(`\nThe other one is ${other.state} too. Somebody knows better and closes it:`)
other.reset()
console.log(`now it is ${other.state}.`)

console.log('\nLesson: three failures within ten seconds open it, three in half a minute do not.')
console.log('A probe that fails opens it for twice as long, and two slow calls are as bad as')
console.log('three failures. Nothing runs in the background: the clock is read when you call.')
