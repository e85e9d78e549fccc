/** Which subscriptions an event of a type goes to: found by the trie once, and remembered for types that come again. */
import type { ComponentInfo } from '../hooks/context.ts'
import { assertEventType } from './event-type.ts'
import { Memo } from './memo.ts'
import type { Metrics } from './metrics.ts'
import { PatternTrie } from './pattern-trie.ts'
import type { RateWindow } from './rate-window.ts'
import type { BusSubscription } from './subscription.ts'

/** What a bus knows of a type. */
export interface Route {
  readonly type: string
  /** What hooks at event points are told of. */
  readonly component: ComponentInfo
  /** In the order in which they subscribed. */
  readonly subscriptions: readonly BusSubscription[]
  /** Those of them that are delivered to inside of a publish. */
  readonly immediate: readonly BusSubscription[]
  readonly counter: RateWindow
}

/** Types that are remembered, at least. */
const MEMO_SIZE = 1_000

/** Finds the route of a type. */
export class Routes {
  readonly #metrics: Metrics
  readonly #trie = new PatternTrie<BusSubscription>()
  readonly #memo = new Memo<Route>(MEMO_SIZE)
  /** Places in the order of subscribing. */
  readonly #places = new Map<BusSubscription, number>()
  #next = 0

  constructor(metrics: Metrics) {
    this.#metrics = metrics
  }

  /** All subscriptions, in the order in which they subscribed. */
  get subscriptions(): Iterable<BusSubscription> {
    return this.#places.keys()
  }

  get size(): number {
    return this.#places.size
  }

  add(subscription: BusSubscription): void {
    this.#trie.add(subscription.pattern, subscription)
    this.#places.set(subscription, this.#next++)
    this.#memo.clear()
  }

  remove(subscription: BusSubscription): void {
    this.#trie.remove(subscription.pattern, subscription)
    this.#places.delete(subscription)
    this.#memo.clear()
  }

  /** The route of a type. Throws EVENT_TYPE_INVALID. */
  of(type: string): Route {
    return this.#memo.get(type) ?? this.#find(type)
  }

  #find(type: string): Route {
    assertEventType(type)
    const place = (subscription: BusSubscription) => this.#places.get(subscription) as number
    const subscriptions = [...this.#trie.match(type)].sort((a, b) => place(a) - place(b))
    const route: Route = {
      type,
      component: Object.freeze({ type: 'event', name: type, id: type }),
      subscriptions,
      immediate: subscriptions.filter(({ settings }) => settings.delivery === 'sync'),
      counter: this.#metrics.counterOf(type),
    }
    this.#memo.set(type, route)
    return route
  }
}
