/**
 * Law 9, first half. Same registrations, results and clock → same trace and same journal, byte for byte, whatever the order
 * in which concurrent hooks complete at the same time: their entries stand in the order of declaration.
 */
import fc from 'fast-check'
import type { CompositeChild, HookContext } from 'hookchart/hooks'
import { createTestClock, createTestIds } from 'hookchart/testing'
import { testLaw } from './support/law.ts'
import type { Kernel } from './support/law.ts'
import { finish } from './support/run.ts'
import { handlerOf, hookSpecs, optionsOf } from './support/scenario.ts'
import type { Behaviour, HookSpec } from './support/scenario.ts'

const plain: readonly Behaviour[] = ['nothing', 'skipped', 'recipe', 'recipe', 'cache', 'throw', 'invalid', 'hang']
const deciding: readonly Behaviour[] = [...plain, 'set', 'cancel', 'replace', 'redirect', 'retry', 'suspend']

const scenario = fc.record({
  // Whether an observer that nobody waits for comes in before the end is a matter of completion order.
  specs: hookSpecs(deciding, 4).map((specs) =>
    specs.map((spec) => (spec.kind === 'observe' ? { ...spec, isAsync: false } : spec)),
  ),
  /** Children of parallel composites. */
  groups: fc.array(
    fc.record({ children: hookSpecs(plain, 4, ['transform']), concurrency: fc.integer({ min: 1, max: 4 }) }),
    {
      maxLength: 2,
    },
  ),
  calls: fc.integer({ min: 1, max: 2 }),
})

function law(kernel: Kernel) {
  // Two schedulers in a row come out the same; the number between them makes the second another one.
  return fc.asyncProperty(scenario, fc.scheduler(), fc.nat(), fc.scheduler(), async (given, one, _, other) => {
    const [first, second] = [await record(kernel, given, one), await record(kernel, given, other)]
    if (first !== second) throw new Error(`${first}\n${second}`)
  })
}

async function record(
  kernel: Kernel,
  {
    specs,
    groups,
    calls,
  }: {
    specs: readonly HookSpec[]
    groups: readonly { children: readonly HookSpec[]; concurrency: number }[]
    calls: number
  },
  scheduler: fc.Scheduler,
): Promise<string> {
  const { compose, createHooks, createMemoryJournal, defineHook } = kernel
  const clock = createTestClock()
  const journal = createMemoryJournal()
  const hooks = createHooks({ clock, ids: createTestIds(), journal })
  const point = 'BeforeToolExecution'
  for (const spec of specs)
    hooks.register(
      point,
      handlerOf(kernel, spec, scheduler, () => {}),
      optionsOf(spec),
    )
  for (const [i, { children, concurrency }] of groups.entries()) {
    if (children.length === 0) continue
    const defined = children.map((spec) =>
      defineHook({
        points: [point],
        handler: handlerOf(kernel, spec, scheduler, () => {}),
        ...optionsOf(spec),
        name: `${i}.${spec.name}`,
      }),
    )
    hooks.register(point, compose.parallel(defined as CompositeChild[], { concurrency }), {
      name: `group ${i}`,
    })
  }
  const seen: string[] = []
  hooks.register(point, (ctx: HookContext) => void seen.push(JSON.stringify(ctx)), { name: 'watches', kind: 'observe' })
  const otherTool = hooks.wrap({ name: 'other' }, (input) => input)
  const work = hooks.wrap({ name: 'work', before: point, targets: { other: otherTool } }, (input) => input)
  const answer = () => {
    for (const { id } of hooks.approvals.pending()) void hooks.approvals.resume(id).catch(() => {})
  }
  const results: unknown[] = []
  for (let call = 0; call < calls; call++) {
    const result = await finish(Promise.resolve(work({ n: call })), clock, scheduler, 50, answer)
    results.push([result, result.trace])
  }
  const runs = await journal.runs()
  return JSON.stringify({ results, seen, journal: runs.map(({ run }) => journal.read(run)), stats: hooks.stats() })
}

testLaw('law 9: determinism', law, [
  {
    name: 'concurrent hooks are listed as they complete',
    file: 'src/hooks/executor/run-unit.ts',
    from: '  return andThen(guarded(pass, unit, scope, outcome, begun, work), (verdict) => {\n',
    to: '  return andThen(guarded(pass, unit, scope, outcome, begun, work), (verdict) => {\n    outcomes.push(...outcomes.splice(outcomes.indexOf(outcome), 1))\n',
  },
  {
    name: 'changes are merged as they complete',
    file: 'src/hooks/executor/patterns/parallel.ts',
    from: 'const met = yield* wait(runAll(tasks, concurrency))',
    to: 'const done: Met[] = []; yield* wait(runAll(tasks.map((task) => async () => { done.push(await task()) }), concurrency)); const met = done',
  },
  {
    name: 'the clock of the machine is read',
    file: 'src/hooks/executor/invoke.ts',
    from: 'outcome.durationMs = leftMs - scope.leftMs',
    to: 'outcome.durationMs = performance.now()',
  },
])
