/**
 * `npm run soak [-- runs]`: 100,000 runs of tools, agents, workflows and chains in one system, some of which fail, are refused,
 * aborted or out of time. Memory must be flat, and nothing may be left: no listener at a signal that all share, no timer.
 */
import { getEventListeners } from 'node:events'
import { createSystem, defineAgent, defineChain, defineTool, hook, parallel, sequential, step } from 'hookchart'
import { createEventCorrelator } from 'hookchart/actors'
import * as z from 'zod'

const runs = Number(process.argv[2] ?? 100_000)
if (!Number.isInteger(runs) || runs < 1_000) {
  console.error('Use: npm run soak [-- runs], a whole number of at least 1000')
  process.exit(2)
}
if (globalThis.gc === undefined) {
  console.error('Use npm run soak: memory is read behind a full collection, for which Node needs --expose-gc.')
  process.exit(2)
}

/** So many readings of memory, evenly spread. */
const READINGS = 20
/** How much more the second half of a run may hold than the first, of its median. */
const TOLERANCE = 1.05

const add = defineTool({
  name: 'add',
  description: 'adds one',
  level: 'safe',
  input: z.object({ n: z.number() }),
  execute: ({ input }) => {
    if (input.n % 17 === 0) throw new Error('unlucky')
    return { n: input.n + 1 }
  },
})
const late = defineTool({
  name: 'late',
  description: 'is out of time',
  input: z.object({ n: z.number() }),
  limits: { timeoutMs: 1 },
  execute: ({ signal }) =>
    new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => {
        reject(signal.reason as Error)
      })
    }),
})
const agent = defineAgent({ name: 'agent', execute: ({ tools, input }) => tools.execute(add, input as { n: number }) })
const line = sequential({
  name: 'line',
  steps: [
    step.tool('first', add),
    step.run('second', async ({ input, state }) => {
      state['seen'] = 1
      await Promise.resolve()
      return input
    }),
  ],
})
const fork = parallel({
  name: 'fork',
  branches: ['a', 'b'].map((name) => ({ name, optional: true, steps: [step.tool('add', add)] })),
})
const chain = defineChain('chain')
  .tool(add, { onError: { fallback: { n: 0 } } })
  .workflow(line, {
    after: ['add'],
    input: ({ results }) => results.add ?? { n: 0 },
    onError: 'skip_dependants',
  })

const system = createSystem({ tools: [add, late], agents: [agent] })
const correlator = createEventCorrelator(system, { maxTraces: 100 })
const shared = new AbortController()
let shots = 0
system.hooks.register('BeforeToolExecution', async () => Promise.resolve(undefined), { name: 'async' })
system.hooks.register(
  'BeforeToolExecution',
  ({ data }) => ((data.input as { n: number }).n % 13 === 0 ? hook.cancel('no') : undefined),
  { name: 'guard', kind: 'guard' },
)
system.hooks.register('*', () => void shots++, { name: 'watch', kind: 'observe' })

const counts = new Map<string, number>()
async function once(n: number): Promise<void> {
  const own = n % 7 === 0 ? new AbortController() : undefined
  const options = { signal: own === undefined ? shared.signal : AbortSignal.any([shared.signal, own.signal]) }
  const running =
    n % 50 === 0
      ? system.tools.execute(late, { n }, options)
      : n % 5 === 0
        ? system.chains.execute(chain, { n }, options)
        : n % 5 === 1
          ? system.workflows.execute(line, { n }, options)
          : n % 5 === 2
            ? system.workflows.execute(fork, { n }, options)
            : n % 5 === 3
              ? system.agents.execute(agent, { n }, options)
              : system.tools.execute(add, { n }, options)
  own?.abort(new Error('enough'))
  const { status } = await running
  counts.set(status, (counts.get(status) ?? 0) + 1)
}

const readings: number[] = []
const since = performance.now()
for (let n = 1; n <= runs; n += 20) {
  await Promise.all(Array.from({ length: 20 }, (_, i) => once(n + i)))
  if (readings.length < Math.floor(((n + 19) / runs) * READINGS)) {
    await system.idle()
    globalThis.gc()
    readings.push(process.memoryUsage().heapUsed)
  }
}
const took = performance.now() - since
await system.idle()
const left = getEventListeners(shared.signal, 'abort').length
correlator.stop()
await system.stop()
const timers = process.getActiveResourcesInfo().filter((name) => name === 'Timeout')

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
const half = Math.floor(readings.length / 2)
// The first reading is of a process that is not warm yet.
const ratio = median(readings.slice(half)) / median(readings.slice(1, half))
const mib = (bytes: number) => `${(bytes / 1_048_576).toFixed(1)} MiB`
console.log(
  `${runs} runs in ${(took / 1_000).toFixed(1)} s: ${[...counts].map(([status, n]) => `${n} ${status}`).join(', ')}; ${shots} observations`,
)
console.log(`memory: ${readings.map(mib).join(', ')}; second half / first half ${ratio.toFixed(3)}`)
console.log(`left: ${left} listeners at the shared signal, ${timers.length} timers`)
const fine = ratio <= TOLERANCE && left === 0 && timers.length === 0
console.log(fine ? 'flat, and nothing is left' : `NOT: at most ${TOLERANCE}, no listener, no timer`)
process.exitCode = fine ? 0 : 1
