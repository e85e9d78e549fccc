/**
 * A chain as a machine: a region for each component, which starts as soon as those that it comes after have settled; the
 * course of the whole; and behind both the compensations, one after another. The gates of the chain and of its components
 * are those of their operations.
 */
import { and, assign, not, setup } from 'xstate'
import type { ChainDefinition } from './define-chain.ts'
import type { ChainComponent } from './component.ts'
import { beginChain, chainOutput, hasOutput } from './chain-context.ts'
import type { ChainComponentState, ChainContext, ChainEvent, ChainInput, ChainOutcome } from './chain-context.ts'
import { levelsOf, sortByDependencies } from './topology.ts'
import type { AfterOf } from './topology.ts'

interface Args {
  readonly context: ChainContext
  readonly event: ChainEvent
}

interface Of {
  readonly id: string
}

/** What of a definition the chart is made from. */
export type ChainPlan = Pick<ChainDefinition, 'name'> & {
  readonly components: readonly Pick<ChainComponent, 'id' | 'after' | 'onError' | 'compensate'>[]
}

const outcomeOf = (event: ChainEvent) => (event as unknown as { readonly output: ChainOutcome }).output
const told = (type: ChainOutcome['type']) => ({ type: 'told' as const, params: { type } })
const withState = (context: ChainContext, id: string, state: ChainComponentState) => ({
  components: { ...context.components, [id]: state },
})

/** An effect that was begun for may not have been run after all: its own gates did not let it. */
const startedAfter = ({ started }: ChainContext, id: string, { ran }: ChainOutcome) =>
  ran ? {} : { started: started.filter((each) => each !== id) }

const chainSetup = setup({
  types: { context: {} as ChainContext, events: {} as ChainEvent, input: {} as ChainInput },
  guards: {
    told: ({ event }: Args, { type }: { readonly type: string }) => outcomeOf(event).type === type,
    isStopped: ({ context }: Args) => context.stopped !== null,
    isPaused: ({ context }: Args) => context.paused,
    /** All that it comes after have an output. */
    isReady: ({ context }: Args, { after }: { readonly after: readonly string[] }) =>
      after.every((id) => hasOutput(context.components[id] as ChainComponentState)),
    /** Something that it comes after has settled without one. */
    isCutOff: ({ context }: Args, { after }: { readonly after: readonly string[] }) =>
      after.some((id) => ['failed', 'skipped'].includes((context.components[id] as ChainComponentState).status)),
    /** It was stopped, a component that compensates has not completed, and something was started that can be undone. */
    compensates: (
      { context }: Args,
      { ids, undoable }: { readonly ids: readonly string[]; readonly undoable: readonly string[] },
    ) =>
      context.stopped !== null &&
      ids.some((id) => !hasOutput(context.components[id] as ChainComponentState)) &&
      undoable.some((id) => context.started.includes(id)),
    hasMore: ({ context }: Args) => context.toUndo.length > 1,
  },
  actions: {
    begin: assign(({ context }: Pick<Args, 'context'>, { id }: Of) => withState(context, id, { status: 'running' })),
    skip: assign(({ context }: Pick<Args, 'context'>, { id }: Of) => withState(context, id, { status: 'skipped' })),
    /** Takes over how it settled, and that its effect was not run after all. */
    settle: assign(({ context, event }, { id }: Of) => {
      const outcome = outcomeOf(event)
      const state: ChainComponentState =
        outcome.type === 'failed'
          ? { status: 'failed', error: outcome.error }
          : { status: outcome.type, output: outcome.output }
      return { ...withState(context, id, state), ...startedAfter(context, id, outcome) }
    }),
    /** It has failed, but it is not over. */
    fallBack: assign(({ context, event }, { id }: Of) => startedAfter(context, id, outcomeOf(event))),
    /** The chain fails with it; the first that does is named. */
    failChain: assign({ stopped: ({ context }, { id }: Of) => context.stopped ?? { component: id } }),
    noteStart: assign({
      started: ({ context: { started }, event }) =>
        event.type !== 'STARTED' || started.includes(event.id) ? started : [...started, event.id],
    }),
    pause: assign({ paused: true }),
    resume: assign({ paused: false }),
    stop: assign({ stopped: ({ context }) => context.stopped ?? {} }),
    planUndoing: assign({
      toUndo: ({ context }, { ids }: { readonly ids: readonly string[] }) =>
        context.started.filter((id) => ids.includes(id)),
    }),
    noteUndone: assign(({ context, event }) => {
      const id = context.toUndo.at(-1) as string
      const outcome = outcomeOf(event)
      return {
        toUndo: context.toUndo.slice(0, -1),
        ...(outcome.type === 'failed'
          ? { notUndone: [...context.notUndone, { id, error: outcome.error }] }
          : { undone: [...context.undone, id] }),
      }
    }),
  },
})

