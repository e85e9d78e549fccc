/**
 * Law 15. The data that reaches the effect, or the caller, is the data that every guard of that gate has seen, whoever
 * holds on to an object and changes it while hooks wait: the caller its input, a hook what it returned, an effect its output.
 */
import fc from 'fast-check'
import type { HookContext, Journal } from 'hookchart/hooks'
import { createTestClock, createTestIds } from 'hookchart/testing'
import { testLaw } from './support/law.ts'
import type { Kernel } from './support/law.ts'
import { inMode, MODES } from './support/modes.ts'
import { finish } from './support/run.ts'

const scenario = fc.record({
  mode: fc.constantFrom(...MODES),
  gate: fc.constantFrom('before' as const, 'after' as const),
  transforms: fc.array(
    fc.record({
      does: fc.constantFrom('nothing', 'modify', 'recipe', 'replace', 'cache', 'retry'),
      isAsync: fc.boolean(),
    }),
    { maxLength: 3 },
  ),
  guards: fc.array(fc.record({ isAsync: fc.boolean(), asks: fc.boolean() }), { minLength: 1, maxLength: 4 }),
  answer: fc.constantFrom('continue' as const, 'modified' as const, 'replace' as const),
  effectIsAsync: fc.boolean(),
  /** Whether the first attempt is not good enough. */
  again: fc.boolean(),
  mutations: fc.integer({ min: 1, max: 6 }),
  /** Whether the journal takes its time, as one on a disk does. */
  slowJournal: fc.boolean(),
})

