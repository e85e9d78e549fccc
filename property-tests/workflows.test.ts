/**
 * Parallel workflows under any interleaving: never more branches at once than allowed, nothing starts once it is decided, what
 * runs then is aborted, the status is the one that the branches make, and every operation is settled once.
 */
import fc from 'fast-check'
import * as hookchart from 'hookchart'
import { createTestClock, createTestIds } from 'hookchart/testing'
import { testLawOf } from './support/law.ts'

type Names = typeof hookchart

interface Branch {
  /** The step that fails; -1 for none. */
  readonly failsAt: number
  readonly steps: number
  readonly optional: boolean
}

interface Scenario {
  readonly branches: readonly Branch[]
  readonly maxConcurrency: number
  readonly failFast: boolean
  readonly join: 'all' | 'any' | { readonly atLeast: number }
}

const scenario: fc.Arbitrary<Scenario> = fc
  .record({
    branches: fc.array(
      fc.record({
        failsAt: fc.integer({ min: -2, max: 1 }),
        steps: fc.integer({ min: 1, max: 2 }),
        optional: fc.boolean(),
      }),
      { minLength: 1, maxLength: 4 },
    ),
    maxConcurrency: fc.integer({ min: 1, max: 3 }),
    failFast: fc.boolean(),
    join: fc.constantFrom('all', 'all', 'any', 'some'),
  })
  .map(({ join, ...rest }) => ({
    ...rest,
    join: join === 'some' ? { atLeast: Math.ceil(rest.branches.length / 2) } : join,
  }))

const willFail = ({ failsAt, steps }: Branch) => failsAt >= 0 && failsAt < steps

/** Whether the workflow comes to its join, when everything runs. */
function joins({ branches, join }: Scenario): boolean {
  if (join === 'all') return branches.every((branch) => branch.optional || !willFail(branch))
  return branches.filter((branch) => !willFail(branch)).length >= (join === 'any' ? 1 : join.atLeast)
}

/** Whether the branches that have arrived decide what becomes of the others. */
function isDecided({ branches, failFast, join }: Scenario, arrived: readonly string[]): boolean {
  const have = (status: string, b: number) => arrived.includes(`b${b} ${status}`)
  if (join === 'all') return failFast && branches.some(({ optional }, b) => !optional && have('failed', b))
  return branches.filter((_, b) => have('completed', b)).length >= (join === 'any' ? 1 : join.atLeast)
}

