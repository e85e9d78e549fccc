/** The table of options is the options: each has a row, each row an option and its test; and what is wrong is seen to be found. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { findOptionProblems, TestFiles } from '../../scripts/docs/options/check.ts'
import { optionsPage } from '../../scripts/docs/options-page.ts'
import type { OptionGroup } from '../../scripts/docs/options/rows.ts'
import { collectSchemas } from '../../scripts/docs/options/schemas.ts'
import type { OptionSchema } from '../../scripts/docs/options/schemas.ts'
import { optionTable, pendingRows } from '../../scripts/docs/options/table.ts'
import { loadProject } from '../../scripts/docs/project.ts'
import { packageRoot } from '../../scripts/root.ts'
import { plantPackage } from './planted-package.ts'

let schemas: readonly OptionSchema[] = []
beforeAll(() => {
  schemas = collectSchemas(loadProject())
})

/** Read once for all tables: they name the same tests. */
const ownFiles = new TestFiles(packageRoot)

const messages = (table: typeof optionTable, of: readonly OptionSchema[], root: string) =>
  findOptionProblems(table, of, root, root === packageRoot ? ownFiles : new TestFiles(root)).map(
    ({ at, message }) => `${at}: ${message}`,
  )

test('row 27: every option has a row, every row an option and a test that is there', () => {
  expect(messages(optionTable, schemas, packageRoot)).toEqual([])
})

test('a key that is planted in any schema of options is found', () => {
  const named = new Set(optionTable.groups.flatMap((group) => group.schemas))
  for (const { id } of schemas.filter((schema) => named.has(schema.id))) {
    const planted = schemas.map((schema) => (schema.id === id ? { id, keys: [...schema.keys, 'planted'] } : schema))
    expect(messages(optionTable, planted, packageRoot)).toEqual([
      expect.stringContaining('the option "planted" has no row'),
    ])
  }
})

test('the page has every option, and says which wait for their test', () => {
  const page = readFileSync(join(packageRoot, 'docs/options.md'), 'utf8')
  for (const { call, rows } of optionTable.groups) {
    expect(page).toContain(`## ${call}`)
    for (const option of Object.keys(rows)) expect(page).toContain(`| \`${option}\``)
  }
  for (const { reason } of pendingRows) expect(page).toContain(`pending: ${reason}`)
})

describe('schemas are read from the source', () => {
  const read = (source: string, others: Readonly<Record<string, string>> = {}) =>
    collectSchemas(loadProject(plantPackage({ 'src/index.ts': `import * as z from 'zod'\n${source}`, ...others })))

  test('with the keys of the shapes that they spread, from another file too', () => {
    const source = `import { shape } from './shape.ts'
      const own = { b: z.string() }
      export const schema = z.strictObject({ ...shape, ...own, c: z.string().optional() })
      export const loose = z.looseObject(own)
      export const more = loose.extend({ d: z.string() })`
    const shape = "import * as z from 'zod'\nexport const shape = { a: z.string() }"
    expect(read(source, { 'src/shape.ts': shape })).toEqual([
      { id: 'src/index.ts#loose', keys: ['b'] },
      { id: 'src/index.ts#more', keys: ['d'] },
      { id: 'src/index.ts#schema', keys: ['a', 'b', 'c'] },
    ])
  })

  test('with the way to keys inside of others', () => {
    const source = `export const schema = z.strictObject({
        one: z.strictObject({ a: z.string() }).optional(),
        many: z.record(z.string(), z.strictObject({ b: z.string() })),
        list: z.array(z.strictObject({ c: z.string() })),
      })`
    expect(read(source)[0]?.keys).toEqual(['one', 'many', 'list', 'one.a', 'many.*.b', 'list[].c'])
  })

  test('but those of other rooms are not', () => {
    const other = "import * as z from 'zod'\nexport const schema = z.strictObject({ a: z.string() })"
    expect(read("export { schema } from '../kit/other.ts'", { 'kit/other.ts': other })).toEqual([])
  })

  test.each(['z.strictObject(made())', 'z.strictObject({ ...made() })'])('%s cannot be read, and says so', (schema) => {
    expect(() => read(`const made = () => ({})\nexport const schema = ${schema}`)).toThrow('Declare it as a const.')
  })
})