/**
 * The chart of a chain: what runs when its gates let it. It invokes `component` and `fallback` for a component, each of which tells an
 * outcome, `stopRest` once nothing more is to start, and `compensate` for what is to be undone, one after another.
 *
 * Once it is stopped — by a component whose failure fails the chain, or by STOP — what waits is skipped and what runs is told
 * to end. Then, if a component with the policy `compensate` has not completed, everything that was started is undone that can be,
 * the last started first.
 *
 * @example
 * ```ts
 * import * as z from 'zod'
 * import { chainMachine, defineChain, defineTool } from 'hookchart/machines'
 * import { toMermaid } from 'hookchart/chart'
 * const fetch = defineTool({ name: 'fetch', description: 'gets it', input: z.string(), execute: ({ input }) => input.length })
 * const count = defineTool({ name: 'count', description: 'counts it', input: z.number(), execute: ({ input }) => input + 1 })
 * const chain = defineChain('report').tool(fetch).tool(count, { after: ['fetch'], input: ({ results }) => results.fetch ?? 0 })
 * console.assert(toMermaid(chainMachine(chain)).includes('stopping'))
 * ```
 */
export function chainMachine({ name, components }: ChainPlan) {
  const ids = components.map(({ id }) => id)
  const compensating = components.filter(({ onError }) => onError === 'compensate').map(({ id }) => id)
  const undoable = components.filter(({ compensate }) => compensate !== undefined).map(({ id }) => id)
  const undoes = compensating.length > 0 && undoable.length > 0
  const sequence = sequenceOf(components)
  const phases = levelsOf(sequence, afterIn(components))
  const cutOff = mayBeCutOff(sequence, components)
  const mayFail = components.some(({ onError }) => onError !== 'skip_dependants')
  const regions = Object.fromEntries(
    components.map((component) => {
      const { id } = component
      return [keyOf(id), regionOf(component, phases.get(id) as number, cutOff.has(id))]
    }),
  )
  return chainSetup.createMachine({
    // Ids are not shared by chart and states.
    id: `chain:${name}`,
    version: '1',
    context: ({ input }) => beginChain(ids, input),
    output: ({ context }) => chainOutput(context),
    on: { STARTED: { actions: 'noteStart' } },
    initial: ids.length === 0 ? 'ended' : 'running',
    states: {
      running: {
        type: 'parallel',
        states: {
          components: { type: 'parallel', states: regions, onDone: '#deciding' },
          course: {
            initial: 'going',
            on: { STOP: { target: '.stopping', actions: 'stop' } },
            states: {
              going: {
                on: { PAUSE: { target: 'paused', actions: 'pause' } },
                always: [
                  ...(mayFail ? [{ guard: 'isStopped' as const, target: 'stopping' }] : []),
                  { guard: 'isPaused', target: 'paused' },
                ],
              },
              paused: {
                on: { RESUME: { target: 'going', actions: 'resume' } },
                ...(mayFail && { always: { guard: 'isStopped' as const, target: 'stopping' } }),
              },
              stopping: {
                on: { STOP: {} },
                invoke: { id: 'stopRest', src: 'stopRest', onDone: 'stopped' } as never,
              },
              stopped: { on: { STOP: {} } },
            },
          },
        },
      },
      deciding: {
        id: 'deciding',
        always: [
          ...(undoes
            ? [
                {
                  guard: { type: 'compensates' as const, params: { ids: compensating, undoable } },
                  target: 'compensating',
                  actions: { type: 'planUndoing' as const, params: { ids: undoable } },
                },
              ]
            : []),
          { target: 'ended' },
        ],
      },
      ...(undoes && {
        compensating: {
          invoke: {
            id: 'compensate',
            src: 'compensate',
            input: ({ context }: Args) => ({ id: context.toUndo.at(-1) }),
            onDone: [
              { guard: 'hasMore', target: 'compensating', reenter: true, actions: 'noteUndone' },
              { target: 'ended', actions: 'noteUndone' },
            ],
          } as never,
        },
      }),
      ended: { type: 'final' },
    },
  })
}

