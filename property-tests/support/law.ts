/** How a law is tested: it holds on the kernel, and is seen to fail on each planted bug. */
import fc from 'fast-check'
import * as real from 'hookchart/hooks'
import { describe, expect, test } from 'vitest'
import { copyOf, plant } from './planted.ts'
import type { Kernel } from './planted.ts'

export type { Kernel }

/** A bug to plant: one place of one file. */
export interface PlantedBug {
  readonly name: string
  readonly file: string
  readonly from: string
  readonly to: string
  /** Where to begin to look for a bug that is seldom met: a seed that finds it soon. By default 1. */
  readonly seed?: number
  /** It takes many seconds to meet; looked for by `npm run test:nightly` only. */
  readonly isRare?: boolean
}

/** A law as a property of what it is about: the kernel, or other public names. */
export type Law<Subject = Kernel> = (subject: Subject) => fc.IAsyncProperty<unknown> | fc.IProperty<unknown>

interface LawOptions {
  readonly numRuns?: number
  /** Seeds of failures that were found: [seed, path]. */
  readonly regressions?: readonly (readonly [number, string])[]
}

/** `npm run test:nightly` sets it to 20. */
const TIMES = Number(process.env['HOOKCHART_RUNS'] ?? 1)

/** What is wrong with a copy as such shows in the first runs. */
const COPY_RUNS = 5

/** Runs of a property. So that all tests end within ten minutes, half of them by default; the nightly form takes all, times 20. */
export function runs(count: number): number {
  return TIMES === 1 ? Math.ceil(count / 2) : count * TIMES
}

/** Tests a law of the kernel. */
export function testLaw(name: string, law: Law, bugs: readonly PlantedBug[], options?: LawOptions): void {
  testLawOf(real, 'src/hooks/index.ts', name, law, bugs, options)
}

/** Tests a law of other names; the entry is the file that exports them. */
export function testLawOf<Subject>(
  subject: Subject,
  entry: string,
  name: string,
  law: Law<Subject>,
  bugs: readonly PlantedBug[],
  { numRuns = 200, regressions = [] }: LawOptions = {},
): void {
  describe(name, () => {
    test('holds', async () => {
      await fc.assert(law(subject) as fc.IAsyncProperty<unknown>, { numRuns: runs(numRuns) })
    })

    for (const [seed, path] of regressions) {
      test(`holds for what once broke it: seed ${seed}, path ${path}`, async () => {
        await fc.assert(law(subject) as fc.IAsyncProperty<unknown>, { seed, path })
      })
    }

    if (bugs.length > 0) {
      // Else bugs would be found that are none: those of the copy.
      test('holds on a copy without a bug', async () => {
        const copy = await copyOf<Subject>(entry)
        await fc.assert(law(copy) as fc.IAsyncProperty<unknown>, { numRuns: Math.min(numRuns, COPY_RUNS), seed: 1 })
      })
    }

    for (const { name: bug, file, from, to, seed = 1, isRare = false } of bugs) {
      test.skipIf(isRare && TIMES === 1)(`is seen to fail: ${bug}`, async () => {
        const broken = await plant<Subject>(entry, file, from, to)
        // Many tries, so that none is missed; it ends with the first that fails. The same tries each time: that the bug is found
        // must not hang on chance. What looks for unknown bugs, above, looks elsewhere with every run.
        const details = await fc.check(law(broken) as fc.IAsyncProperty<unknown>, {
          ...{ numRuns: numRuns * 25, endOnFailure: true, seed },
        })
        expect(details.failed, `the planted bug "${bug}" was not found in ${details.numRuns} runs`).toBe(true)
      })
    }
  })
}
