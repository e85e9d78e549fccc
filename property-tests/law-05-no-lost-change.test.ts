/** Law 5. The data behind the gate = the fold of the accepted patches, in order. */
import fc from 'fast-check'
import { createTestClock, createTestIds } from 'hookchart/testing'
import { testLaw } from './support/law.ts'
import type { Kernel } from './support/law.ts'
import { finish } from './support/run.ts'
import { failsClosed, fails, hookSpecs, registerSpecs } from './support/scenario.ts'
import type { Behaviour, HookSpec } from './support/scenario.ts'

const behaviours: readonly Behaviour[] = ['nothing', 'set', 'set', 'recipe', 'throw', 'invalid', 'disallowed', 'hang']

function law(kernel: Kernel) {
  return fc.asyncProperty(hookSpecs(behaviours, 6), fc.scheduler(), async (specs, scheduler) => {
    const { blame, createHooks, redoChanges, undoChanges } = kernel
    const clock = createTestClock()
    const hooks = createHooks({ clock, ids: createTestIds() })
    registerSpecs(kernel, hooks, 'BeforeAgentExecution', specs, scheduler)
    let given: unknown
    const work = hooks.wrap({ name: 'work', before: 'BeforeAgentExecution' }, (input: object) => {
      given = input
    })
    const original = { start: [1] }
    const result = await finish(Promise.resolve(work(original)), clock, scheduler)
    if (result.status !== 'completed') return

    // From the trace: the same data forth, the original back.
    const before: { readonly input: object } = { input: original }
    const after = redoChanges(before, result.trace, 'BeforeAgentExecution')
    same(given, after.input, 'redo')
    same(undoChanges(after, result.trace, 'BeforeAgentExecution').input, original, 'undo')
    // From the specs: what each hook that did not fail was to set.
    const expected: Record<string, unknown> = { ...original }
    for (const spec of inOrder(specs)) {
      if (spec.kind !== 'transform' || fails(spec)) continue
      if (spec.behaviour === 'set') expected[spec.name] = spec.value
      if (spec.behaviour === 'recipe') expected[spec.name] = { value: spec.value, list: [spec.value] }
    }
    same(given, expected, 'specs')
    for (const name of Object.keys(expected)) {
      const hook = blame(result.trace, ['input', name])?.hook
      if (hook !== (name === 'start' ? undefined : name)) throw new Error(`${name} was set by ${String(hook)}`)
    }
  })
}

function inOrder(specs: readonly HookSpec[]): HookSpec[] {
  return [...specs].filter((spec) => !(failsClosed(spec) && fails(spec))).sort((a, b) => a.priority - b.priority)
}

function same(actual: unknown, expected: unknown, what: string) {
  const sorted = (value: unknown) =>
    JSON.stringify(value, (_, each: unknown) =>
      typeof each === 'object' && each !== null && !Array.isArray(each)
        ? Object.fromEntries(Object.entries(each).sort())
        : each,
    )
  if (sorted(actual) !== sorted(expected)) throw new Error(`${what}: ${sorted(actual)} instead of ${sorted(expected)}`)
}

testLaw('law 5: no lost change', law, [
  {
    name: 'a change is recorded but not taken',
    file: 'src/hooks/executor/scope.ts',
    from: '    this.data = change.data\n',
    to: '    if (this.changes.length < 2) this.data = change.data\n',
  },
  {
    name: 'a change is taken but not recorded',
    file: 'src/hooks/executor/gate-record.ts',
    from: 'change.patches.length > 0 && {',
    to: 'change.patches.length > 1 && {',
  },
])
