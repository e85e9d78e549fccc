/** The harness of the doc examples can fail: wrong code, wrong types and wrong assertions are seen. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { checkTypes, collectExamples, writeExamples } from '../../scripts/docs/examples.ts'
import { findStale, writePages } from '../../scripts/docs/pages.ts'
import { loadProject } from '../../scripts/docs/project.ts'
import { runExample } from '../../scripts/docs/run-example.ts'
import { plantPackage } from './planted-package.ts'

const documented = `/**
 * F.
 * @example
 * \`\`\`ts
 * import { f } from 'planted'
 * const text: string = f('ann@example.test')
 * \`\`\`
 */
export function f(text: string): number { return text.length }
`

describe('collecting', () => {
  test('finds the blocks of doc comments and pages with their places', () => {
    const page =
      '# Title\n\n```ts\nconst a = 1\n```\n\n## Part\n\n- in a list:\n\n  ```ts\n  const b = {\n    c: 2,\n  }\n  ```\n'
    const root = plantPackage({ 'src/index.ts': documented, 'README.md': page, 'docs/deep/page.md': page })
    const { examples, problems } = collectExamples(loadProject(root))
    expect(examples.map(({ title }) => title)).toEqual([
      'src/index.ts:5 f',
      'README.md:4 Title',
      'README.md:12 Part',
      'docs/deep/page.md:4 Title',
      'docs/deep/page.md:12 Part',
    ])
    expect(examples[0]!.code).toBe("import { f } from 'planted'\nconst text: string = f('ann@example.test')\n")
    expect(examples[2]!.code).toBe('const b = {\n  c: 2,\n}\n')
    expect(problems).toEqual([])
  })

  test('skips text and no-run, and reports code under other names', () => {
    const block = (info: string) => `\`\`\`${info}\nx\n\`\`\`\n`
    const page = ['text', 'ts no-run', 'sh', 'typescript', 'js', 'ts norun'].map(block).join('')
    const found = collectExamples(loadProject(plantPackage({ 'src/index.ts': 'export {}', 'README.md': page })))
    expect(found.examples).toEqual([])
    expect(found.skipped).toEqual([{ at: 'README.md:4', message: 'is not run' }])
    expect(found.problems.map(({ at }) => at)).toEqual(['README.md:10', 'README.md:13', 'README.md:16'])
  })

  test('a fence inside a longer fence is part of its code', () => {
    const page = '````md\n```ts\nthis is no code\n```\n````\n'
    const found = collectExamples(loadProject(plantPackage({ 'src/index.ts': 'export {}', 'README.md': page })))
    expect(found).toEqual({ examples: [], skipped: [], problems: [] })
  })
})

describe('checking types', () => {
  test('reports an error at the line of the doc', () => {
    const project = loadProject(plantPackage({ 'src/index.ts': documented }))
    const [file] = writeExamples(project.root, collectExamples(project).examples)
    expect(checkTypes(project, [file!]).get(file!)).toEqual([
      "line 6: Type 'number' is not assignable to type 'string'.",
    ])
  })

  test('files of examples that are gone are removed', () => {
    const project = loadProject(plantPackage({ 'src/index.ts': documented }))
    const [file] = writeExamples(project.root, collectExamples(project).examples)
    expect(readFileSync(file!, 'utf8')).toContain("import { f } from 'planted'")
    expect(writeExamples(project.root, [])).toEqual([])
    expect(() => readFileSync(file!)).toThrow('ENOENT')
  })
})

describe('running', () => {
  test('an assertion that does not hold fails the example', async () => {
    const run = runExample(async () => {
      console.assert(1 + 1 === 3, 'one and one is %d', 3)
    })
    await expect(run).rejects.toThrow('console.assert does not hold: one and one is 3')
  })

  test('also where something catches it', async () => {
    const run = runExample(async () => {
      await Promise.reject(new Error('caught')).catch(() => {
        try {
          console.assert(false)
        } catch {
          // As a hook that fails open would.
        }
      })
    })
    await expect(run).rejects.toThrow('console.assert does not hold')
  })

  test('an error fails the example, and the console is given back', async () => {
    const { log, assert } = console
    await expect(runExample(() => Promise.reject(new Error('no such name')))).rejects.toThrow('no such name')
    expect([console.log, console.assert]).toEqual([log, assert])
  })
})

describe('pages', () => {
  test('a page that is missing or differs is stale until it is written', () => {
    const root = plantPackage({ 'docs/old.md': 'old' })
    const pages = ['docs/new.md', 'docs/old.md'].map((path) => ({ path, text: 'new' }))
    expect(findStale(root, pages).map(({ at, message }) => `${at} ${message}`)).toEqual([
      'docs/new.md is missing; run `npm run docs`',
      'docs/old.md is out of date; run `npm run docs`',
    ])
    expect(writePages(root, pages)).toEqual(['docs/new.md', 'docs/old.md'])
    expect(findStale(root, pages)).toEqual([])
  })
})
