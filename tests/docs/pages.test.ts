/** The generated pages are those that the source gives, and leave nothing out. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { catalogue, errorCodes } from 'hookchart/hooks'
import { expect, test } from 'vitest'
import { findStale, makePages } from '../../scripts/docs/pages.ts'
import { loadProject } from '../../scripts/docs/project.ts'
import { packageRoot } from '../../scripts/root.ts'

/** The headings of a page: one for each thing it lists. */
function headingsOf(page: string): string[] {
  const lines = readFileSync(join(packageRoot, 'docs', page), 'utf8').split('\n')
  return lines.filter((line) => line.startsWith('#')).map((line) => line.replace(/^#+ /, ''))
}

test('the generated pages are up to date; if not, run `npm run docs`', async () => {
  const project = loadProject()
  expect(findStale(project.root, await makePages(project))).toEqual([])
})

test('docs/errors.md has every error code', () => {
  expect(headingsOf('errors.md')).toEqual(expect.arrayContaining(Object.keys(errorCodes)))
})

test('docs/hook-points.md has every point of the catalogue', () => {
  expect(headingsOf('hook-points.md')).toEqual(expect.arrayContaining(Object.keys(catalogue)))
})
