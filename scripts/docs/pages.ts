/** The generated pages: making, writing and comparing them. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { catalogue, errorCodes } from 'hookchart/hooks'
import { format, resolveConfig } from 'prettier'
import { errorsPage } from './errors-page.ts'
import { hookPointsPage } from './hook-points-page.ts'
import { machinePage, pathOfMachine } from './machine-page.ts'
import { optionsPage } from './options-page.ts'
import { optionTable } from './options/table.ts'
import { shippedMachines } from './shipped-machines.ts'
import { pointShapes } from './point-shapes.ts'
import type { DocsProject, Problem } from './project.ts'

/** A page as it should be. */
export interface Page {
  /** The path from the root. */
  readonly path: string
  readonly text: string
}

/** Makes all pages, formatted as `npm run format` would. */
export async function makePages(project: DocsProject): Promise<Page[]> {
  const drafts = [
    { path: 'docs/hook-points.md', text: hookPointsPage(Object.values(catalogue), pointShapes(project)) },
    { path: 'docs/errors.md', text: errorsPage(errorCodes) },
    { path: 'docs/options.md', text: optionsPage(optionTable, project.root) },
    ...shippedMachines.map((shipped) => ({ path: pathOfMachine(shipped), text: machinePage(shipped) })),
  ]
  return Promise.all(
    drafts.map(async ({ path, text }) => {
      const config = await resolveConfig(join(project.root, path))
      return { path, text: await format(text, { ...config, parser: 'markdown' }) }
    }),
  )
}

/** The pages that differ from what stands in the tree. */
export function findStale(root: string, pages: readonly Page[]): Problem[] {
  return pages.flatMap(({ path, text }) => {
    const file = join(root, path)
    if (!existsSync(file)) return [{ at: path, message: 'is missing; run `npm run docs`' }]
    return readFileSync(file, 'utf8') === text ? [] : [{ at: path, message: 'is out of date; run `npm run docs`' }]
  })
}

/** Writes the pages; gives the paths of those that changed. */
export function writePages(root: string, pages: readonly Page[]): string[] {
  const stale = new Set(findStale(root, pages).map(({ at }) => at))
  for (const { path, text } of pages.filter((page) => stale.has(page.path))) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return [...stale]
}