function law(kernel: Kernel) {
  return fc.asyncProperty(scenario, fc.scheduler(), async (given, scheduler) => {
    const { mode, gate, transforms, guards, answer, effectIsAsync, again, mutations, slowJournal } = given
    const { createHooks, createMemoryJournal, hook } = kernel
    const clock = createTestClock()
    const memory = createMemoryJournal()
    const commit = () => scheduler.schedule(Promise.resolve(), 'commit')
    const journal: Journal = {
      ...memory,
      open: (run, id) => ({ ...memory.open(run, id), ...(slowJournal && { commit }) }),
    }
    const hooks = inMode(mode, () => createHooks({ ids: createTestIds(), journal, ...(mode !== 'fast' && { clock }) }))
    const point = gate === 'before' ? ('BeforeToolExecution' as const) : ('AfterToolExecution' as const)
    const key = gate === 'before' ? 'input' : 'output'

    /** Everything that somebody holds on to. */
    const kept: Kept[] = []
    const keep = (value: Kept) => {
      kept.push(value)
      return value
    }
    const fresh = (from: string) => keep({ from, list: [1], deep: { n: 0 } })
    for (let i = 0; i < mutations; i++) {
      void scheduler.schedule(Promise.resolve(), 'mutation').then(() => {
        for (const each of kept) mutate(each, i)
      })
    }
    const later = (isAsync: boolean, value: () => unknown) =>
      isAsync ? scheduler.schedule(Promise.resolve(), 'hook').then(value) : value()

    for (const [i, { does, isAsync }] of transforms.entries()) {
      const result = ({ operation }: HookContext) => {
        switch (does) {
          case 'modify':
            return hook.modified(keep({ [key]: fresh(`t${i}`) } as never))
          case 'recipe':
            return hook.modified((draft: Record<string, Record<string, unknown>>) => {
              draft[key]![`t${i}`] = fresh(`t${i}`)
            })
          case 'replace':
            return hook.replace(fresh(`t${i}`))
          case 'cache':
            return gate === 'before' ? hook.cache({ key: 'k', ttlMs: 60_000 }) : undefined
          case 'retry':
            return operation.gatePass === 1 && operation.attempt === 1
              ? hook.retry({ delayMs: 0, maxAttempts: 2 })
              : undefined
          default:
            return undefined
        }
      }
      hooks.register(point, ((ctx: HookContext) => later(isAsync, () => result(ctx))) as never, { name: `t${i}` })
    }
    /** What each guard that decided alone saw last. */
    const seen = new Map<string, string>()
    for (const [i, { isAsync, asks }] of guards.entries()) {
      const name = `g${i}`
      const handler = (ctx: HookContext) => {
        const { proposal, data } = ctx
        const value = proposal !== undefined && 'value' in proposal ? proposal.value : data[key]
        if (!asks) seen.set(name, JSON.stringify(value))
        return later(isAsync, () => (asks ? hook.suspend({ question: '?' }) : undefined))
      }
      hooks.register(point, handler as never, { name, kind: 'guard' })
    }
    /** What attempts got. */
    let reached: string[] = []
    const work = hooks.wrap(
      { name: 'work', before: 'BeforeToolExecution', after: 'AfterToolExecution' },
      (input: Kept) => {
        if (gate === 'before') reached.push(JSON.stringify(input))
        // Its own input is an effect's to change.
        mutate(input, 9)
        return later(effectIsAsync, () => fresh('effect')) as Kept
      },
    )
    if (again && gate === 'before') {
      const retry = (ctx: HookContext) => (ctx.operation.attempt === 1 ? hook.retry({ delayMs: 0 }) : undefined)
      hooks.register('AfterToolExecution', retry, { name: 'again' })
    }
    let answers = 0
    const respond = () => {
      for (const { id } of hooks.approvals.pending()) {
        // Somebody who edits for ever is asked for ever, within bounds.
        const edited = ++answers > 3 ? 'continue' : answer
        const result =
          edited === 'modified'
            ? hook.modified(keep({ [key]: fresh('answer') } as never))
            : edited === 'replace'
              ? hook.replace(fresh('answer'))
              : undefined
        void hooks.approvals.resume(id, result).catch(() => {})
      }
    }
    const call = async () => {
      const result = await work(fresh('caller'))
      return { result, output: JSON.stringify(result.output) }
    }
    for (let round = 0; round < 2; round++) {
      seen.clear()
      reached = []
      const { result, output } = await finish(call(), clock, scheduler, 50, respond)
      if (result.status !== 'completed') throw new Error(`${result.status}: ${String(result.error)}`)
      // What came instead of the effect's input is what the caller gets.
      const expected = reached.length > 0 ? reached : [output]
      for (const [name, saw] of seen) {
        if (expected.some((each) => each !== saw))
          throw new Error(`${name} saw ${saw}, but what came through is ${expected.join()}`)
      }
    }
    await hooks.stop()
  })
}

interface Kept {
  from: string
  list: number[]
  deep: { n: number }
}

/** What is frozen resists, which is as good. */
function mutate(value: object, n: number): void {
  for (const each of Object.values(value)) if (typeof each === 'object' && each !== null) mutate(each as object, n)
  try {
    if (Array.isArray(value)) value.push(n)
    else (value as Record<string, unknown>)['mutated'] = n
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
  }
}

testLaw(
  'law 15: no change after a guard',
  law,
  [
    {
      name: 'guards see an object that its owner can change',
      file: 'src/hooks/executor/fire.ts',
      from: 'const copy = copyJson(data)',
      to: 'const copy = data',
    },
    {
      name: 'attempts share one input',
      file: 'src/hooks/operation/work.ts',
      from: 'this.parseInput(copyJson(this.input))',
      to: 'this.parseInput(this.input)',
    },
    {
      name: 'guards see a copy, the caller gets the original',
      file: 'src/hooks/operation/gate.ts',
      from: 'return hasGuards(chain) ? {',
      to: 'return (hasGuards as unknown) === 0 ? {',
    },
    {
      name: "a change is taken with the hook's own objects",
      file: 'src/hooks/change.ts',
      from: 'next[key] = copyJson(value)',
      to: 'next[key] = value',
    },
  ],
  {
    // A value that replaces was handed on as the hook's own object.
    regressions: [[1717968428, '2:0:1:2:3:3:3']],
  },
)
