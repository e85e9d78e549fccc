/** Law 8. No failure of a hook that fails closed lets the effect run; behind an effect, none lets its output out. */
import fc from 'fast-check'
import { createTestClock, createTestIds } from 'hookchart/testing'
import { testLaw } from './support/law.ts'
import type { Kernel } from './support/law.ts'
import { finish } from './support/run.ts'
import { fails, failsClosed, hookSpecs, registerSpecs, TIMEOUT_MS } from './support/scenario.ts'
import type { HookSpec } from './support/scenario.ts'

const specs = hookSpecs(['nothing', 'nothing', 'set', 'throw', 'invalid', 'disallowed', 'hang', 'hang'], 6)

const scenario = fc.record({
  specs,
  /** Hooks whose condition throws, by place. */
  badConditions: fc.uniqueArray(fc.nat(5), { maxLength: 1 }),
  breakers: fc.boolean(),
  behind: fc.boolean(),
  gateTimeoutMs: fc.constantFrom(50, 150, 30_000),
  calls: fc.integer({ min: 1, max: 4 }),
})

/** Why a guard that fails refuses: it threw or said nonsense, was late, or its breaker is open. */
const REFUSALS = ['GUARD_FAILED', 'GUARD_TIMED_OUT', 'GUARD_UNAVAILABLE']

function law(kernel: Kernel) {
  return fc.asyncProperty(
    scenario,
    fc.scheduler(),
    async ({ specs, badConditions, breakers, behind, gateTimeoutMs, calls }, scheduler) => {
      const clock = createTestClock()
      const hooks = kernel.createHooks({
        clock,
        ids: createTestIds(),
        executor: { overheadBudget: false, gateTimeoutMs },
      })
      const broken = (spec: HookSpec) => badConditions.includes(specs.indexOf(spec))
      registerSpecs(
        kernel,
        hooks,
        behind ? 'AfterAgentExecution' : 'BeforeAgentExecution',
        behind ? [] : specs,
        scheduler,
        undefined,
        more,
      )
      if (behind) registerSpecs(kernel, hooks, 'AfterAgentExecution', specs.map(atOutput), scheduler, undefined, more)
      function more(spec: HookSpec) {
        const condition = () => {
          throw new Error('condition')
        }
        return {
          ...(breakers && { breaker: { failureThreshold: 2 } }),
          ...(badConditions.includes(Number(spec.name.slice(1))) && { when: condition }),
        }
      }
      let effects = 0
      const work = hooks.wrap(
        { name: 'work', before: 'BeforeAgentExecution', after: 'AfterAgentExecution' },
        () => ++effects,
      )
      const closed = specs.filter((spec) => failsClosed(spec) && (fails(spec) || broken(spec)))
      const hangs = specs.filter((spec) => spec.behaviour === 'hang' && spec.kind === 'transform' && !broken(spec))
      const guards = specs.filter(({ kind }) => kind === 'guard')
      for (let call = 0; call < calls; call++) {
        const before = effects
        const result = await finish(Promise.resolve(work({})), clock, scheduler)
        const code = result.error?.code ?? 'none'
        const started = effects - before
        if (closed.length > 0) {
          if (!behind && started > 0)
            throw new Error(`the effect ran although ${closed.map(({ name }) => name).join()} failed`)
          if (result.status !== (behind ? 'failed' : 'cancelled')) throw new Error(`a failure came to ${result.status}`)
          if (result.output !== undefined) throw new Error('the output was not withheld')
          if (!REFUSALS.includes(code)) throw new Error(`refused with ${code}`)
        } else if (!breakers && gateTimeoutMs > 6 * TIMEOUT_MS) {
          // The other way round: without any such failure it runs.
          if (result.status !== 'completed' || started !== 1)
            throw new Error(`nothing failed closed, but ${result.status} ${code}`)
        }
        // Guards that the gate had no time left for fail closed as well.
        if (
          guards.length > 0 &&
          !breakers &&
          hangs.length * TIMEOUT_MS >= gateTimeoutMs &&
          result.status === 'completed'
        )
          throw new Error('guards that were not reached let it through')
      }
    },
  )
}

/** At an after point there is output to change, not input. */
function atOutput(spec: HookSpec): HookSpec {
  return spec.behaviour === 'set' ? { ...spec, behaviour: 'nothing' } : spec
}

testLaw('law 8: fail closed', law, [
  {
    name: 'a guard that throws is skipped',
    file: 'src/hooks/executor/run-unit.ts',
    from: '  if (!failsClosed) return undefined\n  const code',
    to: "  if (!failsClosed || outcome === 'failed') return undefined\n  const code",
  },
  {
    name: 'a guard that is late is skipped',
    file: 'src/hooks/executor/run-unit.ts',
    from: '  if (!failsClosed) return undefined\n  const code',
    to: "  if (!failsClosed || outcome === 'timed_out') return undefined\n  const code",
  },
  {
    name: 'a guard with an open breaker is skipped',
    file: 'src/hooks/executor/run-unit.ts',
    from: '  if (!failsClosed) return undefined\n  const code',
    to: "  if (!failsClosed || outcome === 'unavailable') return undefined\n  const code",
  },
  {
    name: 'a guard whose condition fails is skipped',
    file: 'src/hooks/executor/invoke.ts',
    from: "    fail(pass, unit, outcome, 'HOOK_FAILED', `has a condition that failed: ${textOf(error)}`, error)\n",
    to: '',
  },
  {
    name: 'a guard that the gate has no time for is passed over',
    file: 'src/hooks/executor/stages.ts',
    from: "      refusal ??= {\n        type: 'cancel',\n        hook: link.name,\n        code: 'GUARD_TIMED_OUT',",
    to: "      void {\n        type: 'cancel',\n        hook: link.name,\n        code: 'GUARD_TIMED_OUT',",
  },
])
