/** Laws 3, 4, 8, 12 to 15 on parallel workflows: each branch, the slots, the join and what comes of it, as a plain reference says. */
import fc from 'fast-check'
import * as actors from 'hookchart/actors'
import { parallel } from 'hookchart/machines'
import { expect } from 'vitest'
import type { Seen, Told } from './support/course.ts'
import { testLawOf } from './support/law.ts'
import { Cursor, Interrupted, lane, leaves } from './support/workflow-reference.ts'
import type { End } from './support/workflow-reference.ts'
import { assertWorkflow, MAX_REDIRECTS, planAt, stepNames } from './support/workflow-scenario.ts'

const GATES = ['ParallelFork', 'ParallelJoin', 'WorkflowStageTransition']
const TOLD = ['ParallelSynchronization', 'StateConflict']

const forkArbitrary = fc.record({
  branches: fc.array(
    fc.record({
      steps: fc.integer({ min: 1, max: 2 }),
      optional: fc.boolean(),
      timeoutMs: fc.constantFrom(undefined, undefined, 250),
    }),
    { minLength: 1, maxLength: 3 },
  ),
  maxConcurrency: fc.integer({ min: 1, max: 3 }),
  failFast: fc.boolean(),
  join: fc.constantFrom('all' as const, 'all', 'any', 'half'),
})

const scenario = fc.record({ plan: planAt(...GATES), given: forkArbitrary })

interface Fork {
  readonly branches: readonly {
    readonly name: string
    readonly steps: readonly string[]
    readonly optional: boolean
    readonly timeoutMs: number | undefined
  }[]
  readonly maxConcurrency: number
  readonly failFast: boolean
  readonly join: 'all' | 'any' | { readonly atLeast: number }
}

function law(names: typeof actors) {
  return fc.asyncProperty(scenario, fc.scheduler(), async ({ plan, given }, scheduler) => {
    const branches = given.branches.map(({ steps, optional, timeoutMs }, i) => ({
      ...{ name: `b${i}`, optional, timeoutMs, steps: stepNames(`b${i}s`, steps) },
    }))
    const join = given.join === 'half' ? { atLeast: Math.ceil(branches.length / 2) } : given.join
    const fork: Fork = { ...given, branches, join }
    await assertWorkflow(names, scheduler, {
      ...{ plan, gates: GATES, told: TOLD, lanes: branches.map(({ steps }) => steps) },
      define: (stepOf, common) =>
        parallel({
          ...(common as { name: string }),
          ...{ maxConcurrency: fork.maxConcurrency, failFast: fork.failFast, join },
          branches: branches.map(({ timeoutMs, steps, ...branch }) => ({
            ...{ ...branch, steps: steps.map(stepOf) },
            ...(timeoutMs !== undefined && { timeoutMs }),
          })) as never,
        }),
      course: (cursor, input) => course(cursor, input, fork),
    })
  })
}

/** The fork; each branch for itself, as many at once as may; the join once enough have completed. */
function course(cursor: Cursor, input: unknown, fork: Fork): End {
  const { branches, maxConcurrency } = fork
  const names = branches.map(({ name }) => name)
  const forked = cursor.gate('ParallelFork', { input, branches: names, concurrency: maxConcurrency })
  const { left, decision } = leaves(forked)
  if (decision.type === 'cancel') return { type: 'refused' }
  const rest = cursor.rest()
  assertSlots(rest, Number(left['concurrency']))
  const arrivals = rest.filter((each): each is Told => each.kind === 'told')
  expect(new Set(arrivals.map(branchOf)).size, 'each branch arrives once').toBe(arrivals.length)
  const ends = branches.map((branch) => {
    const own = rest.filter((each) => branchOf(each) === branch.name)
    return endOf(own, branch, input)
  })
  if (arrivals.length < branches.length) throw new Interrupted('not all branches have arrived')
  const statuses = ends.map(({ status }) => status)
  const completed = ends.flatMap(({ status, value }, i) => (status === 'completed' ? [[names[i], value] as const] : []))
  for (const [i, { isStopped }] of ends.entries()) {
    if (isStopped) expect(isDecided(fork, ends), `${String(names[i])} is stopped by others`).toBe(true)
  }
  const joining = rest.filter((each) => each.kind === 'gate' && each.point === 'ParallelJoin')
  const isJoined =
    fork.join === 'all'
      ? branches.every(({ optional }, i) => optional || statuses[i] === 'completed')
      : completed.length >= (fork.join === 'any' ? 1 : fork.join.atLeast)
  const last = new Cursor(joining)
  if (!isJoined) {
    last.ended()
    return { type: 'failed' }
  }
  const output = Object.fromEntries(completed)
  const joined = leaves(last.gate('ParallelJoin', { input, output, branches: completed.map(([name]) => name) }))
  last.ended()
  if (joined.decision.type === 'cancel') return { type: 'failed' }
  const isPartial = ends.some(({ status, isStopped }) => status !== 'completed' && !isStopped)
  const value = joined.decision.type === 'replace' ? joined.decision.value : joined.left['output']
  return { type: isPartial ? 'partial' : 'completed', value }
}

