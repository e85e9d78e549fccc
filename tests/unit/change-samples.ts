/** What the tests of changes share. */
import { expect } from 'vitest'
import { applyPatches } from '../../src/hooks/change.ts'
import type { Change, GateData } from '../../src/hooks/change.ts'

/** A recipe as immer takes it. */
export const recipe = (change: (draft: { input: Record<string, unknown>; list: number[] }) => unknown) =>
  change as never

/** The change, which must have been accepted. */
export function accepted(change: Change | string): Change {
  if (typeof change === 'string') throw new Error(change)
  return change
}

export const data: GateData = Object.freeze({ input: Object.freeze({ a: 1, inner: { b: 2 } }), list: [3, 1, 2] })

/** Holds for every change: the patches make the new data of the old, and the other way round. */
export function expectRoundTrip(change: Change, from: GateData = data) {
  expect(applyPatches(from, change.patches)).toEqual(change.data)
  expect(applyPatches(change.data, change.inversePatches)).toEqual(from)
}
