/** What a failed registration, an unregistered hook and a switch leave behind: nothing. */
import { createHooks, defineHook, definePoint, hook, isHookchartError } from 'hookchart/hooks'
import { expect, test } from 'vitest'
import { bench, TOOL } from '../support/kernel.ts'

const nothing = () => undefined
const mine = definePoint('mine', { phase: 'before' })

function codeOf(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (isHookchartError(error)) return error.code
    throw error
  }
  return 'nothing'
}

test.each<[string, (hooks: ReturnType<typeof createHooks>) => unknown]>([
  ['another point is unknown', (hooks) => hooks.register([mine, 'Nope'], nothing)],
  ['the handler is none', (hooks) => hooks.register(mine, 5 as never)],
  ['the name is taken', (hooks) => hooks.register([mine, 'ToolError'], nothing, { name: 'there' })],
  [
    'another of the hooks fails',
    (hooks) =>
      hooks.registerAll([
        [mine, nothing],
        ['Nope', nothing],
      ]),
  ],
  [
    'another hook to use fails',
    (hooks) => hooks.use([defineHook({ points: mine, handler: nothing }), defineHook({ handler: nothing })]),
  ],
  [
    'the after part of a pair fails',
    (hooks) => hooks.registerPair({ before: [mine, nothing], after: ['Nope', nothing] }),
  ],
  ['another gate is unknown', (hooks) => hooks.wrap({ name: 'x', before: mine, after: 'Nope' }, nothing)],
])('a point given with it is not declared when %s', (_, work) => {
  const { hooks } = bench()
  hooks.register('ToolError', nothing, { name: 'there' })
  const glob = hooks.register('*', nothing, { name: 'all', kind: 'observe' })
  const points = [...glob.points]
  expect(codeOf(() => work(hooks))).not.toBe('nothing')
  expect(codeOf(() => hooks.explain('custom:mine'))).toBe('UNKNOWN_POINT')
  expect(glob.points).toEqual(points)
  expect(hooks.list().map(({ name }) => name)).toEqual(['there', 'all'])
  hooks.register(definePoint('mine', { phase: 'after' }), nothing)
  expect(glob.points).toEqual([...points, 'custom:mine'])
})

/** Registers a hook with a signal and one that is refused, so that the first is taken back. */
const takenBack = (hooks: ReturnType<typeof createHooks>, signal: AbortSignal) =>
  hooks.registerAll([
    ['ToolError', nothing, { signal }],
    ['Nope', nothing],
  ])

test('a signal is let go with the hook, also with one that was taken back', () => {
  const { hooks } = bench()
  const { signal } = new AbortController()
  const listeners = new Set<unknown>()
  const add = signal.addEventListener.bind(signal)
  const remove = signal.removeEventListener.bind(signal)
  signal.addEventListener = (type: string, listener: never, options?: never) => {
    listeners.add(listener)
    add(type, listener, options)
  }
  signal.removeEventListener = (type: string, listener: never) => {
    listeners.delete(listener)
    remove(type, listener)
  }
  const handle = hooks.register('ToolError', nothing, { signal })
  expect(listeners.size).toBe(1)
  handle.unregister()
  expect(listeners.size).toBe(0)
  expect(codeOf(() => takenBack(hooks, signal))).toBe('UNKNOWN_POINT')
  expect(listeners.size).toBe(0)
})

test('the signal of a hook that was taken back does not take another that got its number', () => {
  const { hooks } = bench()
  const controller = new AbortController()
  const { signal } = controller
  expect(codeOf(() => takenBack(hooks, signal))).toBe('UNKNOWN_POINT')
  const handle = hooks.register('ToolError', nothing, { name: 'stays' })
  controller.abort()
  expect(hooks.list().map(({ name }) => name)).toEqual(['stays'])
  expect(handle.unregister()).toBe(true)
})

