/** A small package in the folder for temporary files: the checks of the documentation are tried on it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'

const MANIFEST = { name: 'planted', type: 'module', exports: { '.': { 'hookchart-source': './src/index.ts' } } }

const TSCONFIG = {
  compilerOptions: {
    target: 'es2023',
    lib: ['es2023'],
    types: [],
    module: 'nodenext',
    customConditions: ['hookchart-source'],
    strict: true,
    noEmit: true,
    allowImportingTsExtensions: true,
  },
}

/** Writes the files, with a manifest and a tsconfig unless given; gives the root. Gone after the test. */
export function plantPackage(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'hookchart-docs-'))
  onTestFinished(() => {
    rmSync(root, { recursive: true })
  })
  const all = { 'package.json': JSON.stringify(MANIFEST), 'tsconfig.json': JSON.stringify(TSCONFIG), ...files }
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return root
}
