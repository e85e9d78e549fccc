/** Patterns match what a reference says that is as plain as can be; many at once, remembered or not, come to the same. */
import fc from 'fast-check'
import * as real from 'hookchart/events'
import { expect } from 'vitest'
import { testLawOf } from './support/law.ts'

type Events = typeof real

const segment = fc.constantFrom('a', 'b', 'c')
const type = fc.array(segment, { minLength: 1, maxLength: 5, size: 'max' })
const pattern = fc.array(fc.oneof(segment, fc.constantFrom('*', '**')), { minLength: 1, maxLength: 5, size: 'max' })

/** By the words of the contract, and by nothing else. */
function reference(pattern: readonly string[], type: readonly string[]): boolean {
  if (pattern.length === 1 && pattern[0] === '*') return true
  const from = (p: number, t: number): boolean => {
    if (p === pattern.length) return t === type.length
    if (pattern[p] === '**') {
      for (let skipped = t; skipped <= type.length; skipped++) if (from(p + 1, skipped)) return true
      return false
    }
    return t < type.length && (pattern[p] === '*' || pattern[p] === type[t]) && from(p + 1, t + 1)
  }
  return from(0, 0)
}

testLawOf<Events>(
  real,
  'src/events/index.ts',
  'one pattern matches as the reference does',
  ({ matchesPattern }) =>
    fc.property(pattern, type, (p, t) => {
      expect(matchesPattern(p.join('.'), t.join('.'))).toBe(reference(p, t))
    }),
  [
    {
      name: '** is at least one',
      file: 'src/events/pattern.ts',
      from: "if (segments[at] === '**') reached.add(at + 1)",
      to: '{ /* not without one */ }',
    },
    {
      name: '** is at most one',
      file: 'src/events/pattern.ts',
      from: "if (segment === '**') next.add(at)",
      to: "if (segment === '**') next.add(at + 1)",
    },
    {
      name: 'a prefix is enough',
      file: 'src/events/pattern.ts',
      from: 'return reached.has(segments.length)',
      to: 'return true',
    },
    {
      name: 'a lone * is one segment',
      file: 'src/events/pattern.ts',
      from: "text === '*' ? ['**'] : text.split('.')",
      to: "text.split('.')",
    },
  ],
  { numRuns: 1_000 },
)

const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('subscribe' as const), pattern }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('unsubscribe' as const), which: fc.nat() }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('publish' as const), type }) },
  // More types than are remembered.
  { weight: 1, arbitrary: fc.record({ do: fc.constant('flood' as const) }) },
)

testLawOf<Events>(
  real,
  'src/events/index.ts',
  'an event goes to those whose pattern its type matches, once, in the order in which they subscribed',
  ({ createEventBus }) =>
    fc.property(fc.array(step, { maxLength: 30, size: 'max' }), (steps) => {
      const events = createEventBus()
      const subscribed: { readonly name: number; readonly pattern: string[]; readonly end: () => void }[] = []
      let seen: number[] = []
      let names = 0
      for (const each of steps) {
        if (each.do === 'subscribe') {
          const name = names++
          const subscription = events.subscribe(each.pattern.join('.'), () => seen.push(name), { delivery: 'sync' })
          subscribed.push({ name, pattern: each.pattern, end: () => subscription.unsubscribe() })
        } else if (each.do === 'unsubscribe') {
          subscribed.splice(each.which % (subscribed.length + 1), 1)[0]?.end()
        } else if (each.do === 'flood') {
          for (let i = 0; i < 20; i++) void events.publish(`flood.${i}`)
        } else {
          seen = []
          void events.publish(each.type.join('.'))
          expect(seen).toEqual(subscribed.filter(({ pattern: p }) => reference(p, each.type)).map(({ name }) => name))
        }
      }
      expect(events.stats().subscriptions).toHaveLength(subscribed.length)
    }),
  [
    {
      name: 'who subscribes later is not found for types that are remembered',
      file: 'src/events/routes.ts',
      from: 'this.#places.set(subscription, this.#next++)\n    this.#memo.clear()',
      to: 'this.#places.set(subscription, this.#next++)',
    },
    {
      name: '** in the trie is at least one',
      file: 'src/events/pattern-trie.ts',
      from: 'if (any !== undefined) reached.add(any)',
      to: '',
    },
    {
      name: '** in the trie is at most one',
      file: 'src/events/pattern-trie.ts',
      from: 'if (node.stays) next.add(node)',
      to: '',
    },
    {
      name: 'nodes are taken out that others need',
      file: 'src/events/pattern-trie.ts',
      from: 'return children.size === 0 && values.size === 0',
      to: 'return values.size === 0',
    },
    {
      name: 'the order is that of the trie',
      file: 'src/events/routes.ts',
      from: '.sort((a, b) => place(a) - place(b))',
      to: '',
    },
  ],
  { numRuns: 300 },
)