test('automatic names make way for given ones', () => {
  const { hooks } = bench()
  hooks.register('ToolError', nothing, { name: 'hook#2' })
  const [first, second] = [hooks.register('ToolError', () => undefined), hooks.register('ToolError', () => undefined)]
  expect([first.name, second.name]).toEqual(['hook#3', 'hook#4'])
  hooks.register('ToolError', nothing, { name: 'hook#5' })
  expect(hooks.register(['AgentError', 'ToolError'], () => undefined).name).toBe('hook#6')
})

test('when the pairs that unwind one way are gone, others may unwind the other way', () => {
  const { hooks } = bench()
  const pair = (before: string, after: string) =>
    hooks.registerPair({ before: [before, nothing], after: [after, nothing] })
  const [one, two] = [pair('BeforeChain', 'AfterChain'), pair('BeforeChain', 'AfterChain')]
  one.unregister()
  expect(codeOf(() => pair('AfterChain', 'BeforeChain'))).toBe('HOOK_ORDER_CYCLE')
  hooks.register('AfterChain', nothing)
  pair('BeforeToolExecution', 'AfterChain')
  two.unregister()
  expect(codeOf(() => pair('AfterChain', 'BeforeChain'))).toBe('nothing')
})

test('a pair with several points before its end still unwinds from each of them when another pair has gone', () => {
  const { hooks } = bench()
  const pair = (before: string | string[], after: string) =>
    hooks.registerPair({ before: [before, nothing], after: [after, nothing] })
  const one = pair('BeforeChain', 'AfterChain')
  pair(['BeforeChain', 'BeforeToolExecution'], 'AfterChain')
  one.unregister()
  expect(codeOf(() => pair('AfterChain', 'BeforeChain'))).toBe('HOOK_ORDER_CYCLE')
})

test('all hooks turned off means those of points declared later too, until they are turned on', () => {
  const { hooks } = bench()
  hooks.setEnabled(false)
  hooks.register(mine, () => hook.cancel('no'))
  expect(hooks.run(mine, {})).toEqual({ type: 'continue' })
  hooks.setEnabled(true)
  expect(hooks.run(mine, {})).toMatchObject({ type: 'cancel' })
  const later = definePoint('later', { phase: 'before' })
  hooks.register(later, () => hook.cancel('no'))
  expect(hooks.run(later, {})).toMatchObject({ type: 'cancel' })
})

test('one point may be on while all others are off', () => {
  const { hooks } = bench()
  hooks.register([mine, 'BeforeChain'], () => hook.cancel('no'))
  hooks.setEnabled(false)
  hooks.setEnabled(true, mine)
  expect(hooks.run(mine, {})).toMatchObject({ type: 'cancel' })
  expect(hooks.run('BeforeChain', { input: 1 })).toEqual({ type: 'continue' })
})

test.each<[string, unknown, unknown]>([
  ['results that are a Map', 'in', new Map([['a', 1]])],
  ['results with a Date', 'in', { at: new Date(0) }],
  ['inputs that are a Map', new Map([['a', 1]]), 'out'],
])('%s are not cached: the effect runs and its own value comes through', async (_, input, output) => {
  const environment = process.env['NODE_ENV']
  process.env['NODE_ENV'] = 'production'
  const { hooks } = bench()
  process.env['NODE_ENV'] = environment
  hooks.register(TOOL.before, () => hook.cache({ key: 'k' }))
  let runs = 0
  const work = hooks.wrap({ name: 'work', before: TOOL.before }, (_given: unknown) => {
    runs++
    return output
  })
  const [first, second] = [await work(input), await work(input)]
  expect([first.output, second.output]).toEqual([output, output])
  expect([second.output === output, runs]).toEqual([true, 2])
})

test('taking a hook away twice takes no other away', () => {
  const hooks = createHooks()
  const called: string[] = []
  const names = ['a', 'b', 'c']
  const [first] = names.map((name) => hooks.register('ToolError', () => void called.push(name), { name }))
  expect([first!.unregister(), first!.unregister(), first!.unregister()]).toEqual([true, false, false])
  void hooks.run('ToolError', { error: { code: 'X', name: 'X', message: 'x', retryable: false } } as never)
  expect(called).toEqual(['b', 'c'])
  expect(hooks.list().map(({ name }) => name)).toEqual(['b', 'c'])
})