/** Whether what has ended decides about the rest. */
function isDecided({ branches, join, failFast }: Fork, ends: readonly BranchEnd[]): boolean {
  const completed = ends.filter(({ status }) => status === 'completed').length
  const needed = join === 'all' ? branches.length : join === 'any' ? 1 : join.atLeast
  if (join !== 'all' && completed >= needed) return true
  if (!failFast) return false
  const isLost = ({ status, isStopped }: BranchEnd) => status !== 'completed' && !isStopped
  if (join === 'all') return ends.some((end, i) => isLost(end) && !branches[i]!.optional)
  return branches.length - ends.filter(isLost).length < needed
}

interface BranchEnd {
  readonly status: string
  readonly value?: unknown
  /** Others have decided without it. */
  readonly isStopped: boolean
}

/** How a branch arrived, which agrees with what its steps came to. */
function endOf(own: readonly Seen[], { steps, timeoutMs }: Fork['branches'][number], input: unknown): BranchEnd {
  const arrival = own.findIndex(({ kind }) => kind === 'told')
  const status = String((own[arrival] as Told | undefined)?.given['status'])
  if (arrival !== -1) expect(own.slice(arrival + 1), 'nothing of a branch comes behind its arrival').toEqual([])
  const cursor = new Cursor(own.filter(({ kind }) => kind !== 'told'))
  let end: End | undefined
  try {
    end = lane(cursor, { steps, jumps: { back: 0 }, maxRedirects: MAX_REDIRECTS }, input)
    cursor.ended()
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error
  }
  const until = Math.max(...own.flatMap((each) => (each.kind === 'step' ? [each.until] : [])), 0)
  if (arrival !== -1) expect(until, 'its steps are settled when it arrives').toBeLessThan(own[arrival]!.at)
  if (end?.type === 'completed' && status === 'completed') return { status, value: end.value, isStopped: false }
  if (status === 'timed_out' && timeoutMs !== undefined) return { status, isStopped: false }
  if (end !== undefined && arrival !== -1 && status !== 'cancelled') {
    expect(status).toBe(end.type)
  }
  return { status, isStopped: status === 'cancelled' && end?.type !== 'refused' }
}

/** Which branch it is of. */
function branchOf(seen: Seen): string | undefined {
  if (seen.kind === 'step') return seen.name.split('s')[0]
  if (seen.kind === 'told') return String(seen.given['branch'])
  const from = seen.given['from']
  return typeof from === 'string' ? from.split('s')[0] : undefined
}

/** From its first step to its arrival a branch holds a slot. */
function assertSlots(seen: readonly Seen[], concurrency: number): void {
  const running = new Set<string | undefined>()
  for (const each of seen) {
    if (each.kind === 'step') running.add(branchOf(each))
    if (each.kind === 'told') running.delete(branchOf(each))
    expect(running.size, 'branches at once').toBeLessThanOrEqual(concurrency)
  }
}

testLawOf(
  actors,
  'actors/index.ts',
  'laws 3, 4, 8, 12 to 15 on parallel workflows',
  law,
  [
    {
      name: 'a concurrency that hooks lower is not held',
      file: 'machines/workflow/parallel-machine.ts',
      from: "{ guard: told('completed'), target: 'branches', actions: 'noteFork' },",
      to: "{ guard: told('completed'), target: 'branches' },",
      seed: 213813,
    },
    {
      name: 'results stand in the order in which they came',
      file: 'actors/workflow/parallel-run.ts',
      from: 'this.#names.filter((name) => this.#outputs.has(name))',
      to: '[...this.#outputs.keys()]',
    },
    {
      name: 'a join that is refused completes',
      file: 'actors/workflow/parallel-run.ts',
      from: "if (end.type === 'continue') this.#output",
      to: "if (end.type === 'continue' || end.type === 'cancel') this.#output",
    },
    {
      name: 'a branch that is out of time was stopped by others',
      file: 'machines/workflow/branch-region.ts',
      from: "target: '.timedOut' },",
      to: "target: '.cancelled' },",
    },
    {
      name: 'a jump between two steps is none',
      file: 'actors/workflow/pattern-run.ts',
      from: "if (end.type === 'continue') return { type: 'completed', note: { value } }",
      to: "if (end.type === 'continue' || end.type === 'redirect') return { type: 'completed', note: { value } }",
      seed: 110866,
    },
    {
      name: 'a branch that has arrived keeps its slot',
      file: 'actors/workflow/parallel-run.ts',
      from: '    this.#places.get(branch)?.release()\n    this.#statuses',
      to: '    this.#statuses',
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