function law({ createSystem, parallel, step }: Names) {
  return fc.asyncProperty(scenario, fc.scheduler(), async (given, scheduler) => {
    const system = createSystem({ clock: createTestClock(), ids: createTestIds() })
    const settled: string[] = []
    const entered: string[] = []
    const arrived: string[] = []
    let ends = 0
    system.hooks.register('BeforeWorkflowStage', ({ step: at }) => void entered.push(String(at?.name)), {
      name: 'enter',
    })
    system.hooks.register('OperationSettled', ({ step: at }) => void settled.push(String(at?.name)), {
      name: 'settle',
      kind: 'observe',
    })
    const problems: string[] = []
    /** How many steps were entered when it was decided; -1 before. */
    let atDecision = -1
    system.hooks.register(
      'ParallelSynchronization',
      ({ data: { branch, status } }) => {
        arrived.push(`${branch} ${status}`)
        const ofBranch = (each: string) => each.startsWith(branch)
        if (entered.filter(ofBranch).length !== settled.filter(ofBranch).length) {
          problems.push(`${branch} arrived before its steps were settled`)
        }
        if (atDecision === -1 && isDecided(given, arrived)) atDecision = entered.length
      },
      { name: 'arrive', kind: 'observe' },
    )
    system.hooks.register('AfterWorkflowComplete', () => void ends++, { name: 'end' })
    const open = new Map<string, AbortSignal>()
    let most = 0
    const branches = given.branches.map(({ steps, failsAt, optional }, b) => ({
      name: `b${b}`,
      optional,
      steps: Array.from({ length: steps }, (_, s) =>
        step.run(`b${b}s${s}`, async ({ signal }) => {
          open.set(`b${b}s${s}`, signal)
          most = Math.max(most, open.size)
          await scheduler.schedule(Promise.resolve(), `b${b}s${s}`)
          open.delete(`b${b}s${s}`)
          if (failsAt === s) throw new Error(`b${b}`)
          return `b${b}s${s}`
        }),
      ),
    }))
    const workflow = parallel({ ...given, name: 'w', branches })
    const isDone = { value: false }
    const running = system.workflows.execute(workflow, undefined).then((result) => {
      isDone.value = true
      return { result, left: [...open.values()], started: entered.length }
    })
    for (let i = 0; i < 100 && !isDone.value; i++) {
      if (scheduler.count() > 0) await scheduler.waitNext(1)
      for (let tick = 0; tick < 100; tick++) await Promise.resolve()
    }
    const { result, left, started } = await running
    await scheduler.waitIdle()
    for (let tick = 0; tick < 200; tick++) await Promise.resolve()

    const { status, output } = result
    if (most > given.maxConcurrency + left.length) throw new Error(`${most} branches ran at once`)
    if (problems.length > 0) throw new Error(problems.join())
    if (atDecision !== -1 && entered.length !== atDecision) throw new Error('a step was entered when all was decided')
    if (entered.length !== started) throw new Error('a step was entered after the end')
    if (left.some(({ aborted }) => !aborted)) throw new Error('a step was left running without an abort')
    if (settled.toSorted().join() !== [...entered, 'undefined'].toSorted().join())
      throw new Error(`settled ${settled.join()}, entered ${entered.join()}`)
    if (settled.at(-1) !== 'undefined') throw new Error('a step was settled after its workflow')
    if (arrived.length !== given.branches.length) throw new Error(`arrived: ${arrived.join()}`)
    if (ends !== 1) throw new Error(`AfterWorkflowComplete fired ${ends} times`)

    const joined = joins(given)
    if (!given.failFast || given.join !== 'all' || joined) {
      if (joined !== (status === 'completed' || status === 'partial'))
        throw new Error(`${status}, but the join is ${joined ? '' : 'not '}reached`)
    }
    if (status === 'failed') return
    const completed = given.branches.flatMap((_, b) => (arrived.includes(`b${b} completed`) ? [`b${b}`] : []))
    if (Object.keys(output as object).join() !== completed.join())
      throw new Error(`the output has ${Object.keys(output as object).join()}, not ${completed.join()}`)
    const hasFailed = arrived.some((each) => each.endsWith('failed'))
    if (hasFailed !== (status === 'partial')) throw new Error(`${status} with ${arrived.join()}`)
    const stopped = arrived.filter((each) => each.endsWith('cancelled'))
    if (given.join === 'all' && stopped.length > 0) throw new Error(`${stopped.join()} although all must complete`)
  })
}

testLawOf(
  hookchart,
  'src/index.ts',
  'parallel workflows',
  law,
  [
    {
      name: 'branches that are stopped go on',
      file: 'machines/workflow/branch-region.ts',
      from: "STOP: { guard: { type: 'isRunning', params: { lane } }, target: '.cancelled' },",
      to: '',
    },
    {
      name: 'a workflow that is partial is completed',
      file: 'machines/workflow/workflow-ends.ts',
      from: "{ guard: 'isPartial', target: 'partial' }, ",
      to: '',
    },
    {
      name: 'the join does not wait for what was stopped',
      file: 'actors/workflow/parallel-run.ts',
      from: '    if (lane.pending !== undefined) yield lane.pending\n',
      to: '',
    },
    {
      name: 'optional branches count as all others',
      file: 'machines/workflow/parallel-context.ts',
      from: 'branches.every((branch) => branch.optional || hasCompleted(branch))',
      to: 'branches.every((branch) => hasCompleted(branch))',
    },
    {
      name: 'slots are not held',
      file: 'actors/workflow/parallel-run.ts',
      from: 'new Slots(concurrency)',
      to: 'new Slots(concurrency + 9)',
    },
  ],
  { numRuns: 150 },
)
