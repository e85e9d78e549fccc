/**
 * What happened to each operation, seen from outside: which points fired, what guards said, when the effect was started
 * and on what data. And the laws that this must obey, whatever the operation is an operation of.
 */
import { catalogue } from 'hookchart/hooks'
import type { HookContext, Hooks, PointId, Proposal } from 'hookchart/hooks'

/** One thing that happened. */
export type Happening =
  /** A gate is come to. */
  | {
      readonly type: 'enter'
      readonly point: string
      readonly step: string | undefined
      /** The id of the component. */
      readonly part: string
      readonly data: GateData
    }
  /** It is left: with what, and which way. */
  | {
      readonly type: 'point'
      readonly point: string
      readonly step: string | undefined
      readonly part: string
      readonly data: GateData
      readonly decision: Proposal | undefined
    }
  | {
      readonly type: 'guard'
      readonly point: string
      readonly pass: number
      readonly name: string
      readonly said: string
      readonly data: string
      readonly all: GateData
      /** What is about to happen, as it was told. */
      readonly proposal: string | undefined
    }
  | { readonly type: 'effect'; readonly attempt: number; readonly input: string }
  /** Somebody outside steers. */
  | { readonly type: 'steer'; readonly what: string }

/** What a gate shows. */
export type GateData = Readonly<Record<string, unknown>>

/** What may follow what, by points; `effect` is a start of the effect, `start` comes before everything. */
export type Order = Readonly<Record<string, readonly string[]>>

/** What happened to which operation. */
export type Noted = Happening & { readonly id: string }

/** The operations of a scenario. */
export class Observed {
  readonly #operations = new Map<string, { readonly component: string; readonly happened: Happening[] }>()
  /** All that happened, in order, and to which operation. */
  readonly course: Noted[] = []

  #note(id: string, component: string, happening: Happening): void {
    let operation = this.#operations.get(id)
    if (operation === undefined) this.#operations.set(id, (operation = { component, happened: [] }))
    operation.happened.push(happening)
    this.course.push({ ...happening, id })
  }

  /** Watches points from the first hook of a pass to its end, without a word. */
  watch(hooks: Pick<Hooks, 'register'>, points: readonly string[]): void {
    const gates = points.filter((point) => catalogue[point as PointId].phase !== 'notify')
    hooks.register(gates, (ctx) => this.enter(ctx), { name: 'enters', priority: 'highest', breaker: false })
    hooks.register([...points], (ctx) => this.point(ctx), { name: 'seen', kind: 'observe', breaker: false })
  }

  enter({ point, operation, component, step, data }: HookContext): void {
    const all = data as GateData
    this.#note(operation.id, component.name, { type: 'enter', point, step: step?.name, part: component.id, data: all })
  }

  point({ point, operation, component, step, data, proposal }: HookContext): void {
    const all = data as GateData
    this.#note(operation.id, component.name, {
      ...{ type: 'point', point, step: step?.name, part: component.id, data: all, decision: proposal },
    })
  }

  guard({ point, operation, component, data, proposal }: HookContext, name: string, said: string): void {
    const input = JSON.stringify((data as { input?: unknown }).input)
    this.#note(operation.id, component.name, {
      type: 'guard',
      point,
      pass: operation.gatePass,
      name,
      said,
      data: input,
      all: data,
      proposal: proposal?.type,
    })
  }

  effect(id: string, component: string, attempt: number, input: unknown): void {
    this.#note(id, component, { type: 'effect', attempt, input: JSON.stringify(input) })
  }

  steer(what: string): void {
    this.course.push({ type: 'steer', what, id: '' })
  }

  get all(): readonly (readonly [id: string, component: string, happened: readonly Happening[]])[] {
    return [...this.#operations].map(([id, { component, happened }]) => [id, component, happened])
  }
}

/** Law 14, and 4: the points of an operation fire in an order that the catalogue knows, and it is settled once, last. */
export function assertOrder(id: string, happened: readonly Happening[], order: Order): void {
  let last = 'start'
  for (const each of happened) {
    if (each.type !== 'point' && each.type !== 'effect') continue
    const next = each.type === 'effect' ? 'effect' : each.point
    if (!(order[last] ?? []).includes(next)) {
      throw new Error(`${id}: ${next} follows ${last} in ${namesOf(happened)}`)
    }
    last = next
  }
  if (last !== 'OperationSettled') throw new Error(`${id} is not settled: ${namesOf(happened)}`)
}

/** Laws 3, 8 and 15: whoever guards the effect has allowed it, in the last pass; and those at its own gate, on the very data that it gets. */
export function assertGuarded(
  id: string,
  happened: readonly Happening[],
  guards: readonly Guard[],
  gate: string,
): void {
  happened.forEach((each, i) => {
    if (each.type !== 'effect') return
    for (const { point, name } of guards) {
      const said = happened
        .slice(0, i)
        .findLast((other) => other.type === 'guard' && other.point === point && other.name === name)
      if (said?.type !== 'guard') throw new Error(`${id}: the effect ran and ${name} was never asked`)
      if (said.said !== 'nothing') throw new Error(`${id}: the effect ran and ${name} said ${said.said}`)
      if (point === gate && said.proposal !== 'run') {
        throw new Error(`${id}: the effect ran, and ${name} had allowed something else`)
      }
      if (point === gate && said.data !== each.input) {
        throw new Error(`${id}: ${name} saw ${said.data}, and the effect got ${each.input}`)
      }
    }
  })
}

/** A guard of the effect. */
export interface Guard {
  readonly point: string
  readonly name: string
}

/** Law 13: without a crash each attempt's effect runs once, and attempts are counted from 1. */
export function assertAttempts(id: string, happened: readonly Happening[]): void {
  const attempts = happened.flatMap((each) => (each.type === 'effect' ? [each.attempt] : []))
  attempts.forEach((attempt, i) => {
    if (attempt !== i + 1) throw new Error(`${id}: attempts ${attempts.join()}`)
  })
}

const namesOf = (happened: readonly Happening[]) =>
  happened.map((each) => (each.type === 'point' ? each.point : each.type)).join(' ')
