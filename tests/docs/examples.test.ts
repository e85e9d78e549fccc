/** Every ```ts block in doc comments, README.md and docs compiles strictly and runs; its assertions hold. */
import { describe, expect, test } from 'vitest'
import { checkTypes, collectExamples, writeExamples } from '../../scripts/docs/examples.ts'
import { loadProject } from '../../scripts/docs/project.ts'
import { runExample } from '../../scripts/docs/run-example.ts'

/** Blocks that may stand unchecked, in the whole of the documentation. */
const MOST_SKIPPED = 3

const project = loadProject()
const { examples, skipped, problems } = collectExamples(project)
const files = writeExamples(project.root, examples)
const typeErrors = checkTypes(project, files)

describe('doc examples', () => {
  test('no code block escapes the check', () => {
    expect(problems).toEqual([])
  })

  test('blocks that are not run are rare', () => {
    expect(skipped.length, skipped.map(({ at }) => at).join(', ')).toBeLessThanOrEqual(MOST_SKIPPED)
  })

  for (const [i, { title }] of examples.entries()) {
    const file = files[i]!
    test(title, async () => {
      expect(typeErrors.get(file)).toEqual([])
      await runExample(() => import(file))
    })
  }
})
