/**
 * A chain as a machine: a region for each component, which starts as soon as those that it comes after have settled; the
 * course of the whole; and behind both the compensations, one after another. The gates of the chain and of its components
 * are those of their operations.
 */
import { beginChain, chainOutput } from './chain-context.ts'
import type { ChainContext } from './chain-context.ts'
import { failsChain } from './component.ts'
import { foresee } from './chain-plan.ts'
import type { ChainPlan } from './chain-plan.ts'
import { chainSetup } from './chain-setup.ts'
import { keyOf, regionOf } from './component-region.ts'

export type { ChainPlan } from './chain-plan.ts'

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
  const { phases, cutOff } = foresee(components)
  const mayFail = components.some((each) => failsChain(each, true))
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
            input: ({ context }: { readonly context: ChainContext }) => ({ id: context.toUndo.at(-1) }),
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
