/** How a law is tested: it holds on the kernel, and is seen to fail on each planted bug. */
import fc from 'fast-check'
import * as real from 'hookchart/hooks'
import { describe, expect, test } from 'vitest'
import { plant } from './planted.ts'
import type { Kernel } from './planted.ts'

export type { Kernel }

/** A bug to plant: one place of one file. */
export interface PlantedBug {
  readonly name: string
  readonly file: string
  readonly from: string
  readonly to: string
}

/** A law as a property of a kernel. */
export type Law = (kernel: Kernel) => fc.IAsyncProperty<unknown> | fc.IProperty<unknown>

/** `npm run test:nightly` sets it to 20. */
const TIMES = Number(process.env['HOOKCHART_RUNS'] ?? 1)

/** Runs of a property by default. */
export function runs(count: number): number {
  return count * TIMES
}

/** Tests a law. Seeds of failures that were found belong into `regressions`: [seed, path]. */
export function testLaw(
  name: string,
  law: Law,
  bugs: readonly PlantedBug[],
  { numRuns = 200, regressions = [] }: { numRuns?: number; regressions?: readonly (readonly [number, string])[] } = {},
): void {
  describe(name, () => {
    test('holds', async () => {
      await fc.assert(law(real) as fc.IAsyncProperty<unknown>, { numRuns: runs(numRuns) })
    })

    for (const [seed, path] of regressions) {
      test(`holds for what once broke it: seed ${seed}, path ${path}`, async () => {
        await fc.assert(law(real) as fc.IAsyncProperty<unknown>, { seed, path })
      })
    }

    for (const { name: bug, file, from, to } of bugs) {
      test(`is seen to fail: ${bug}`, async () => {
        const kernel = await plant(file, from, to)
        // Many tries, so that none is missed by chance; it ends with the first that fails.
        const details = await fc.check(law(kernel) as fc.IAsyncProperty<unknown>, {
          numRuns: numRuns * 25,
          endOnFailure: true,
        })
        expect(details.failed, `the planted bug "${bug}" was not found in ${details.numRuns} runs`).toBe(true)
      })
    }
  })
}
