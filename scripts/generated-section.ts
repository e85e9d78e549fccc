/** A part of a page that a script writes, between two marks that the page keeps. */
import { readFileSync, writeFileSync } from 'node:fs'
import { relative } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { packageRoot } from './root.ts'

/** Replaces what stands between `<!-- NAME: begin… -->` and `<!-- NAME: end -->`, and formats the page. */
export async function writeSection(page: string, name: string, content: string): Promise<void> {
  const text = readFileSync(page, 'utf8')
  const parts = new RegExp(`^(.*<!-- ${name}: begin[^>]*-->).*(<!-- ${name}: end -->.*)$`, 's').exec(text)
  if (parts === null) throw new Error(`${relative(packageRoot, page)} has lost the marks of its ${name}.`)
  const [, before, after] = parts as unknown as [string, string, string]
  const written = `${before}\n\n${content}\n\n${after}`
  writeFileSync(page, await format(written, { ...(await resolveConfig(page)), parser: 'markdown' }))
}
