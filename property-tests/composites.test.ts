/**
 * Laws 3, 5 and 15 for composites, nested at random: no effect starts before every guard that its patterns must call has
 * allowed the data that it gets, and the trace's patches make up that data, whoever was outvoted, merged or answered.
 */
import fc from 'fast-check'
import type { CompositeChild, HookContext, HookKind } from 'hookchart/hooks'
import { createTestClock, createTestIds } from 'hookchart/testing'
import { testLaw } from './support/law.ts'
import type { Kernel } from './support/law.ts'
import { finish } from './support/run.ts'

const POINT = 'BeforeToolExecution'

type Does = 'nothing' | 'set' | 'same' | 'skip' | 'fork' | 'suspend' | 'cancel'
type PatternName = 'sequential' | 'parallel' | 'merging' | 'oneAtOnce' | 'firstMatch' | 'voting'

interface Leaf {
  readonly does: Does
  readonly isAsync: boolean
  readonly key: string
}

interface Node {
  readonly pattern: PatternName
  readonly children: readonly Tree[]
}

type Tree = Leaf | Node

/** A leaf with the name that its hook has in traces and approvals. */
interface Placed extends Leaf {
  readonly name: string
  readonly kind: HookKind
}

function trees(does: readonly Does[], patterns: readonly PatternName[]): fc.Arbitrary<Tree> {
  const leaf = fc.record({
    does: fc.constantFrom(...does),
    isAsync: fc.boolean(),
    key: fc.constantFrom('own', 'own', 'shared'),
  })
  return fc.letrec<{ tree: Tree; node: Tree }>((tie) => ({
    tree: fc.oneof({ maxDepth: 3, depthSize: 'medium' }, leaf, tie('node')),
    node: fc.record({
      pattern: fc.constantFrom(...patterns),
      children: fc.array(tie('tree'), { maxLength: 3, size: 'max' }),
    }),
  })).node
}

const all: readonly PatternName[] = ['sequential', 'parallel', 'merging', 'oneAtOnce', 'firstMatch', 'voting']
const scenario = fc.record({
  transforms: fc.array(trees(['nothing', 'set', 'set', 'set', 'same', 'skip', 'fork', 'suspend', 'cancel'], all), {
    maxLength: 2,
  }),
  guards: fc.array(
    trees(
      ['nothing', 'nothing', 'nothing', 'suspend', 'suspend', 'cancel'],
      ['sequential', 'sequential', 'parallel', 'parallel', 'oneAtOnce', 'firstMatch', 'voting'],
    ),
    { minLength: 1, maxLength: 2 },
  ),
  answers: fc.array(fc.constantFrom('continue', 'edit', 'edit', 'replace', 'reject'), { maxLength: 4 }),
  allAtOnce: fc.boolean(),
})

function law(kernel: Kernel) {
  return fc.asyncProperty(scenario, fc.scheduler(), async ({ transforms, guards, answers, allAtOnce }, scheduler) => {
    const { createHooks, hook, redoChanges, undoChanges } = kernel
    const clock = createTestClock()
    const hooks = createHooks({ clock, ids: createTestIds() })
    const seen = new Map<string, Said>()
    const allowed = new Map<string, string>()
    const say = ({ name, does, key }: Placed, { data, proposal }: HookContext): unknown => {
      const input = (data as { input: object }).input
      seen.set(name, { input, proposal })
      if (does === 'nothing') allowed.set(name, textOf({ input, proposal }))
      switch (does) {
        case 'nothing':
          return undefined
        case 'set':
          return hook.modified((draft: { input: Record<string, unknown> }) => {
            draft.input[key === 'own' ? name : key] = name
          })
        case 'same':
          return hook.modified({ input })
        case 'skip':
          return hook.skipped()
        case 'fork':
          return hook.fork([{ id: name, type: 'tool', target: 'other', input: 1 }])
        case 'suspend':
          return hook.suspend({ question: name })
        case 'cancel':
          return hook.cancel(name)
      }
    }
    const build = buildFor(kernel, scheduler, say)
    const must = (['transform', 'guard'] as const).flatMap((kind) =>
      (kind === 'guard' ? guards : transforms).flatMap((tree, i) => {
        const { child, called } = build(tree, `${kind}${i}`, kind)
        hooks.register(POINT, child as never, { name: `${kind}${i}`, kind })
        return kind === 'guard' ? called : []
      }),
    )

    const left = [...answers]
    const respond = () => {
      for (const { id, request } of hooks.approvals.pending().slice(0, allAtOnce ? undefined : 1)) {
        const { question: name } = request
        const { input, proposal } = seen.get(name) as Said
        const answer = left.shift() ?? 'continue'
        const edit = { ...input, [`edited by ${name}`]: left.length }
        const value = { replacedBy: name }
        if (answer === 'continue') allowed.set(name, textOf({ input, proposal }))
        if (answer === 'edit') allowed.set(name, textOf({ input: edit, proposal }))
        if (answer === 'replace') allowed.set(name, textOf({ input, proposal: { type: 'replace', value } }))
        const done =
          answer === 'reject'
            ? hooks.approvals.reject(id)
            : hooks.approvals.resume(
                id,
                answer === 'edit' ? hook.modified({ input: edit }) : answer === 'replace' ? hook.replace(value) : true,
              )
        done.catch(() => {})
      }
    }

    const given: unknown[] = []
    const work = hooks.wrap({ name: 'work', before: POINT, targets: { other: () => 'forked' } }, (input: object) => {
      given.push(input)
      return input
    })
    const original = { start: [1] }
    const result = await finish(Promise.resolve(work(original)), clock, scheduler, 50, respond)
    if (result.status !== 'completed') {
      if (given.length > 0) throw new Error('an effect of an operation that was refused')
      return
    }

    const behind = redoChanges({ input: original }, result.trace, POINT)
    if (given.length > 0) same(given[0], behind.input, 'redo')
    same(undoChanges(behind, result.trace, POINT).input, original, 'undo')
    const proposal = given.length > 0 ? { type: 'run' } : { type: 'replace', value: result.output }
    for (const name of must) same(allowed.get(name), textOf({ input: behind.input, proposal }), name)
  })
}

