/** Law 1. Observed order = resolved order, for any registration history. */
import fc from 'fast-check'
import type { HookHandle, HookKind } from 'hookchart/hooks'
import { isHookchartError } from 'hookchart/hooks'
import { createTestClock } from 'hookchart/testing'
import { testLaw } from './support/law.ts'
import type { Kernel } from './support/law.ts'

const names = ['a', 'b', 'c', 'd', 'e', 'f'] as const
type Name = (typeof names)[number]

interface Registered {
  readonly name: Name
  readonly kind: HookKind
  readonly priority: number
  readonly before: readonly Name[]
  readonly after: readonly Name[]
  readonly pair: boolean
}

type Step =
  | ({ readonly do: 'register' } & Registered)
  | { readonly do: 'unregister' | 'disable' | 'enable' | 'fire'; readonly name: Name }

const someNames = fc.uniqueArray(fc.constantFrom(...names), { maxLength: 2 })
const register: fc.Arbitrary<Step> = fc.record({
  do: fc.constant('register' as const),
  name: fc.constantFrom(...names),
  kind: fc.constantFrom<HookKind>('transform', 'transform', 'guard', 'observe'),
  priority: fc.constantFrom(-100, 0, 0, 0, 5, 100),
  before: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, someNames),
  after: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, someNames),
  pair: fc.boolean(),
})
const other: fc.Arbitrary<Step> = fc.record({
  do: fc.constantFrom('unregister' as const, 'disable' as const, 'enable' as const, 'fire' as const),
  name: fc.constantFrom(...names),
})
const history = fc.array(fc.oneof({ weight: 3, arbitrary: register }, other), {
  minLength: 3,
  maxLength: 14,
  size: 'max',
})

/** A hook of the model, with what the registry gave it. */
interface Modelled extends Registered {
  readonly registered: number
  enabled: boolean
}

const STAGES: readonly HookKind[] = ['transform', 'guard', 'observe']

/** The order by the book, worked out the slow way: undefined when there is none. */
function resolve(hooks: readonly Modelled[], beforeOrder?: readonly Modelled[]): Modelled[] | undefined {
  const unwinds = beforeOrder !== undefined
  const targets = (hook: Modelled, list: readonly Name[]) => hooks.filter(({ name }) => list.includes(name))
  const constraints: [Modelled, Modelled][] = []
  for (const hook of hooks) {
    if (unwinds && hook.pair) continue
    for (const target of targets(hook, hook.before)) constraints.push([hook, target])
    for (const target of targets(hook, hook.after)) constraints.push([target, hook])
  }
  if (beforeOrder !== undefined) {
    const reversed = beforeOrder.filter(({ pair }) => pair).reverse()
    for (const [i, first] of reversed.entries()) {
      for (const second of reversed.slice(i + 1)) if (first.kind === second.kind) constraints.push([first, second])
    }
  }
  const effective = (hook: Modelled, path: readonly Modelled[] = []): number => {
    if (path.includes(hook) || (unwinds && hook.pair)) return hook.priority
    const own = (list: readonly Name[]) =>
      targets(hook, list)
        .filter(({ kind }) => kind === hook.kind)
        .map((each) => effective(each, [...path, hook]))
    return Math.max(Math.min(hook.priority, ...own(hook.before)), ...own(hook.after))
  }
  const mutual = constraints.some(([a, b]) => a.before.includes(b.name) && b.after.includes(a.name))
  // Hooks that name each other meet at a priority that depends on who is asked first; the model leaves them out.
  if (mutual || (unwinds ? false : hooks.some((hook) => namesItself(hook, hooks)))) return undefined
  if (constraints.some(([a, b]) => STAGES.indexOf(a.kind) > STAGES.indexOf(b.kind))) return undefined
  const order: Modelled[] = []
  while (order.length < hooks.length) {
    const free = hooks.filter(
      (hook) => !order.includes(hook) && constraints.every(([a, b]) => b !== hook || order.includes(a)),
    )
    if (free.length === 0) return undefined
    const rank = (hook: Modelled) => [STAGES.indexOf(hook.kind), effective(hook), hook.registered] as const
    order.push(free.reduce((best, hook) => (compare(rank(hook), rank(best)) < 0 ? hook : best)))
  }
  return order
}

