import { describe, expect, test } from 'vitest'
import { SeenNonces } from '../../src/hooks/distributed/seen-nonces.ts'

describe('nonces', () => {
  test.each([[['old', 'middle', 'young']], [['young', 'middle', 'old']], [['middle', 'young', 'old']]])(
    'are forgotten by their age, not by when they came: %j',
    (arrivals) => {
      const seen = new SeenNonces(3, 100)
      const timestamps: Record<string, number> = { old: 10, middle: 20, young: 30 }
      for (const name of arrivals) seen.add(name, timestamps[name]!)
      const held = (now: number) => ['old', 'middle', 'young'].filter((name) => seen.has(name, now))
      expect(held(110)).toEqual(['old', 'middle', 'young'])
      expect(seen.fullForMs(110)).toBe(1)
      expect(held(111)).toEqual(['middle', 'young'])
      expect(seen.fullForMs(111)).toBeUndefined()
      expect(held(121)).toEqual(['young'])
      expect(held(131)).toEqual([])
    },
  )

  test('there is room again when the oldest is too old, whenever that came', () => {
    const seen = new SeenNonces(2, 100)
    seen.add('young', 50)
    seen.add('old', 10)
    expect(seen.fullForMs(60)).toBe(51)
    expect(seen.fullForMs(110)).toBe(1)
    expect(seen.fullForMs(111)).toBeUndefined()
  })
})
