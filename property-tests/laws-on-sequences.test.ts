/** Laws 3, 4, 8, 12 to 15 on sequences: jumps, what lies between steps, and what a failed step leaves, as a plain reference says. */
import fc from 'fast-check'
import * as actors from 'hookchart/actors'
import { sequential } from 'hookchart/machines'
import { testLawOf } from './support/law.ts'
import { lane } from './support/workflow-reference.ts'
import { assertWorkflow, MAX_REDIRECTS, planAt, stepNames } from './support/workflow-scenario.ts'

const GATES = ['WorkflowStageTransition']

const scenario = fc.record({
  plan: planAt(...GATES, 'SequentialStepStart', 'SequentialStepComplete'),
  steps: fc.integer({ min: 1, max: 3 }),
  onError: fc.constantFrom('fail_fast' as const, 'continue' as const, { retry: { maxAttempts: 2, backoff: 10 } }),
})

function law(names: typeof actors) {
  return fc.asyncProperty(scenario, fc.scheduler(), async ({ plan, steps: count, onError }, scheduler) => {
    const steps = stepNames('s', count)
    await assertWorkflow(names, scheduler, {
      ...{ plan, gates: GATES, lanes: [steps] },
      define: (stepOf, common) =>
        sequential({ ...(common as { name: string }), steps: steps.map(stepOf) as never, onError }),
      course: (cursor, input) => {
        const continues = onError === 'continue'
        return lane(cursor, { steps, continues, jumps: { back: 0 }, maxRedirects: MAX_REDIRECTS }, input)
      },
    })
  })
}

testLawOf(
  actors,
  'actors/index.ts',
  'laws 3, 4, 8, 12 to 15 on sequences',
  law,
  [
    {
      name: 'jumps back know no end',
      file: 'actors/workflow/lane-run.ts',
      from: 'if (index <= from) this.jumpsBack++',
      to: '',
    },
    {
      name: 'a step that failed is not counted',
      file: 'machines/workflow/lane.ts',
      from: 'failed: [...laneOf(context, lane).failed, step],',
      to: '',
    },
    {
      name: 'what a hook changes between two steps is lost',
      file: 'actors/workflow/pattern-run.ts',
      from: "const value = passed.data['input']",
      to: 'const value = input.value',
    },
    {
      name: 'a step that is refused leads nowhere',
      file: 'machines/workflow/lane.ts',
      from: `                { target: ends.cancelled, actions: note },
              ]),`,
      to: '              ]),',
    },
    {
      name: 'a step does its work twice',
      file: 'actors/workflow/step-operation.ts',
      from: 'return andThen(step.execute(own as never), (value) => {',
      to: `void Promise.resolve(step.execute(own as never)).catch(() => undefined)
    return andThen(step.execute(own as never), (value) => {`,
    },
  ],
  { numRuns: 50 },
)
