/** The runner of the examples can fail: wrong output, errors, hanging and missing files are seen. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { describeDifference } from '../../scripts/examples/difference.ts'
import { listExamples, listGroups, problemOf, runExample } from '../../scripts/examples/run.ts'
import type { Example } from '../../scripts/examples/run.ts'

/** An example of this text in a folder that is gone after the test. */
function plant(text: string, expected?: string): Example {
  const folder = mkdtempSync(join(tmpdir(), 'hookchart-examples-'))
  onTestFinished(() => {
    rmSync(folder, { recursive: true })
  })
  mkdirSync(join(folder, 'group'))
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  writeFileSync(join(folder, 'group/01-planted.ts'), text)
  if (expected !== undefined) writeFileSync(join(folder, 'group/01-planted.expected.txt'), expected)
  expect(listGroups(folder)).toEqual(['group'])
  return listExamples(folder)[0]!
}

async function problemWith(text: string, expected?: string, limitMs?: number): Promise<string | undefined> {
  const example = plant(text, expected)
  return problemOf(example, await runExample(example, limitMs))
}

test('an example that prints what is expected passes', async () => {
  const example = plant("const name: string = await 'hello'\nconsole.log(name)\nconsole.error('aside')\n", 'hello\n')
  expect(example.name).toBe('group/01-planted')
  expect(problemOf(example, await runExample(example))).toBeUndefined()
})

test('every byte counts', async () => {
  expect(await problemWith("process.stdout.write('hello')\n", 'hello\n')).toBe(
    'the output differs from line 2 on:\n    hello\n  - \n  + (the end)',
  )
})

test('an example that throws fails, whatever it printed before', async () => {
  const problem = await problemWith("console.log('hello')\nthrow new Error('planted')\n", 'hello\n')
  expect(problem).toMatch(/^ended with 1\n/)
  expect(problem).toContain('Error: planted')
})

test('an example that does not end is stopped', async () => {
  expect(await problemWith('setInterval(() => {}, 1000)\n', '', 1500)).toBe('did not end within 1500 ms')
})

test('an example without its expected output fails', async () => {
  expect(await problemWith("console.log('hello')\n")).toBe(
    '01-planted.expected.txt is missing. Check what it prints and run: npm run examples -- --update',
  )
})

test('an example does not run as a test, and without colours', async () => {
  const text = "console.log(process.env['NODE_ENV'], process.env['VITEST'], process.env['NO_COLOR'])\n"
  expect(process.env['VITEST']).toBeDefined()
  expect(await problemWith(text, 'undefined undefined 1\n')).toBeUndefined()
})

test('there are no examples where there is no folder', () => {
  const folder = join(tmpdir(), 'hookchart-no-such-folder')
  expect(existsSync(folder)).toBe(false)
  expect(listExamples(folder)).toEqual([])
})

test('a difference shows where the texts part and a few lines of both', () => {
  const expected = 'a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n'
  expect(describeDifference(expected, expected.replace('d', 'D'))).toBe(
    ['the output differs from line 4 on:', '    b', '    c', '  - d', '  - e', '  - f', '  - g', '  - h', '  - …']
      .concat(['  + D', '  + e', '  + f', '  + g', '  + h', '  + …'])
      .join('\n'),
  )
})
