/**
 * The order of an operation comes to the same as its chart: whatever gates it has, whoever is hooked, and whatever its moves
 * tell, at once or later, the same moves are made in the same order.
 */
import fc from 'fast-check'
import * as machines from 'hookchart/machines'
import type { OperationGates, OperationMoves, Outcome } from 'hookchart/machines'
import { operationWorld, pointsOf } from './support/operation-world.ts'
import { testLawOf } from './support/law.ts'

const POINTS = [
  'BeforeModelCall',
  'BeforeToolExecution',
  'ToolValidation',
  'BeforeWorkflowStage',
  'SequentialStepStart',
]

const gates: fc.Arbitrary<OperationGates> = fc
  .record(
    {
      before: fc
        .uniqueArray(fc.constantFrom(...POINTS), { maxLength: 3 })
        .chain((points) =>
          fc.tuple(...points.map((point) => fc.record({ point: fc.constant(point), checks: fc.boolean() }))),
        )
        .map((all) => all.map((each, i) => ({ ...each, state: `gate${String(i)}` }))),
      after: fc.constantFrom('AfterModelCall', 'AfterWorkflowStage'),
      last: fc.constant({ state: 'last', point: 'SequentialStepComplete' }),
      error: fc.constantFrom('ModelError', 'WorkflowStepError'),
      timeout: fc.constantFrom('ToolTimeout'),
      queues: fc.boolean(),
    },
    { requiredKeys: ['before', 'queues'] },
  )
  .map((each) => each as OperationGates)

/** What the moves tell, as numbers that choose among what they may tell; those at odd places later. */
interface Script {
  readonly choices: readonly number[]
  readonly fits: boolean
  /** By the place of the point in the list of those at which it has gates. */
  readonly hooked: readonly boolean[]
}

const script: fc.Arbitrary<Script> = fc.record({
  choices: fc.array(fc.nat({ max: 59 }), { maxLength: 30 }),
  fits: fc.boolean(),
  hooked: fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }),
})

/** Moves that tell what the script says, and the list of those that were made. */
function movesOf(of: OperationGates, { choices, fits }: Script) {
  const made: string[] = []
  const { tells = {} } = operationWorld(of, fits)
  const attempts = { attempts: 0 }
  const tell = (src: string, input?: unknown): Outcome | Promise<Outcome> => {
    made.push(input === undefined ? src : `${src} ${(input as { readonly point: string }).point}`)
    if (src === 'effect') attempts.attempts++
    const may = tells[src]?.({ context: attempts } as never, input) as readonly Outcome[]
    // A script that has run out ends the operation wherever it is, as its chart lets it.
    const choice = choices[made.length - 1]
    const told = choice === undefined ? may.at(-1) : may[choice % may.length]
    return choice !== undefined && choice % 2 === 1 ? Promise.resolve(told as Outcome) : (told as Outcome)
  }
  const moves = {
    gate: (point: string) => tell('gate', { point }),
    lookUp: () => tell('lookUp'),
    queue: () => tell('queue'),
    effect: () => tell('effect'),
    wait: () => tell('wait'),
    release: () => undefined,
  }
  return { made, moves }
}

async function byChart(
  subject: typeof machines,
  of: OperationGates,
  given: Script,
  isHooked: (point: string) => boolean,
) {
  const { made, moves } = movesOf(of, given)
  const { input } = operationWorld(of, given.fits)
  const logic = subject.compile(
    subject.operationMachine('operation', of) as never,
    {
      guards: { hooked: (_: unknown, { point }: { readonly point: string }) => isHooked(point) },
    } as never,
  )
  await new Promise<void>((resolve) => {
    logic.run({
      input,
      effects: {
        ...moves,
        gate: (call: { readonly input: unknown }) => moves.gate((call.input as { point: string }).point),
      },
      onEnd: () => {
        resolve()
      },
    } as never)
  })
  return made
}

async function byOrder(
  subject: typeof machines,
  of: OperationGates,
  given: Script,
  isHooked: (point: string) => boolean,
) {
  const { made, moves } = movesOf(of, given)
  const { input } = operationWorld(of, given.fits)
  const order = subject.operationOrder(of, isHooked)(moves as OperationMoves, input as never)
  let step = order.next()
  while (step.done !== true) step = order.next(await step.value)
  return made
}

testLawOf(
  machines,
  'machines/index.ts',
  'the order of an operation is that of its chart',
  (subject) =>
    fc.asyncProperty(gates, script, async (of, given) => {
      const points = pointsOf(of)
      const isHooked = (point: string) => given.hooked[points.indexOf(point)] === true
      const charted = (await byChart(subject, of, given, isHooked)).join()
      const ordered = (await byOrder(subject, of, given, isHooked)).join()
      if (charted !== ordered) throw new Error(`the chart: ${charted}\nthe order: ${ordered}`)
    }),
  [
    {
      name: 'a retry of what hooks put in the place of the effect asks nobody',
      file: 'machines/operation/operation-order.ts',
      from: 'replacing[i] === true && point === replacedAt',
      to: 'replacing[i] !== true && point === replacedAt',
    },
    {
      name: 'the chart asks nobody when that is retried',
      file: 'machines/operation/operation-parts.ts',
      from: 'context.replacedAt === point',
      to: 'context.replacedAt === `not ${point}`',
    },
    {
      name: 'a value passes the gate behind the effect over',
      file: 'machines/operation/operation-order.ts',
      from: "at === 'last' ? 'end' : behindEffect()",
      to: "at === 'last' ? 'end' : behind()",
    },
    {
      name: 'a second try begins where the queue was left',
      file: 'machines/operation/operation-order.ts',
      from: '(again ?? replacingGate() ?? first)',
      to: "(again ?? replacingGate() ?? 'effect')",
    },
    {
      name: 'what is asked again has forgotten who asked',
      file: 'machines/operation/operation-order.ts',
      from: "again = typeof at === 'number' ? at : undefined",
      to: "again ??= typeof at === 'number' ? at : undefined",
      seed: 2,
    },
  ],
  { numRuns: 150 },
)