describe('is seen to be found:', () => {
  const ID = 'src/index.ts#schema'
  const TESTS = `import { describe, test } from 'vitest'
    describe('call', () => {
      test('a: is one', () => outcomesOf((a) => call({ a }), 1, 2))
      test.each([['b', 'd'], ['c', 'd']])('%s: is another', (option) => outcomesOf((v) => call({ [option]: v }), 1, 2))
    })
    test('a: is elsewhere', () => outcomesOf((a) => call({ a }), 1, 2))
    test('a: given one value', () => outcomesOf((a) => call({ a }), 1, 1))
    test('a: given nothing', () => outcomesOf((b) => call({ b }), 1, 2))
    const values = { 'd': [1, 2], f: [3, 4] } as const
    describe.each(Object.entries(values))('%s', (name) => {
      test.each([{ value: 0 }, { value: 1 }])('value $value', (i) => call({ [name]: i }))
      test.each([0])('only value %i', (i) => call({ [name]: i }))
    })
    test.each(made())('%s: made', (name) => outcomesOf((v) => call({ [name]: v }), 1, 2))
    test.each([[1], [2]])('e: %d is one of two', (e) => call({ e }))`

  /** The problems of a package whose options are a, b and c. */
  function problems(group: Partial<OptionGroup>, table: Partial<typeof optionTable> = {}) {
    const root = plantPackage({ 'tests/some.test.ts': TESTS })
    const rows: OptionGroup['rows'] = { a: ['1'], b: ['2'], c: ['3'] }
    const full: OptionGroup = { call: 'call()', schemas: [ID], tests: ['tests/some.test.ts', 'call'], rows, ...group }
    const whole = { groups: [full], pendingRows: [], noOptions: {}, ...table }
    return findOptionProblems(whole, [{ id: ID, keys: ['a', 'b', 'c'] }], root).map(({ message }) => message)
  }

  test('nothing, where nothing is wrong', () => {
    expect(problems({})).toEqual([])
    expect(problems({ rows: { a: ['1', 'a: is elsewhere'], b: ['2', 'call > b: is another'], c: ['3'] } })).toEqual([])
  })

  /** The problems of one option by hand. */
  function problemsOf(option: string, title?: string) {
    const beside: OptionGroup['rows'] = { [option]: title === undefined ? ['5'] : ['5', title] }
    const group: OptionGroup = { call: 'call()', schemas: [], tests: ['tests/some.test.ts'], rows: {}, beside }
    const root = plantPackage({ 'tests/some.test.ts': TESTS })
    const table = { groups: [group], pendingRows: [], noOptions: {} }
    return findOptionProblems(table, [], root).map(({ message }) => message)
  }

  test.each([
    ['d', 'd > value $value'],
    ['f', 'f > value $value'],
    ['e', 'e: %d is one of two'],
    ['e', undefined],
    ['some.e', 'e: %d is one of two'],
  ])('nothing, where a table has the values of %s', (option, title) => {
    expect(problemsOf(option, title)).toEqual([])
  })

  test.each([
    ['a', 'a: given one value', 'the test of "a" is none: "a: given one value" does not compare two values'],
    ['a', 'a: given nothing', 'the test of "a" is none: "a: given nothing" gives no "a" to anything'],
    ['f', 'd > value $value', 'the test of "f" is none: "d > value $value" gives no "f" to anything'],
    ['d', 'd > value 0', 'the test of "d" is none: "d > value 0" does not compare two values'],
    ['d', 'd > only value %i', 'the test of "d" is none: "d > only value %i" does not compare two values'],
    ['value', 'value > value $value', '"value" has no test, or one that is not there'],
    ['d', 'd: made', '"d" has no test, or one that is not there'],
    ['d', '%s: made', 'the test of "d" is none: "%s: made" gives no "d" to anything'],
  ])('a test that shows nothing of %s: %s', (option, title, problem) => {
    expect(problemsOf(option, title)).toEqual([problem])
  })

  test.each<[string, Partial<OptionGroup>, Partial<typeof optionTable>, string]>([
    ['an option without a row', { rows: { a: ['1'], b: ['2'] } }, {}, 'the option "c" has no row'],
    [
      'a row without an option',
      { rows: { a: ['1'], b: ['2'], c: ['3'], d: ['4', 'd > value $value'] } },
      {},
      '"d" is no option',
    ],
    [
      'a title that is not there',
      { rows: { a: ['1', 'a: is gone'], b: ['2'], c: ['3'] } },
      {},
      '"a" has no test, or one that is not there',
    ],
    [
      'a title that no row of its table makes, though the file has the word',
      { rows: { a: ['1', 'call > d: is another'], b: ['2'], c: ['3'] } },
      {},
      '"a" has no test, or one that is not there',
    ],
    [
      'a suite that is another',
      { tests: ['tests/some.test.ts'], rows: { a: ['1'], b: ['2', 'call > b: is another'], c: ['3'] } },
      {},
      '"c" has no test, or one that is not there',
    ],
    [
      'an option by hand without a test',
      { beside: { by_hand: ['5'] } },
      {},
      '"by_hand" has no test, or one that is not there',
    ],
    [
      'a schema of nobody',
      { schemas: [ID, 'src/gone.ts#schema'] },
      {},
      'is no schema, and scripts/docs/options/table.ts names it',
    ],
    [
      'a reason for a schema that is gone',
      {},
      { noOptions: { 'src/gone.ts#schema': 'data' } },
      'is no schema, and scripts/docs/options/table.ts names it',
    ],
    [
      'a reason for a schema with rows',
      {},
      { noOptions: { [ID]: 'data' } },
      'is in the table and among those that are no options',
    ],
    [
      'a row that waits and is no option',
      {},
      { pendingRows: [{ schema: ID, options: ['d'], reason: 'later' }] },
      '"d" is pending and no option',
    ],
    [
      'a row that waits for a test that is there',
      {},
      { pendingRows: [{ schema: ID, options: ['a'], reason: 'later' }] },
      '"a" is pending and has a test',
    ],
    [
      'a schema without a row or a reason',
      {},
      { groups: [] },
      'has no rows in scripts/docs/options/table.ts, and no reason why not',
    ],
  ])('%s', (_, group, table, problem) => {
    expect(problems(group, table)).toEqual([problem])
  })

  test('a file of tests that is not there', () => {
    expect(problems({ tests: ['tests/gone.test.ts'] })).toHaveLength(3)
  })

  test('a row that waits needs no test, and the page says why', () => {
    const pending = [{ schema: ID, options: ['a'], reason: 'a runner is to come' }]
    const group = { call: 'call()', schemas: [ID], rows: { a: ['1'] } } as const
    const table = { groups: [group], pendingRows: pending, noOptions: {} }
    expect(findOptionProblems(table, [{ id: ID, keys: ['a'] }], packageRoot)).toEqual([])
    expect(optionsPage(table, packageRoot)).toContain('| `a` | 1 | pending: a runner is to come |')
  })
})