/** What a hook was called with. */
interface Said {
  readonly input: object
  readonly proposal: unknown
}

/** Makes hooks of trees; tells which leaves are called for sure. */
function buildFor(
  { compose, defineHook }: Kernel,
  scheduler: fc.Scheduler,
  say: (leaf: Placed, ctx: HookContext) => unknown,
) {
  const merge = (_: unknown, changed: readonly object[]) => ({
    input: Object.assign({}, ...changed.map((each) => (each as { input: object }).input)) as object,
  })
  const patterns: Record<PatternName, (children: CompositeChild[]) => CompositeChild> = {
    sequential: (children) => compose.sequential(children),
    parallel: (children) => compose.parallel(children),
    merging: (children) => compose.parallel({ merge }, children),
    oneAtOnce: (children) => compose.parallel({ concurrency: 1 }, children),
    firstMatch: (children) => compose.firstMatch(children),
    voting: (children) => compose.voting({ tieBreaker: 'continue' }, children),
  }
  return function build(tree: Tree, name: string, kind: HookKind): { child: CompositeChild; called: string[] } {
    if ('pattern' in tree) {
      const { pattern } = tree
      const children = tree.children.map((each, i) => build(each, `${name}.${i}`, kind))
      const called = pattern === 'voting' || pattern === 'firstMatch' ? [] : children.flatMap((each) => each.called)
      return { child: patterns[pattern](children.map(({ child }) => child)), called }
    }
    const leaf = { ...tree, name, kind }
    const handler = async (ctx: HookContext) => {
      await scheduler.schedule(Promise.resolve(), name)
      return say(leaf, ctx)
    }
    const child = defineHook({
      name,
      handler: (tree.isAsync ? handler : (ctx: HookContext) => say(leaf, ctx)) as never,
    })
    return { child, called: [name] }
  }
}

function textOf(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort())
      : each,
  )
}

function same(actual: unknown, expected: unknown, what: string) {
  if (textOf(actual) !== textOf(expected)) throw new Error(`${what}: ${textOf(actual)} instead of ${textOf(expected)}`)
}

testLaw('composites: guards and traces', law, [
  {
    name: 'a sequence in another pattern does not wait',
    file: 'src/hooks/executor/patterns/sequential.ts',
    from: '  scope.waits = true\n',
    to: '',
  },
  {
    name: 'of several who ask only the first is asked',
    file: 'src/hooks/executor/patterns/precedence.ts',
    from: '{ ...verdict, next }',
    to: 'verdict',
  },
  {
    name: 'guards are not asked again about an answer',
    file: 'src/hooks/executor/follow.ts',
    from: "if (unit.kind !== 'guard' || !changes) return wanted",
    to: 'return wanted',
  },
  {
    name: 'who is outvoted stays in the trace',
    file: 'src/hooks/executor/patterns/voting.ts',
    from: "discard(outcome, 'outvoted')",
    to: 'void discard',
  },
])
