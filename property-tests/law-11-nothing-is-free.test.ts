/**
 * Law 11. With no enabled hook at a point the transition is taken as written: no extra state, promise or timer. Here: firing
 * the point touches no port at all and gives the one constant decision at once, and a function behind it runs as if its
 * gates did not exist.
 */
import fc from 'fast-check'
import type { Clock, HookHandle, Hooks, Ids } from 'hookchart/hooks'
import { createTestClock, createTestIds } from 'hookchart/testing'
import { testLaw } from './support/law.ts'
import type { Kernel } from './support/law.ts'
import { inMode } from './support/modes.ts'

const POINTS = ['BeforeToolExecution', 'AfterToolExecution', 'ToolError', 'OperationSettled'] as const

/** How a hook comes to be registered and not enabled for what fires. */
const fate = fc.constantFrom(
  'unregistered' as const,
  'disabled' as const,
  'pointOff' as const,
  'otherComponent' as const,
  'otherPoint' as const,
  'signalled' as const,
)
const scenario = fc.record({
  hooks: fc.array(
    fc.record({
      fate,
      point: fc.constantFrom(...POINTS),
      kind: fc.constantFrom('transform' as const, 'guard' as const, 'observe' as const),
    }),
    { maxLength: 6 },
  ),
  fails: fc.boolean(),
  production: fc.boolean(),
})

function law(kernel: Kernel) {
  return fc.asyncProperty(scenario, async ({ hooks: specs, fails, production }) => {
    let touched = 0
    const clock = createTestClock()
    const ids = createTestIds()
    const counted: Clock & Ids = {
      now: () => (touched++, clock.now()),
      setTimeout: (callback, delayMs) => (touched++, clock.setTimeout(callback, delayMs)),
      clearTimeout: (timer) => {
        touched++
        clock.clearTimeout(timer)
      },
      next: () => (touched++, ids.next()),
    }
    const make = () =>
      inMode(production ? 'production' : 'checked', () => kernel.createHooks({ clock: counted, ids: counted }))
    const effect = (n: number) => {
      if (fails) throw new Error('no')
      return n + 1
    }
    const execute = (hooks: Hooks) => {
      const run = hooks.wrap(
        { name: 'work', before: 'BeforeToolExecution', after: 'AfterToolExecution', error: 'ToolError' },
        effect,
      )
      const before = touched
      const result = run(1)
      if (result instanceof Promise) throw new Error('a promise')
      const { status, output, attempts, trace } = result
      return JSON.stringify({
        touched: touched - before,
        status,
        output,
        attempts,
        trace: trace.map((entry) => ({ ...entry, at: 0, durationMs: 0 })),
      })
    }
    const never = () => {
      throw new Error('called')
    }
    const hooks = make()
    const handles: [string, HookHandle][] = []
    for (const [i, { fate, point, kind }] of specs.entries()) {
      if (point === 'OperationSettled' && kind !== 'observe') continue
      const controller = new AbortController()
      const handle = hooks.register(fate === 'otherPoint' ? 'SystemStartup' : point, never, {
        name: `h${i}`,
        kind: fate === 'otherPoint' ? 'observe' : kind,
        ...(fate === 'otherComponent' && { match: { component: 'other_*' } }),
        ...(fate === 'signalled' && { signal: controller.signal }),
      })
      if (fate === 'pointOff') hooks.setEnabled(false, point)
      if (fate === 'signalled') controller.abort()
      handles.push([fate, handle])
    }
    for (const [fate, handle] of handles) {
      if (fate === 'unregistered') handle.unregister()
      if (fate === 'disabled') handle.disable()
    }
    for (const point of POINTS) {
      const before = touched
      const decision = hooks.run(point, { input: 1 } as never, { component: { type: 'tool', name: 'work' } })
      if (decision instanceof Promise) throw new Error(`${point} gave a promise`)
      if (decision !== make().run(point, {} as never)) throw new Error(`${point} gave an object of its own`)
      if (touched !== before) throw new Error(`${point} touched a port`)
    }
    const [actual, expected] = [execute(hooks), execute(make())]
    if (actual !== expected) throw new Error(`${actual} instead of ${expected}`)
    if (clock.timers > 0) throw new Error('a timer is left')
    await hooks.stop()
  })
}

testLaw('law 11: nothing is free', law, [
  {
    name: 'disabled hooks are called',
    file: 'src/hooks/registry/slot.ts',
    from: 'link.hook.enabled && ',
    to: '',
  },
  {
    name: 'a gate without hooks is a pass all the same',
    file: 'src/hooks/registry/slot.ts',
    from: 'if (links.length === 0) return null',
    to: 'if (links.length === 0 && this.links.length === 0) return null',
  },
  {
    name: 'the clock is read before it is known that anybody wants it',
    file: 'src/hooks/executor/run-point.ts',
    from: 'if (chain === null) return CONTINUE_DECISION',
    to: 'if (chain === null) return (kernel.time.now(), CONTINUE_DECISION)',
  },
])
