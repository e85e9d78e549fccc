/** What machines drawn at random invoke and spawn. */
import { fromCallback, fromPromise, fromTransition, setup } from 'xstate'

/** How long timers wait; the last is no delay. */
export const DELAYS = [{ delayMs: 10 }, { delayMs: 25 }, { delayMs: 0 }, { delayMs: -1 }]

/** They write down what they are given. */
export function toActors(log: unknown[]) {
  return {
    resolves: fromPromise(({ input }) => {
      log.push(['resolves', input])
      return Promise.resolve({ input })
    }),
    rejects: fromPromise(({ input }) => {
      log.push(['rejects', input])
      return Promise.reject(new Error(`rejected ${JSON.stringify(input)}`))
    }),
    answers: fromCallback(({ input, sendBack, receive }) => {
      log.push(['answers', input])
      receive((event) => {
        log.push(['received', event])
      })
      sendBack({ type: 'x.two' })
      return () => {
        log.push(['stopped', input])
      }
    }),
    counts: fromTransition((count: number) => count + 1, 0),
    ends: setup({}).createMachine({ id: 'child', output: 'ended', type: 'final' } as never),
  }
}
