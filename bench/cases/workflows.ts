/** Workflows of ten trivial steps, with two hooks on both sides of each. */
import { createSystem, sequential, step } from 'hookchart'
import type { System, WorkflowDefinition } from 'hookchart'
import { createActor, fromPromise, setup, toPromise } from 'xstate'
import type { TimedRow } from '../row.ts'
import { tally } from '../workload.ts'

const STEPS = 10

const work = (n: number): number => n + 1

/** The same ten steps as one machine of XState with ten invokes. */
const machine = setup({
  types: { context: {} as { n: number }, input: {} as { n: number } },
  actors: { work: fromPromise<number, number>(({ input }) => Promise.resolve(work(input))) },
}).createMachine({
  id: 'ten',
  context: ({ input }) => input,
  initial: 'step0',
  states: Object.fromEntries([
    ...Array.from({ length: STEPS }, (_, i) => [
      `step${String(i)}`,
      {
        invoke: {
          src: 'work',
          input: ({ context }: { context: { n: number } }) => context.n,
          onDone: {
            target: i === STEPS - 1 ? 'done' : `step${String(i + 1)}`,
            actions: ({ context, event }: { context: { n: number }; event: { output: number } }) => {
              context.n = event.output
            },
          },
        },
      },
    ]),
    ['done', { type: 'final' }],
  ]) as never,
})

const steps = Array.from({ length: STEPS }, (_, i) =>
  step.run(`step${String(i)}`, ({ input }: { input: number }) => work(input)),
)
const writing = Array.from({ length: STEPS }, (_, i) =>
  step.run(`step${String(i)}`, ({ input, state }: { input: number; state: Record<string, unknown> }) => {
    state['last'] = input
    return work(input)
  }),
)
const ten = sequential({ name: 'ten', steps }) as WorkflowDefinition
const tenWriting = sequential({ name: 'ten_writing', steps: writing }) as WorkflowDefinition

function read(): void {
  tally.read = (tally.read + 1) & 0xffff
}

function hooked(system: System): System {
  for (let i = 0; i < 2; i++) {
    system.hooks.register('BeforeWorkflowStage', read)
    system.hooks.register('AfterWorkflowStage', read)
  }
  return system
}

export function workflows(): TimedRow {
  const untraced = hooked(createSystem({ trace: 'off' }))
  const traced = hooked(createSystem())
  const executes = (system: System, workflow: WorkflowDefinition) => async (times: number) => {
    let last: unknown
    for (let i = 0; i < times; i++) {
      const { status, output } = await system.workflows.execute(workflow as never, i as never)
      if (status !== 'completed') throw new Error(status)
      last = output
    }
    return last
  }
  return {
    title: 'Workflow of 10 trivial steps, 2 + 2 sync hooks at each',
    workload:
      'Execute a sequence of ten steps that add one, with two sync hooks before and two after each step. The limit is a loop that awaits the ten functions; the peer a machine of XState with ten invokes and no hooks, an actor a run.',
    cases: [
      {
        name: 'async loop',
        role: 'limit',
        batch: async (times) => {
          let last = 0
          for (let i = 0; i < times; i++) {
            last = i
            for (let at = 0; at < STEPS; at++) last = await work(last)
          }
          return last
        },
      },
      { name: 'trace off', role: 'ours', batch: executes(untraced, ten) },
      { name: 'traced', role: 'ours', batch: executes(traced, ten) },
      { name: 'one state write a step, traced', role: 'ours', batch: executes(traced, tenWriting) },
      {
        name: 'XState, ten invokes',
        role: 'peer',
        batch: async (times) => {
          let last: unknown
          for (let i = 0; i < times; i++) last = await toPromise(createActor(machine, { input: { n: i } }).start())
          return last
        },
      },
    ],
    firing: [untraced.hooks, traced.hooks],
    questions: [
      { type: 'ratio', of: 'trace off', to: 'async loop', atMost: 10 },
      { type: 'ratio', of: 'traced', to: 'async loop', atMost: 25 },
      { type: 'ratio', of: 'one state write a step, traced', to: 'async loop', atMost: 60 },
      { type: 'ratio', of: 'trace off', to: 'XState, ten invokes' },
      { type: 'time', of: 'trace off' },
    ],
  }
}
