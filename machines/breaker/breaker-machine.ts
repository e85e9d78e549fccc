/**
 * The circuit breaker as a statechart. It can be told of every call, and it can be told of the crossings only, while
 * counters stand in front of it: a property test holds that both come to the same. Pure: every event says when it happened.
 */
import { assign, setup } from 'xstate'
import * as z from 'zod'
import { openMsAfter, probesInTime, withinWindow } from '../../src/hooks/breaker.ts'
import { parseOptions } from '../../src/options.ts'
import type { BreakerSettings, BreakerSnapshot, BreakerState } from '../../src/ports/breaker.ts'

/** What the breaker has counted, and by what it judges; JSON. */
export interface BreakerContext extends Omit<BreakerSnapshot, 'state'> {
  readonly settings: BreakerSettings
}

/** What a breaker is told. `permit`: the generation that admitted the call; without it the present one. */
export type BreakerEvent =
  | { readonly type: 'READ'; readonly at: number }
  | { readonly type: 'ACQUIRE'; readonly at: number }
  | { readonly type: 'SUCCESS'; readonly at: number; readonly durationMs: number; readonly permit?: number | undefined }
  | { readonly type: 'FAILURE'; readonly at: number; readonly permit?: number | undefined }
  | { readonly type: 'RELEASE'; readonly permit?: number | undefined }
  | { readonly type: 'TRIP'; readonly at: number }
  | { readonly type: 'RESET' }
  | { readonly type: 'HYDRATE'; readonly snapshot: BreakerSnapshot }

interface Args {
  readonly context: BreakerContext
  readonly event: BreakerEvent
}

const threshold = z.int().positive()
const ms = z.number().positive()

const settingsSchema = z.strictObject({
  failureThreshold: threshold,
  successThreshold: threshold,
  windowMs: ms,
  openMs: ms,
  openMultiplier: z.number().min(1),
  maxOpenMs: ms,
  slowCallThreshold: threshold,
  slowCallMs: z.number().nonnegative(),
})

const at = ({ event }: Args) => ('at' in event ? event.at : 0)
const isCurrent = ({ context, event }: Args) =>
  !('permit' in event) || event.permit === undefined || event.permit === context.generation
const isSlow = ({ context, event }: Args) => event.type === 'SUCCESS' && event.durationMs >= context.settings.slowCallMs
const isDue = ({ context, event }: Args) => at({ context, event }) >= context.openUntil
const failures = (args: Args) => withinWindow(args.context.failures, at(args), args.context.settings.windowMs)
const slowCalls = (args: Args) => withinWindow(args.context.slowCalls, at(args), args.context.settings.windowMs)
const probes = (args: Args) => probesInTime(args.context.probes, at(args), args.context.settings.openMs)

/** Who reports is not known by name. While a probe is lost it may be that one, whose place went to another long ago. */
const withoutProbe = ({ probes: inFlight, lostProbes }: BreakerContext) =>
  lostProbes > 0 ? { lostProbes: lostProbes - 1 } : { probes: inFlight.slice(1) }

const fresh = { failures: [], slowCalls: [], successes: 0, probes: [], lostProbes: 0 }

/**
 * The machine behind `createBreaker`.
 *
 * @example
 * ```ts
 * import { breakerMachine, breakerPresets } from 'hookchart/machines'
 * import { createActor } from 'xstate'
 * const actor = createActor(breakerMachine, { input: breakerPresets.default }).start()
 * actor.send({ type: 'TRIP', at: 0 })
 * console.assert(actor.getSnapshot().value === 'open')
 * ```
 */
