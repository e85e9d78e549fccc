/** Facts about package.json and the repository that nothing else would notice. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { packageRoot as root } from '../../scripts/root.ts'

interface Manifest {
  readonly name: string
  readonly type: string
  readonly sideEffects: boolean
  readonly engines: Readonly<Record<string, string>>
  readonly files: readonly string[]
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>
  readonly scripts: Readonly<Record<string, string>>
  readonly peerDependencies: Readonly<Record<string, string>>
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
}

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest

const CARET = /^\^\d+\.\d+\.\d+$/
const EXACT = /^\d+\.\d+\.\d+$/

/** The entries of a record whose version is not of a kind. */
function versionsNot(kind: RegExp, versions: Readonly<Record<string, string>>): string[] {
  return Object.entries(versions).flatMap(([name, version]) => (kind.test(version) ? [] : [`${name}@${version}`]))
}

describe('package.json', () => {
  test('says what the package is and where it runs', () => {
    const { name, type, sideEffects, engines } = manifest
    expect({ name, type, sideEffects, engines }).toEqual({
      name: 'hookchart',
      type: 'module',
      sideEffects: false,
      engines: { node: '>=20.19' },
    })
  })

  const entries = Object.entries(manifest.exports).filter(([path]) => path !== './package.json')

  test.for(entries)('the entry "%s" has its source, its types and its code', ([path, target]) => {
    expect(path).not.toContain('*')
    if (typeof target === 'string') throw new Error(`"${path}" has no conditions.`)
    // The order decides: `default` first would hide the others.
    expect(Object.keys(target)).toEqual(['hookchart-source', 'types', 'default'])
    const source = target['hookchart-source']!
    const built = source.replace('./', './dist/').replace(/\.ts$/, '')
    expect([target['types'], target['default']]).toEqual([`${built}.d.ts`, `${built}.js`])
    expect(existsSync(join(root, source)), `${source} exists`).toBe(true)
    expect(manifest.files).toContain(source.split('/')[1])
  })

  test('users get ranges, the project exact versions', () => {
    expect(versionsNot(CARET, manifest.peerDependencies)).toEqual([])
    expect(versionsNot(CARET, manifest.dependencies)).toEqual([])
    expect(versionsNot(EXACT, manifest.devDependencies)).toEqual([])
  })

  test('every peer is installed for development, and none is a dependency as well', () => {
    for (const peer of Object.keys(manifest.peerDependencies)) {
      expect(manifest.devDependencies).toHaveProperty([peer])
      expect(manifest.dependencies).not.toHaveProperty([peer])
    }
  })
})

test.runIf(existsSync(join(root, 'README.md')))('the README begins with two commands that exist', () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8')
  expect(readme).toContain('npm ci && npm run demo')
  expect(readme).toContain('npm ci && npm test')
  expect(Object.keys(manifest.scripts)).toEqual(expect.arrayContaining(['demo', 'test']))
})

test.runIf(existsSync(join(root, '.git')))('no file names a path of the machine it was written on', () => {
  // Put together here, so that this file does not name one itself.
  const path = new RegExp(`(?<![\\w.~-]|:/)/(?:${['work/', 'tmp/bash'].join('|')})`)
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  })
  const files = listed.split('\n').filter((file) => file !== '' && existsSync(join(root, file)))
  expect(files).toContain('package.json')
  expect(files.filter((file) => path.test(readFileSync(join(root, file), 'utf8')))).toEqual([])
})
