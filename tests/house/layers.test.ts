/** The layers hold, and each rule that guards them is seen to report what it should and nothing else. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { packageRoot } from '../../scripts/root.ts'
import { rules, violationsIn, withTree } from './cruise.ts'
import type { Violation } from './cruise.ts'
import { allowed, planted, treeOf } from './planted-violations.ts'
import type { Planted } from './planted-violations.ts'

/** Folders with code of ours; those that do not stand yet are left out. */
const folders = 'src machines actors kit cli studio examples tests property-tests bench scripts'.split(' ')

const byText = (a: Violation, b: Violation): number => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)

/** What a rule should say of planted arrows: each of them once. */
function expected(rule: string, arrows: readonly Planted[]): Violation[] {
  const pairs = arrows.flatMap(({ from, to }) =>
    from.flatMap((file) => to.map((target) => ({ from: file, to: target }))),
  )
  return pairs.map(({ from, to }) => ({ rule, from, to: to.replace(/^node:/, '') })).sort(byText)
}

/** Libraries and Node's modules by the names they are imported by. */
function named({ rule, from, to }: Violation): Violation {
  return { rule, from, to: /^node_modules\/(?<name>.+)\/index\.js$/.exec(to)?.groups?.['name'] ?? to }
}

async function violationsOf(arrows: readonly Planted[]): Promise<Violation[]> {
  const files = treeOf(arrows)
  const tops = new Set([...files.keys()].filter((path) => path.endsWith('.ts')).map((path) => path.split('/')[0]!))
  const found = await withTree(files, (baseDir) => violationsIn(baseDir, [...tops]))
  return found.map(named).sort(byText)
}

test('the real tree has no violation', async () => {
  const standing = folders.filter((folder) => existsSync(join(packageRoot, folder)))
  expect(await violationsIn(packageRoot, standing)).toEqual([])
})

test('every rule has a planted violation, and every planted violation a rule', () => {
  expect(Object.keys(planted).sort()).toEqual(rules.forbidden.map(({ name }) => name).sort())
})

test('every rule is an error, not a warning', () => {
  expect(rules.forbidden.filter(({ severity }) => severity !== 'error')).toEqual([])
})

describe('a planted violation is reported by its rule alone:', () => {
  for (const [rule, arrows] of Object.entries(planted)) {
    test(rule, async () => {
      expect(await violationsOf(arrows)).toEqual(expected(rule, arrows))
    })
  }
})

test('what the layers allow is not reported', async () => {
  expect(await violationsOf(allowed)).toEqual([])
})