/** Whether the names that a hook declares lead back to it. */
function namesItself(start: Modelled, hooks: readonly Modelled[]): boolean {
  const seen = new Set<Modelled>()
  const queue = [start]
  for (let hook = queue.pop(); hook !== undefined; hook = queue.pop()) {
    for (const next of hooks.filter(({ name }) => hook.before.includes(name) || hook.after.includes(name))) {
      if (next === start) return true
      if (!seen.has(next)) {
        seen.add(next)
        queue.push(next)
      }
    }
  }
  return false
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (const [i, value] of a.entries()) if (value !== b[i]) return value - b[i]!
  return 0
}

function law({ createHooks, definePoint }: Kernel) {
  return fc.asyncProperty(history, async (steps) => {
    const enter = definePoint('enter', { phase: 'before' })
    const leave = definePoint('leave', { phase: 'after' })
    const hooks = createHooks({ clock: createTestClock(), points: [enter, leave] })
    const handles = new Map<Name, HookHandle>()
    const model = new Map<Name, Modelled>()
    let registered = 0
    let called: string[] = []
    const note = (name: string) => () => void called.push(name)

    for (const step of steps) {
      const handle = handles.get(step.name)
      const modelled = model.get(step.name)
      if (step.do === 'register') {
        const { name, kind, priority, before, after, pair } = step
        const options = { name, kind, priority, before, after }
        try {
          const made = pair
            ? hooks.registerPair({ before: [enter, note(name)], after: [leave, note(name)] }, options)
            : hooks.register([enter, leave], note(name), options)
          handles.set(name, made)
          registered += pair ? 2 : 1
          model.set(name, { ...step, registered, enabled: true })
        } catch (error) {
          // Refused, and nothing has changed: what follows shows it.
          if (!isHookchartError(error)) throw error
        }
      } else if (step.do === 'unregister') {
        handle?.unregister()
        handles.delete(step.name)
        model.delete(step.name)
      } else if (step.do === 'fire') {
        check()
      } else if (handle !== undefined && modelled !== undefined) {
        handle[step.do]()
        modelled.enabled = step.do === 'enable'
      }
    }
    check()

    function check() {
      for (const point of [enter, leave]) {
        called = []
        void hooks.run(point, {})
        const explained = hooks.explain(point).hooks
        expectEqual(
          called,
          explained.filter(({ enabled }) => enabled).map(({ name }) => name),
        )
        const all = [...model.values()]
        const entering = resolve(all)
        const expected = point === enter ? entering : entering && resolve(all, entering)
        if (expected !== undefined)
          expectEqual(
            explained.map(({ name }) => name),
            expected.map(({ name }) => name),
          )
      }
    }
  })
}

function expectEqual(actual: readonly string[], expected: readonly string[]) {
  if (actual.join() !== expected.join()) throw new Error(`observed ${actual.join()}, resolved ${expected.join()}`)
}

testLaw('law 1: order', law, [
  {
    name: 'equal priorities run in reverse',
    file: 'src/hooks/order.ts',
    from: 'priorityOf(a) - priorityOf(b) || a.registered - b.registered',
    to: 'priorityOf(a) - priorityOf(b) || b.registered - a.registered',
  },
  {
    name: 'the stages are forgotten among constrained hooks',
    file: 'src/hooks/order.ts',
    from: 'stageOf(a) - stageOf(b) || priorityOf(a)',
    to: 'priorityOf(a)',
  },
  {
    name: 'before does not lower the priority',
    file: 'src/hooks/order.ts',
    from: 'Math.min(hook.priority, ...prioritiesOf(hook.before))',
    to: 'hook.priority',
  },
  {
    name: 'pairs do not unwind',
    file: 'src/hooks/order.ts',
    from: 'each.unwinds.place < unwinds.place',
    to: 'each.unwinds.place > unwinds.place',
  },
  {
    name: 'a chain outlives the registration of a hook',
    file: 'src/hooks/registry/slot.ts',
    from: 'this.#chain = this.#links.length === 0 ? null : undefined',
    to: 'this.#chain ??= this.#links.length === 0 ? null : undefined',
  },
])