/** A component, from waiting for its turn to how it settled. */
function regionOf({ id, after, onError }: ChainPlan['components'][number], phase: number, mayBeCutOff: boolean) {
  const of = { id }
  const act = (type: 'begin' | 'skip' | 'fallBack' | 'settle' | 'failChain') => ({ type, params: of })
  const failed = {
    guard: told('failed'),
    target: 'failed',
    actions: onError === 'skip_dependants' ? [act('settle')] : [act('settle'), act('failChain')],
  }
  const settled = [failed, { target: 'completed', actions: act('settle') }]
  const invoking = (src: 'component' | 'fallback', onDone: readonly object[]) => ({
    invoke: { id: `${src} ${id}`, src, input: of, onDone },
  })
  const hasFallback = typeof onError === 'object'
  return {
    meta: { component: id, phase },
    initial: 'waiting',
    states: {
      waiting: {
        always: [
          { guard: 'isStopped', target: 'skipped', actions: act('skip') },
          ...(mayBeCutOff
            ? [{ guard: { type: 'isCutOff', params: { after } }, target: 'skipped', actions: act('skip') }]
            : []),
          {
            guard: and([not('isPaused'), { type: 'isReady', params: { after } }] as never),
            target: 'running',
            actions: act('begin'),
          },
        ],
      },
      running: invoking('component', [
        ...(hasFallback
          ? [
              {
                guard: and([told('failed'), not('isStopped')] as never),
                target: 'fallingBack',
                actions: act('fallBack'),
              },
            ]
          : []),
        ...settled,
      ]),
      ...(hasFallback && { fallingBack: invoking('fallback', settled) }),
      completed: { type: 'final' },
      failed: { type: 'final' },
      skipped: { type: 'final' },
    },
  } as object
}

/** What each component comes after. */
function afterIn(components: ChainPlan['components']): AfterOf {
  const after = new Map(components.map((component) => [component.id, component.after]))
  return (id) => after.get(id) as readonly string[]
}

/** The components, each behind those that it comes after, else in their order. */
function sequenceOf(components: ChainPlan['components']): readonly string[] {
  const order = new Map(components.map(({ id }, i) => [id, i]))
  const placeOf = (id: string) => order.get(id) as number
  return sortByDependencies([...order.keys()], afterIn(components), (a, b) => placeOf(a) - placeOf(b))
}

/** Components that are skipped when another fails and the chain goes on. */
function mayBeCutOff(sequence: readonly string[], components: ChainPlan['components']): ReadonlySet<string> {
  const afterOf = afterIn(components)
  const skips = new Set(components.filter(({ onError }) => onError === 'skip_dependants').map(({ id }) => id))
  const cutOff = new Set<string>()
  for (const id of sequence) if (afterOf(id).some((each) => skips.has(each) || cutOff.has(each))) cutOff.add(id)
  return cutOff
}

/** The key of a component's region: a dot would be taken for a path. */
function keyOf(id: string): string {
  return id.replaceAll('%', '%25').replaceAll('.', '%2E')
}
