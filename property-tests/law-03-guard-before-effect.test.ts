/**
 * Law 3. No effect starts before every enabled guard of its gate has allowed it; also after suspend, fork, retry,
 * redirect, replace and a cache hit (whose values no caller gets before the guards have allowed them).
 */
import fc from 'fast-check'
import { createTestClock, createTestIds } from 'hookchart/testing'
import { testLaw } from './support/law.ts'
import type { Kernel } from './support/law.ts'
import { finish } from './support/run.ts'
import { hookSpecs, registerSpecs } from './support/scenario.ts'
import type { Behaviour } from './support/scenario.ts'

const behaviours: readonly Behaviour[] = [
  'nothing',
  'set',
  'cancel',
  'replace',
  'redirect',
  'retry',
  'fork',
  'cache',
  'suspend',
  'throw',
  'hang',
]

const scenario = fc.record({
  specs: hookSpecs(behaviours, 6, ['transform', 'transform', 'guard', 'guard']),
  calls: fc.integer({ min: 1, max: 2 }),
  answer: fc.constantFrom('continue' as const, 'modified' as const, 'replace' as const, 'reject' as const),
})

function law(kernel: Kernel) {
  return fc.asyncProperty(scenario, fc.scheduler(), async ({ specs, calls, answer }, scheduler) => {
    const { createHooks, hook } = kernel
    const clock = createTestClock()
    const hooks = createHooks({ clock, ids: createTestIds() })
    const guards = specs.filter(({ kind }) => kind === 'guard').map(({ name }) => name)
    /** Guards that have been asked, by operation, in the pass of its gate that is under way. */
    const asked = new Map<string, { readonly pass: number; readonly names: Set<string> }>()
    registerSpecs(kernel, hooks, 'BeforeToolExecution', specs, scheduler, ({ name, kind }, { operation }) => {
      const { id, gatePass: pass } = operation
      if (asked.get(id)?.pass !== pass) asked.set(id, { pass, names: new Set() })
      if (kind === 'guard') asked.get(id)?.names.add(name)
    })
    const allowed = (id: string, what: string) => {
      const missing = guards.filter((name) => !(asked.get(id)?.names.has(name) ?? false))
      if (missing.length > 0) throw new Error(`${what} of ${id} before ${missing.join()} allowed it`)
    }
    const violations: unknown[] = []
    const effect = (input: unknown, { idempotencyKey }: { readonly idempotencyKey: string }) => {
      try {
        allowed(idempotencyKey, 'effect')
      } catch (error) {
        violations.push(error)
      }
      return input
    }
    const other = hooks.wrap({ name: 'other', before: 'BeforeToolExecution' }, effect)
    const work = hooks.wrap({ name: 'work', before: 'BeforeToolExecution', targets: { other } }, effect)
    const respond = async () => {
      for (const { id } of hooks.approvals.pending()) {
        if (answer === 'reject') void hooks.approvals.reject(id).catch(() => {})
        else {
          const result =
            answer === 'modified'
              ? hook.modified({ input: { edited: true } })
              : answer === 'replace'
                ? hook.replace('r')
                : undefined
          void hooks.approvals.resume(id, result).catch(() => {})
        }
      }
    }
    const running = Array.from({ length: calls }, () => Promise.resolve(work({})))
    for (const result of await finish(Promise.all(running), clock, scheduler, 50, respond)) {
      // Whatever completed, with the effect or without it, passed all guards of the operation it is the result of.
      if (result.status === 'completed' && result.attempts === 0) allowed(result.id, 'result')
    }
    if (violations.length > 0) throw violations[0]
  })
}

testLaw(
  'law 3: guard before effect',
  law,
  [
    {
      name: 'a replacement ends the gate at once',
      file: 'src/hooks/executor/stages.ts',
      from: "end.type === 'cancel' || end.type === 'retry' || end.type === 'fail'",
      to: "end.type === 'cancel' || end.type === 'retry' || end.type === 'fail' || end.type === 'replace'",
    },
    {
      name: 'a cache hit ends the gate at once',
      file: 'src/hooks/executor/stages.ts',
      from: "end.type === 'cancel' || end.type === 'retry' || end.type === 'fail'",
      to: "end.type === 'cancel' || end.type === 'retry' || end.type === 'fail' || end.type === 'cached'",
    },
    {
      name: 'only the first guard is asked',
      file: 'src/hooks/executor/stages.ts',
      from: 'return chain.links.slice(from, chain.observersFrom)',
      to: 'return chain.links.slice(from, Math.min(from + 1, chain.observersFrom))',
    },
  ],
  { numRuns: 120, regressions: [[-223468205, '1943:3:4:8:9']] },
)
