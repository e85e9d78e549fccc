/** What a model agent does, as a machine: the model thinks, its tools act, until it has said all. */
import { assign, setup } from 'xstate'
import type { EventObject } from 'xstate'
import { beginLoop, limitHit, overLimit } from './model-loop-context.ts'
import type { LimitHit, ModelLoopContext, ModelLoopInput } from './model-loop-context.ts'

/** What `think` and `act` tell: thought, acted, or failed, and what is to be noted. */
export interface LoopOutcome {
  readonly type: 'thought' | 'acted' | 'failed'
  readonly note: Partial<ModelLoopContext>
}

interface Args {
  readonly context: ModelLoopContext
  readonly event: EventObject
}

const outcomeOf = ({ event }: Args) => (event as unknown as { readonly output: LoopOutcome }).output

function invoking(src: string, target: string): object {
  const onDone = [
    { guard: 'hasFailed', target: 'failed', actions: 'note' },
    { target, actions: 'note' },
  ]
  return { invoke: { id: src, src, input: ({ context }: { readonly context: ModelLoopContext }) => context, onDone } }
}

/**
 * The loop of a model agent: `thinking → (acting → thinking)* → done`. It invokes `think`, a call of the model, and `act`, the
 * calls of the tools that the model wants, and fails where a limit is passed before anything more is spent.
 *
 * @example
 * ```ts
 * import { toMermaid } from 'hookchart/chart'
 * import { modelLoopMachine } from 'hookchart/machines'
 * console.assert(toMermaid(modelLoopMachine).includes('thinking'))
 * ```
 */
export const modelLoopMachine = setup({
  types: { context: {} as ModelLoopContext, input: {} as ModelLoopInput },
  guards: {
    hasFailed: (args: Args) => outcomeOf(args).type === 'failed',
    isOverLimit: ({ context }: Args) => limitHit(context) !== undefined,
    wantsTools: ({ context }: Args) => context.requests.length > 0,
  },
  actions: {
    note: assign((args: Args) => outcomeOf(args).note),
    blameLimit: assign(({ context }: Args) => ({ error: overLimit(limitHit(context) as LimitHit) })),
  },
}).createMachine({
  id: 'modelLoop',
  version: '1',
  context: ({ input }) => beginLoop(input),
  initial: 'thinking',
  states: {
    thinking: {
      ...invoking('think', 'deciding'),
    },
    deciding: {
      always: [
        { guard: 'isOverLimit', target: 'failed', actions: 'blameLimit' },
        { guard: 'wantsTools', target: 'acting' },
        { target: 'done' },
      ],
    },
    acting: {
      ...invoking('act', 'thinking'),
    },
    done: { type: 'final' },
    failed: { type: 'final' },
  },
})
