/**
 * Requests carry optional work with them: billing, an audit, metrics, a debug dump. A budget says which share of the
 * time of the requests it may take. Over it, the least critical is left out, and comes back when it fits again.
 */
import { createShedding } from 'hookchart/machines'

using shedding = createShedding({ budget: 0.1, windowOperations: 10, firstTrialWindows: 3 })

/** What each piece takes in a request now, in ms. */
const costs = { billing: 2, audit: 3, metrics: 2, dump: 1 }
type Work = keyof typeof costs
const all = Object.keys(costs) as Work[]

shedding.add('billing', { isKept: true })
shedding.add('audit', { criticality: 5 })
shedding.add('metrics')
shedding.add('dump', { criticality: -1 })

let last = shedding.state
shedding.actor.subscribe(({ value }) => {
  if (value !== last) console.log(`            ** ${last} → ${value}`)
  last = value
})

/** A window of requests that take so long themselves. */
function serve(ownMs: number): void {
  for (let i = 0; i < 10; i++) {
    const spentMs = Object.fromEntries(all.map((work) => [work, shedding.isShed(work) ? 0 : costs[work]]))
    shedding.count(ownMs, spentMs)
  }
  const { share, shed } = shedding.stats()
  const percent = `${(share * 100).toFixed(1)} %`.padStart(7)
  console.log(`${String(ownMs).padStart(4)} ms   ${percent}   ${shed.length === 0 ? 'nothing' : shed.join(', ')}`)
}

console.log('A BUDGET FOR OPTIONAL WORK: 10 % of what the requests take themselves\n')
console.log('requests    share   left out from now on\n')
serve(100)
console.log('\nRequests become shorter, so the same work is a larger share of them:\n')
serve(50)
serve(50)
console.log('\nAnd shorter still. Billing is kept, whatever it takes:\n')
serve(25)
serve(15)
console.log(
  '\nRequests are long again. One piece comes back in a window, the most critical first. By what it\nlast took the audit would not fit, so it is tried after three windows; metrics would fit:\n',
)
for (let i = 0; i < 4; i++) serve(200)
console.log('\nMetrics take far too long for a moment, and wait for their trial. The dump waits behind them:\n')
costs.metrics = 40
serve(200)
costs.metrics = 1
for (let i = 0; i < 5; i++) serve(200)

console.log('\nLesson: a budget is held by leaving out what matters least, and only for as long as needed.')
console.log('What must not be left out says so, and still counts.')
