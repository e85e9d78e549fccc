/** The cache behind `hook.cache`: results of effects, served for a time, each made by one flight at a time. */
import { LRUCache } from 'lru-cache'
import { canonicalJson, copyJson, findJsonFlaw } from '../../json.ts'
import type { Json } from '../../json.ts'
import type { Hash } from '../../ports/hash.ts'
import type { ComponentInfo } from '../context.ts'
import type { CacheNote } from '../decision.ts'
import type { Time } from './time.ts'

/** A cached result. Boxed, because the result may be undefined. */
interface Cached {
  readonly value: unknown
}

/** Results kept; the least recently used go first. */
const MAX_RESULTS = 1_000

/** Caches results and lets one operation at a time make one. */
export class ResultCache {
  readonly #hash: Hash
  readonly #results: LRUCache<string, Cached>
  readonly #flights = new Map<string, Promise<void>>()

  constructor(time: Time, hash: Hash) {
    this.#hash = hash
    this.#results = new LRUCache({
      max: MAX_RESULTS,
      ttlResolution: 0,
      // The library takes a start of 0, where a test clock begins, for "never stale".
      perf: { now: () => time.now() + 1 },
    })
  }

  /**
   * Point, component, the hook's key and the input make a key; nothing volatile does. What is not JSON has none: inputs
   * that differ would share it, as all Maps have the text of an empty object.
   */
  keyOf(point: string, component: ComponentInfo, note: CacheNote, input: Json | undefined): string
  keyOf(point: string, component: ComponentInfo, note: CacheNote, input: unknown): string | undefined
  keyOf(point: string, { type, name }: ComponentInfo, { key }: CacheNote, input: unknown): string | undefined {
    if (findJsonFlaw(input) !== undefined) return undefined
    return this.#hash.sha256(canonicalJson([point, type, name, key, canonicalJson(input)]))
  }

  /** A copy of what is cached, so that who gets it may change it. */
  get(key: string | undefined): Cached | undefined {
    const cached = key === undefined ? undefined : this.#results.get(key)
    return cached && { value: copyJson(cached.value) }
  }

  /** What is not JSON is not kept: its copy would be another value. */
  store(key: string, value: unknown, ttlMs: number): void {
    if (ttlMs >= 1 && findJsonFlaw(value) === undefined)
      this.#results.set(key, { value: copyJson(value) }, { ttl: Math.floor(ttlMs) })
  }

  /** The flight that is making this result; settles when it has ended, however it did. */
  flight(key: string): Promise<void> | undefined {
    return this.#flights.get(key)
  }

  /** Leads the flight; gives what ends it. */
  lead(key: string): () => void {
    let land: () => void = () => undefined
    const flight = new Promise<void>((resolve) => {
      land = resolve
    })
    this.#flights.set(key, flight)
    return () => {
      if (this.#flights.get(key) === flight) this.#flights.delete(key)
      land()
    }
  }
}
