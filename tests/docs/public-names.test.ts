/** Every public name is documented, and the check that says so is seen to find what is missing. */
import { expect, test } from 'vitest'
import { loadProject } from '../../scripts/docs/project.ts'
import { findUndocumented, publicNames } from '../../scripts/docs/public-names.ts'
import { plantPackage } from './planted-package.ts'

/** What the check says of a package with this entry. */
function problemsOf(index: string, others: Readonly<Record<string, string>> = {}): string[] {
  const root = plantPackage({ 'src/index.ts': index, ...others })
  return findUndocumented(loadProject(root)).map(({ at, message }) => `${at} ${message}`)
}

const example = ' * @example\n * ```ts\n * console.assert(true)\n * ```\n'

test('every public name has a docstring, and every value an example', () => {
  expect(findUndocumented(loadProject())).toEqual([])
})

test('a name without a docstring is found, with its place', () => {
  expect(problemsOf('export type A = 1\n\nexport function f(): void {}\n')).toEqual([
    'src/index.ts:1 A (planted) has no docstring',
    'src/index.ts:3 f (planted) has no docstring',
  ])
})

test('a value needs an example; a type does not', () => {
  const index =
    '/** A. */\nexport interface A { a: 1 }\n/** F. */\nexport function f(): void {}\n/** C. */\nexport const c = 1\n'
  expect(problemsOf(index)).toEqual([
    'src/index.ts:4 f (planted) has no @example',
    'src/index.ts:6 c (planted) has no @example',
  ])
})

test('an example without code to run does not count', () => {
  expect(problemsOf('/**\n * F.\n * @example f()\n */\nexport function f(): void {}\n')).toEqual([
    'src/index.ts:5 f (planted) has no @example',
  ])
})

test('an example alone is no docstring', () => {
  expect(problemsOf(`/**\n${example} */\nexport function f(): void {}\n`)).toEqual([
    'src/index.ts:7 f (planted) has no docstring',
  ])
})

test('the head of a file is not the docstring of what comes first', () => {
  expect(problemsOf('/** What lives here. */\n\nexport interface A { a: 1 }\n')).toEqual([
    'src/index.ts:3 A (planted) has no docstring',
  ])
})

test('names are followed to where they are declared', () => {
  const index = "export { g as f } from './f.ts'\nexport type { C } from './f.ts'\n"
  const f = `/** C. */\nexport class C {}\n/**\n * G.\n${example} */\nexport function g(): void {}\n`
  expect(problemsOf(index, { 'src/f.ts': f })).toEqual([])
  expect(problemsOf(index.replace('export type', 'export'), { 'src/f.ts': f })).toEqual([
    'src/f.ts:2 C (planted) has no @example',
  ])
})

test('an entry without a source is found', () => {
  const root = plantPackage({})
  expect(findUndocumented(loadProject(root))).toEqual([
    { at: 'package.json', message: 'planted has no source: src/index.ts' },
  ])
})

test('a name that two entries export is listed once', () => {
  const names = publicNames(loadProject()).filter(({ name }) => name === 'createHooks')
  expect(names.map(({ kind, entries }) => ({ kind, entries }))).toEqual([
    { kind: 'value', entries: ['hookchart', 'hookchart/hooks'] },
  ])
})
