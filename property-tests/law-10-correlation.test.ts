/** Law 10. All entries of a run share its correlation id; parent links form one tree. */
import fc from 'fast-check'
import type { EffectCall, HookContext, RunResult } from 'hookchart/hooks'
import { createTestClock, createTestIds } from 'hookchart/testing'
import { testLaw } from './support/law.ts'
import type { Kernel } from './support/law.ts'
import { finish } from './support/run.ts'

/** How an operation starts the next one. */
const WAYS = ['effect', 'hook', 'option', 'fork', 'redirect', 'after'] as const

const scenario = fc.record({
  /** Each operation starts the next in one of these ways, some of them twice. */
  levels: fc.array(
    fc.record({
      way: fc.constantFrom(...WAYS),
      times: fc.integer({ min: 1, max: 2 }),
      isAsync: fc.boolean(),
      fails: fc.boolean(),
    }),
    { minLength: 1, maxLength: 4 },
  ),
  correlationId: fc.option(fc.constant('order-1'), { nil: undefined }),
  runs: fc.integer({ min: 1, max: 2 }),
})

function law(kernel: Kernel) {
  return fc.asyncProperty(scenario, fc.scheduler(), async ({ levels, correlationId, runs }, scheduler) => {
    const { createHooks, createMemoryJournal, hook } = kernel
    const clock = createTestClock()
    const journal = createMemoryJournal()
    const hooks = createHooks({ clock, ids: createTestIds(), journal })
    /** Correlation ids that hooks and effects saw, by run: the input says which run it is. */
    const seen: { run: unknown; correlationId: string }[] = []
    const later = async (isAsync: boolean) => {
      if (isAsync) await scheduler.schedule(Promise.resolve(), 'step')
    }
    type Wrapped = (input: unknown, options?: object) => RunResult | Promise<RunResult>
    let next: Wrapped | undefined
    for (const [depth, { way, times, isAsync, fails }] of [...levels.entries()].reverse()) {
      const below = next
      const name = `level ${depth}`
      const ways = times > 1 && way !== 'redirect' ? 2 : 1
      const startBelow = async (input: unknown, parent: HookContext | EffectCall, run?: HookContext['run']) => {
        await later(isAsync)
        if (below === undefined) return
        const one = () => (run === undefined ? Promise.resolve(below(input, { parent })) : run.tool('below', input))
        await Promise.all(Array.from({ length: ways }, one))
      }
      next = hooks.wrap(
        {
          name,
          before: 'BeforeToolExecution',
          after: 'AfterToolExecution',
          error: 'ToolError',
          ...(below !== undefined && { targets: { below: below } }),
        },
        async (input: unknown, call: EffectCall) => {
          seen.push({ run: input, correlationId: call.correlationId })
          if (way === 'effect' || way === 'option') await startBelow(input, call)
          if (fails) throw new Error('no')
          return input
        },
      )
      const only = { when: (ctx: HookContext) => ctx.component.name === name }
      const add = (point: string, what: string, handler: (ctx: HookContext) => unknown) =>
        hooks.register(point, handler as never, { name: `${name} ${what}`, ...only })
      add(
        'BeforeToolExecution',
        'sees',
        (ctx) => void seen.push({ run: ctx.data['input'], correlationId: ctx.correlationId }),
      )
      if (below === undefined) continue
      if (way === 'hook') add('BeforeToolExecution', way, (ctx) => startBelow(ctx.data['input'], ctx, ctx.run))
      if (way === 'after') {
        add(fails ? 'ToolError' : 'AfterToolExecution', way, (ctx) => startBelow(ctx.data['input'], ctx))
      }
      if (way === 'redirect') add('BeforeToolExecution', way, () => later(isAsync).then(() => hook.redirect('below')))
      if (way === 'fork') {
        add('BeforeToolExecution', way, (ctx) =>
          hook.fork(
            Array.from({ length: ways }, (_, i) => ({
              id: String(i),
              type: 'tool' as const,
              target: 'below',
              input: ctx.data['input'] as never,
            })),
          ),
        )
      }
    }
    const first = next as Wrapped
    const options = correlationId === undefined ? {} : { correlationId }
    const running = Array.from({ length: runs }, (_, run) => Promise.resolve(first(run, options)))
    const results = await finish(Promise.all(running), clock, scheduler)

    for (const [run, result] of results.entries()) {
      if (correlationId !== undefined && result.correlationId !== correlationId)
        throw new Error('not the id that was given')
      for (const each of seen) {
        if (each.run === run && each.correlationId !== result.correlationId) throw new Error('another correlation id')
      }
      checkTree(result)
      const effects = result.trace.filter(({ kind }) => kind === 'effect').length
      const starts = seen.filter((each) => each.run === run).length
      const before = result.trace.filter(({ hook, outcome }) => outcome === 'ok' && hook?.endsWith('sees')).length
      if (effects + before !== starts) throw new Error(`${effects + before} entries of ${starts} hooks and effects`)
    }
    const journalled = journal.runs()
    if (journalled.length !== runs) throw new Error(`${journalled.length} runs in the journal`)
    for (const { run, correlationId: id } of journalled) {
      const result = results.find((each) => each.id === run)
      if (result?.correlationId !== id) throw new Error('the journal has another correlation id')
      const operations = new Set<unknown>()
      for (const record of journal.read(run)) {
        if (record.type === 'operation') {
          const parent = record['parent']
          if (operations.size === 0 ? parent !== undefined : !operations.has(parent))
            throw new Error(`operation ${record.operation} hangs on ${String(parent)}`)
          operations.add(record.operation)
        } else if (!operations.has(record.operation)) throw new Error('a record of an operation that never began')
      }
    }
  })
}

/** One root; every other entry hangs on an earlier one: that is a tree. Operations hang on what started them. */
function checkTree({ trace }: RunResult): void {
  for (const [i, { seq, parent, kind }] of trace.entries()) {
    if (seq !== i) throw new Error(`entry ${i} has seq ${seq}`)
    if (i === 0 ? parent !== null : parent === null || parent < 0 || parent >= i)
      throw new Error(`entry ${i} hangs on ${String(parent)}`)
    const above = trace[parent ?? -1]
    if (kind === 'operation' && above?.kind === 'operation' && above.type !== 'redirected')
      throw new Error(`operation ${i} hangs on an operation, not on what started it`)
    if (kind === 'effect' && above?.kind !== 'operation') throw new Error(`effect ${i} hangs on ${String(above?.kind)}`)
    if (kind === 'gate' && above?.kind !== 'operation') throw new Error(`gate ${i} hangs on ${String(above?.kind)}`)
  }
}

testLaw(
  'law 10: correlation',
  law,
  [
    {
      name: 'a child has a correlation id of its own',
      file: 'src/hooks/operation/effect.ts',
      from: 'this.correlationId = operation.run.correlationId',
      to: 'this.correlationId = operation.id',
    },
    {
      name: 'everything hangs on the root',
      file: 'src/hooks/trace.ts',
      from: '(first.get((cause as TraceCause).record) as number) + (cause as TraceCause).line()',
      to: '0',
    },
    {
      name: 'what an effect starts is a run of its own',
      file: 'src/hooks/operation/effect.ts',
      from: 'return { operation: value.#operation, cause: value.#record && under(value.#record) }',
      to: 'return undefined',
    },
  ],
  { numRuns: 100 },
)
