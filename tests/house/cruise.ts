/** Running the layer rules of .dependency-cruiser.cjs over the real tree or over one that a test has planted. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { cruise } from 'dependency-cruiser'
import type { ICruiseOptions, ICruiseResult, IForbiddenRuleType } from 'dependency-cruiser'
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config'

interface Rules {
  readonly forbidden: readonly IForbiddenRuleType[]
  readonly options: ICruiseOptions
}

/** The rules as the lint runs them. */
export const rules = createRequire(import.meta.url)('../../.dependency-cruiser.cjs') as Rules

/** One arrow that a rule forbids. */
export interface Violation {
  readonly rule: string
  readonly from: string
  readonly to: string
}

/** What the rules say of some folders under `baseDir`, which has a tsconfig.json. */
export async function violationsIn(baseDir: string, folders: readonly string[]): Promise<Violation[]> {
  const { forbidden, options } = rules
  const tsConfig = join(baseDir, 'tsconfig.json')
  const { output } = await cruise(
    [...folders],
    { ...options, baseDir, tsConfig: { fileName: tsConfig }, validate: true, ruleSet: { forbidden: [...forbidden] } },
    {},
    { tsConfig: extractTSConfig(tsConfig) },
  )
  const { summary } = output as ICruiseResult
  if (summary.totalCruised === 0) throw new Error(`Nothing was found to check in ${folders.join(', ')}.`)
  return summary.violations.map(({ rule, from, to }) => ({ rule: rule.name, from, to }))
}

/** Writes a tree to the folder for temporary files, hands it to `use`, and removes it. */
export async function withTree<T>(
  files: ReadonlyMap<string, string>,
  use: (baseDir: string) => Promise<T>,
): Promise<T> {
  const baseDir = mkdtempSync(join(tmpdir(), 'hookchart-layers-'))
  try {
    for (const [path, text] of files) {
      mkdirSync(dirname(join(baseDir, path)), { recursive: true })
      writeFileSync(join(baseDir, path), text)
    }
    return await use(baseDir)
  } finally {
    rmSync(baseDir, { recursive: true })
  }
}
