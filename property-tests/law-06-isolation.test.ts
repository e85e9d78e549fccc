/**
 * Law 6. A failing, hanging or throwing hook that fails open changes neither the outcome nor anything later than its
 * deadline. (At a tool's input an invalid change fails the operation; so this is about agents.)
 */
import fc from 'fast-check'
import { createTestClock, createTestIds } from 'hookchart/testing'
import { testLaw } from './support/law.ts'
import type { Kernel } from './support/law.ts'
import { finish } from './support/run.ts'
import { hookSpecs, registerSpecs, TIMEOUT_MS } from './support/scenario.ts'
import type { HookSpec } from './support/scenario.ts'

const healthy = hookSpecs(['nothing', 'skipped', 'set', 'recipe', 'cancel', 'replace', 'redirect', 'cache'], 5)
const faulty = hookSpecs(['throw', 'invalid', 'disallowed', 'hang'], 4, ['transform', 'observe'])

const scenario = fc.record({
  healthy,
  faulty: faulty.map((specs) =>
    specs.map((spec) => ({ ...spec, name: `faulty ${spec.name}`, onFailure: 'open' as const })),
  ),
  calls: fc.integer({ min: 1, max: 3 }),
  breakers: fc.boolean(),
})

function law(kernel: Kernel) {
  return fc.asyncProperty(scenario, fc.scheduler(), async ({ healthy, faulty, calls, breakers }, scheduler) => {
    const run = async (specs: readonly HookSpec[]) => {
      const clock = createTestClock()
      const hooks = kernel.createHooks({ clock, ids: createTestIds(), executor: { overheadBudget: false } })
      const called: string[] = []
      registerSpecs(
        kernel,
        hooks,
        'BeforeAgentExecution',
        specs,
        scheduler,
        ({ name }, ctx) => called.push(`${name} ${JSON.stringify(ctx.data)} ${JSON.stringify(ctx.proposal)}`),
        () => (breakers ? { breaker: { failureThreshold: 2 } } : {}),
      )
      const other = hooks.wrap({ name: 'other' }, () => 'other')
      const work = hooks.wrap(
        { name: 'work', before: 'BeforeAgentExecution', targets: { other } },
        (input: object) => ({ echo: input }),
      )
      const ended: { result: unknown; tookMs: number }[] = []
      for (let call = 0; call < calls; call++) {
        const startedAt = clock.now()
        const { status, output, error } = await finish(Promise.resolve(work({ n: 1 })), clock, scheduler)
        ended.push({ result: { status, output, error: error?.message }, tookMs: clock.now() - startedAt })
      }
      return { ended, called: called.filter((line) => !line.startsWith('faulty')) }
    }
    const with_ = await run([...healthy, ...faulty])
    const without = await run(healthy)
    const results = (each: typeof with_) => JSON.stringify(each.ended.map(({ result }) => result))
    if (results(with_) !== results(without)) throw new Error(`${results(with_)} instead of ${results(without)}`)
    if (with_.called.join('\n') !== without.called.join('\n')) throw new Error('healthy hooks saw something else')
    // Hooks run one after another, so together they may take what their deadlines add up to; nobody waits for observers.
    const allowedMs =
      TIMEOUT_MS * faulty.filter(({ kind, behaviour }) => kind === 'transform' && behaviour === 'hang').length
    for (const { tookMs } of with_.ended) {
      if (tookMs > allowedMs) throw new Error(`took ${tookMs} ms, deadlines allow ${allowedMs} ms`)
    }
  })
}

testLaw('law 6: isolation', law, [
  {
    name: 'a late hook refuses, also when it fails open',
    file: 'src/hooks/executor/run-unit.ts',
    from: '  if (!failsClosed) return undefined\n  const code',
    to: "  if (!failsClosed && outcome !== 'timed_out') return undefined\n  const code",
  },
  {
    name: 'a hook gets more time than its deadline',
    file: 'src/hooks/executor/invoke.ts',
    from: 'Math.min(unit.timeoutMs, scope.leftMs,',
    to: 'Math.min(unit.timeoutMs * 2, scope.leftMs,',
  },
  {
    name: 'what a hook throws is thrown at the caller',
    file: 'src/hooks/executor/invoke.ts',
    from: '    return { thrown }\n',
    to: '    throw thrown\n',
  },
])
