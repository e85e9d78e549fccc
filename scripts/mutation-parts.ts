/** The parts in which the kernel is mutated, and the report that each leaves behind. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from './root.ts'

/** The parts, and what each mutates. */
export const parts: Readonly<Record<string, readonly string[]>> = {
  points: ['src/hooks/points/**/*.ts'],
  compose: ['src/hooks/compose/**/*.ts', 'src/hooks/executor/patterns/**/*.ts'],
  distributed: ['src/hooks/distributed/**/*.ts'],
  selective: ['src/hooks/selective/**/*.ts'],
  replay: ['src/hooks/replay/**/*.ts'],
  registry: ['src/hooks/registry/**/*.ts'],
  operation: ['src/hooks/operation/**/*.ts'],
  executor: ['src/hooks/executor/*.ts'],
  results: ['src/hooks/*.ts', '!src/hooks/index.ts'],
}

export interface Mutant {
  readonly mutatorName: string
  readonly replacement: string
  readonly status: string
  readonly location: {
    readonly start: { readonly line: number; readonly column: number }
    readonly end: { readonly line: number; readonly column: number }
  }
}

/** One source file with its mutants. */
export interface MutatedFile {
  readonly source: string
  readonly mutants: readonly Mutant[]
}

/** What a part keeps between its runs, so that only what changed is run again. */
export const memoryOf = (part: string): string => `reports/mutation/memory/${part}.json`

/** Where the report of a part is kept. */
export const reportOf = (part: string): string => join(packageRoot, 'reports/mutation/parts', `${part}.json`)

/** The parts that have been run. */
export const partsDone = (): string[] => Object.keys(parts).filter((part) => existsSync(reportOf(part)))

/** The files of all parts that have been run, sorted by path. */
export function mutatedFiles(): [string, MutatedFile][] {
  return partsDone()
    .map((part) => JSON.parse(readFileSync(reportOf(part), 'utf8')) as { files: Record<string, MutatedFile> })
    .flatMap(({ files }) => Object.entries(files))
    .sort(([a], [b]) => (a < b ? -1 : 1))
}

/** Whether a test noticed; undefined for what was never run. */
export function isFound({ status }: Mutant): boolean | undefined {
  if (status === 'Killed' || status === 'Timeout') return true
  return status === 'Survived' || status === 'NoCoverage' ? false : undefined
}