export const breakerMachine = setup({
  types: { context: {} as BreakerContext, events: {} as BreakerEvent, input: {} as BreakerSettings },
  guards: {
    isDue,
    isSlowProbe: (args: Args) => isCurrent(args) && isSlow(args),
    isLastProbe: (args: Args) =>
      isCurrent(args) && args.context.successes + 1 >= args.context.settings.successThreshold,
    isCurrent,
    opensByFailure: (args: Args) => isCurrent(args) && failures(args).length >= args.context.settings.failureThreshold,
    opensBySlowCall: (args: Args) =>
      isCurrent(args) && isSlow(args) && slowCalls(args).length >= args.context.settings.slowCallThreshold,
    isSlowCall: (args: Args) => isCurrent(args) && isSlow(args),
    comesFrom: ({ event }: Args, { state }: { readonly state: BreakerState }) =>
      event.type === 'HYDRATE' && event.snapshot.state === state,
    hasPlace: (args: Args) => probes(args).length < args.context.settings.successThreshold,
  },
  actions: {
    countFailure: assign({ failures: (args) => failures(args) }),
    countSlowCall: assign({ slowCalls: (args) => slowCalls(args) }),
    countProbe: assign(({ context }) => ({ ...withoutProbe(context), successes: context.successes + 1 })),
    forgetProbe: assign(({ context }) => withoutProbe(context)),
    beginProbe: assign((args) => {
      const inTime = probes(args)
      const lost = args.context.probes.length - inTime.length
      return { probes: [...inTime, at(args)], lostProbes: args.context.lostProbes + lost }
    }),
    close: assign(({ context }) => ({ ...fresh, generation: context.generation + 1, opens: 0 })),
    probe: assign(({ context }) => ({ ...fresh, generation: context.generation + 1 })),
    hydrate: assign(({ context, event }) => {
      if (event.type !== 'HYDRATE') return context
      const { state: _, ...counted } = event.snapshot
      return counted
    }),
    open: assign((args) => ({
      ...fresh,
      generation: args.context.generation + 1,
      opens: args.context.opens + 1,
      openUntil: at(args) + openMsAfter(args.context.settings, args.context.opens + 1),
    })),
  },
}).createMachine({
  id: 'breaker',
  version: '1',
  description: 'A circuit breaker. Every event says when it happened; no timer is armed.',
  context: ({ input }) => ({
    settings: parseOptions(settingsSchema, input, 'input of breaker'),
    generation: 0,
    opens: 0,
    openUntil: 0,
    ...fresh,
  }),
  on: {
    TRIP: { target: '.open', actions: 'open' },
    RESET: { target: '.closed', actions: 'close' },
    HYDRATE: [
      { guard: { type: 'comesFrom', params: { state: 'open' } }, target: '.open', actions: 'hydrate' },
      { guard: { type: 'comesFrom', params: { state: 'halfOpen' } }, target: '.halfOpen', actions: 'hydrate' },
      { target: '.closed', actions: 'hydrate' },
    ],
    RELEASE: { guard: 'isCurrent', actions: 'forgetProbe' },
  },
  initial: 'closed',
  states: {
    closed: {
      description: 'Calls pass. Failures and slow calls are counted in sliding windows.',
      on: {
        FAILURE: [
          { guard: 'opensByFailure', target: 'open', actions: 'open' },
          { guard: 'isCurrent', actions: 'countFailure' },
        ],
        SUCCESS: [
          { guard: 'opensBySlowCall', target: 'open', actions: 'open' },
          { guard: 'isSlowCall', actions: 'countSlowCall' },
        ],
      },
    },
    open: {
      description: 'Calls are refused until the time is up, which is found when somebody calls or reads.',
      on: {
        READ: { guard: 'isDue', target: 'halfOpen', actions: 'probe' },
        ACQUIRE: { guard: 'isDue', target: 'halfOpen', actions: ['probe', 'beginProbe'] },
      },
    },
    halfOpen: {
      description:
        'A bounded number of probes pass: they close it, or the first that fails or is slow opens it for longer.',
      on: {
        ACQUIRE: { guard: 'hasPlace', actions: 'beginProbe' },
        SUCCESS: [
          { guard: 'isSlowProbe', target: 'open', actions: 'open' },
          { guard: 'isLastProbe', target: 'closed', actions: 'close' },
          { guard: 'isCurrent', actions: 'countProbe' },
        ],
        FAILURE: { guard: 'isCurrent', target: 'open', actions: 'open' },
      },
    },
  },
})
