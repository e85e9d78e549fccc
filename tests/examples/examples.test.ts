/** Every example runs by itself and prints what the file beside it says. */
import { build } from 'esbuild'
import { rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { listExamples, listGroups, problemOf, runProgram } from '../../scripts/examples/run.ts'
import { packageRoot } from '../../scripts/root.ts'

const examples = listExamples()
const folder = join(packageRoot, '.generated', `examples-${process.pid}`)

// To compile the whole source anew for each takes ten times as long as they run.
beforeAll(async () => {
  const { dependencies, peerDependencies } = JSON.parse(await readFile(join(packageRoot, 'package.json'), 'utf8')) as {
    readonly dependencies: object
    readonly peerDependencies: object
  }
  await build({
    ...{ entryPoints: examples.map(({ file }) => file), outdir: folder, outbase: join(packageRoot, 'examples') },
    ...{ bundle: true, splitting: true, format: 'esm', platform: 'node', target: 'node20', logLevel: 'silent' },
    ...{ conditions: ['hookchart-source'], outExtension: { '.js': '.mjs' } },
    external: [...Object.keys(dependencies), ...Object.keys(peerDependencies)],
  })
})

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

test('the examples can be listed, each in a group', () => {
  const groups = new Set(listGroups())
  expect(examples.filter(({ name }) => !groups.has(name.split('/')[0]!))).toEqual([])
})

for (const example of examples) {
  test(example.name, async () => {
    const run = await runProgram([join(folder, `${example.name}.mjs`)])
    expect(problemOf(example, run)).toBeUndefined()
  })
}
