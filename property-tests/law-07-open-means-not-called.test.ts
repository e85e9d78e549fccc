/**
 * Law 7. While its breaker is open a hook isn't called. And by the same model: while it is closed it is, and half-open it
 * is called at most as often as probes are allowed.
 */
import fc from 'fast-check'
import { createTestClock, createTestIds } from 'hookchart/testing'
import { testLaw } from './support/law.ts'
import type { Kernel } from './support/law.ts'
import { TIMEOUT_MS } from './support/scenario.ts'

type Step =
  | { readonly do: 'call'; readonly outcome: 'ok' | 'throw' | 'hang'; readonly isAsync: boolean }
  | { readonly do: 'advance'; readonly ms: number }
  | { readonly do: 'settle' }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('call' as const),
      outcome: fc.constantFrom('ok' as const, 'throw' as const, 'throw' as const, 'hang' as const),
      isAsync: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('advance' as const),
      ms: fc.constantFrom(1, 50, 100, 250, 999, 1_000, 5_000),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ do: 'settle' as const }) },
)

const scenario = fc.record({
  kind: fc.constantFrom('transform' as const, 'guard' as const),
  settings: fc.record({
    failureThreshold: fc.integer({ min: 1, max: 3 }),
    successThreshold: fc.integer({ min: 1, max: 2 }),
    windowMs: fc.constantFrom(200, 2_000),
    openMs: fc.constantFrom(250, 1_000),
    openMultiplier: fc.constantFrom(1, 2),
    maxOpenMs: fc.constantFrom(1_000, 3_000),
    slowCallThreshold: fc.constant(1_000),
    slowCallMs: fc.constant(1_000_000),
  }),
  steps: fc.array(step, { minLength: 5, maxLength: 40, size: 'max' }),
})

interface Settings {
  readonly failureThreshold: number
  readonly successThreshold: number
  readonly windowMs: number
  readonly openMs: number
  readonly openMultiplier: number
  readonly maxOpenMs: number
}

/** A call as the model sees it. */
interface Call {
  readonly generation: number
  readonly outcome: 'ok' | 'throw' | 'hang'
  readonly dueAt: number
}

/** The breaker by the book, told of everything by the test alone. */
class Model {
  state: 'closed' | 'open' | 'halfOpen' = 'closed'
  generation = 0
  probes: Call[] = []
  #failures: number[] = []
  #successes = 0
  #opens = 0
  #openUntil = 0
  readonly #settings: Settings

  constructor(settings: Settings) {
    this.#settings = settings
  }

  allows(now: number): boolean {
    if (this.state === 'open' && now >= this.#openUntil) this.#enter('halfOpen')
    return (
      this.state === 'closed' || (this.state === 'halfOpen' && this.probes.length < this.#settings.successThreshold)
    )
  }

  ended(call: Call, ok: boolean, now: number): void {
    if (call.generation !== this.generation) return
    if (this.state === 'halfOpen') {
      this.probes = this.probes.filter((each) => each !== call)
      if (!ok) this.#open(now)
      else if (++this.#successes === this.#settings.successThreshold) this.#enter('closed')
    } else if (!ok) {
      this.#failures = [...this.#failures, now].filter((at) => now - at <= this.#settings.windowMs)
      if (this.#failures.length >= this.#settings.failureThreshold) this.#open(now)
    }
  }

  #open(now: number): void {
    const { openMs, openMultiplier, maxOpenMs } = this.#settings
    this.#enter('open')
    this.#openUntil = now + Math.min(maxOpenMs, openMs * openMultiplier ** this.#opens++)
  }

  #enter(state: Model['state']): void {
    this.state = state
    this.generation++
    this.#failures = []
    this.#successes = 0
    this.probes = []
    if (state === 'closed') this.#opens = 0
  }
}

function law(kernel: Kernel) {
  return fc.asyncProperty(scenario, fc.scheduler(), async ({ kind, settings, steps }, scheduler) => {
    const clock = createTestClock()
    const hooks = kernel.createHooks({ clock, ids: createTestIds(), executor: { overheadBudget: false } })
    const model = new Model(settings)
    let next: Extract<Step, { do: 'call' }> = { do: 'call', outcome: 'ok', isAsync: false }
    let calls = 0
    const pending: Call[] = []
    const point = kernel.definePoint('p', { phase: 'before' })
    const handler = () => {
      calls++
      const { outcome, isAsync } = next
      if (outcome === 'hang') return new Promise<void>(() => {})
      if (!isAsync) {
        if (outcome === 'throw') throw new Error('no')
        return
      }
      const call = pending.at(-1)
      return scheduler.schedule(Promise.resolve(), 'call').then(() => {
        if (call !== undefined) settled.push(call)
        if (outcome === 'throw') throw new Error('no')
      })
    }
    const settled: Call[] = []
    hooks.register(point, handler, { name: 'h', kind, breaker: settings, timeoutMs: TIMEOUT_MS })

    for (const step of steps) {
      const now = clock.now()
      if (step.do === 'call') {
        next = step
        const before = calls
        const allowed = model.allows(now)
        const call = { generation: model.generation, outcome: step.outcome, dueAt: now + TIMEOUT_MS }
        const waits = step.isAsync || step.outcome === 'hang'
        if (allowed) {
          if (model.state === 'halfOpen') model.probes.push(call)
          if (waits) pending.push(call)
        }
        const decision = hooks.run(point, {})
        const called = calls > before
        if (called !== allowed) throw new Error(`${called ? 'called' : 'not called'} while ${model.state}`)
        if (!allowed && kind === 'guard') {
          const { type, code } = (await decision) as { type: string; code?: string }
          if (type !== 'cancel' || code !== 'GUARD_UNAVAILABLE')
            throw new Error(`a guard that is not called came to ${type}`)
        }
        if (allowed && !waits) model.ended(call, step.outcome === 'ok', now)
      } else if (step.do === 'advance') {
        await clock.advanceSteps(step.ms)
        for (const call of pending.splice(0)) {
          if (call.dueAt > clock.now()) pending.push(call)
          else model.ended(call, false, call.dueAt)
        }
      } else if (scheduler.count() > 0) {
        await scheduler.waitNext(1)
        await clock.settle()
        for (const call of settled.splice(0)) {
          const at = pending.indexOf(call)
          if (at === -1) continue
          pending.splice(at, 1)
          model.ended(call, call.outcome === 'ok', now)
        }
      }
    }
  })
}

testLaw('law 7: open means not called', law, [
  {
    name: 'an open breaker lets calls through',
    file: 'src/hooks/breaker.ts',
    from: "if (state !== 'halfOpen') return state === 'closed'",
    to: "if (state !== 'halfOpen') return true",
  },
  {
    name: 'half-open lets every call through',
    file: 'src/hooks/breaker.ts',
    from: 'if (inTime.length >= this.#settings.successThreshold) return false',
    to: '',
  },
  {
    name: 'failures count for ever',
    file: 'src/hooks/breaker.ts',
    from: '.filter((time) => at - time <= windowMs)',
    to: '',
  },
  {
    name: 'results of an earlier generation count',
    file: 'src/hooks/breaker.ts',
    from: '  failure(_durationMs: number, permit = this.#generation): void {\n    if (permit !== this.#generation) return\n',
    to: '  failure(_durationMs: number, permit = this.#generation): void {\n',
  },
  {
    name: 'it stays open no longer when it opens again',
    file: 'src/hooks/breaker.ts',
    from: 'openMs * openMultiplier ** (opens - 1)',
    to: 'openMs',
  },
])
