import { breakerPresets } from 'hookchart/hooks'
import { describe, expect, test } from 'vitest'
import { breakerSchema } from '../../src/hooks/breaker.ts'

describe('presets', () => {
  test('have the values of the reference, doubling up to eight times the first opening', () => {
    const common = { openMultiplier: 2 }
    expect(breakerPresets).toEqual({
      default: {
        ...common,
        failureThreshold: 3,
        successThreshold: 2,
        windowMs: 30_000,
        openMs: 15_000,
        maxOpenMs: 120_000,
        slowCallThreshold: 2,
        slowCallMs: 50,
      },
      production: {
        ...common,
        failureThreshold: 2,
        successThreshold: 1,
        windowMs: 20_000,
        openMs: 10_000,
        maxOpenMs: 80_000,
        slowCallThreshold: 1,
        slowCallMs: 25,
      },
      conservative: {
        ...common,
        failureThreshold: 5,
        successThreshold: 3,
        windowMs: 60_000,
        openMs: 30_000,
        maxOpenMs: 240_000,
        slowCallThreshold: 3,
        slowCallMs: 100,
      },
    })
  })

  test.each(['default', 'production', 'conservative'] as const)('%s by name', (name) => {
    expect(breakerSchema.parse(name)).toEqual(breakerPresets[name])
  })

  test('false is none', () => {
    expect(breakerSchema.parse(false)).toBe(false)
  })

  test('settings go over those of the default; the cap follows the opening unless it is given', () => {
    expect(breakerSchema.parse({})).toEqual(breakerPresets.default)
    expect(breakerSchema.parse({ openMs: '1s', failureThreshold: 1 })).toEqual({
      ...breakerPresets.default,
      failureThreshold: 1,
      openMs: 1_000,
      maxOpenMs: 8_000,
    })
    expect(breakerSchema.parse({ openMs: 10, maxOpenMs: 20 })).toMatchObject({ openMs: 10, maxOpenMs: 20 })
  })

  test.each([
    ['a threshold of 0', { failureThreshold: 0 }],
    ['a threshold with a fraction', { successThreshold: 1.5 }],
    ['a negative threshold', { slowCallThreshold: -1 }],
    ['no window', { windowMs: 0 }],
    ['no time open', { openMs: 0 }],
    ['no cap', { maxOpenMs: 0 }],
    ['a multiplier under 1', { openMultiplier: 0.99 }],
    ['a negative slow time', { slowCallMs: -1 }],
    ['an unknown key', { failures: 1 }],
    ['an unknown name', 'fast'],
    ['true', true],
    ['null', null],
  ])('%s is refused', (_, option) => {
    expect(breakerSchema.safeParse(option).success).toBe(false)
  })

  test.each([
    ['every call may be slow', { slowCallMs: 0 }],
    ['one of each', { failureThreshold: 1, successThreshold: 1, slowCallThreshold: 1, openMultiplier: 1 }],
  ])('%s', (_, option) => {
    expect(breakerSchema.safeParse(option).success).toBe(true)
  })
})
