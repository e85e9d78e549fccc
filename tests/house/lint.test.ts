/**
 * The lint rules that guard the ports and the types are seen to report planted text. The text stands in for that of an
 * existing file, because the typed rules know only files of the project. Imports of `node:` are guarded in layers.test.ts.
 */
import { ESLint } from 'eslint'
import { describe, expect, test } from 'vitest'
import { packageRoot } from '../../scripts/root.ts'

const eslint = new ESLint({ cwd: packageRoot })

/** What the lint says of `text` if it were the text of `filePath`. */
async function rulesBrokenBy(text: string, filePath: string): Promise<(string | null)[]> {
  const results = await eslint.lintText(text, { filePath: `${packageRoot}/${filePath}` })
  return results.flatMap(({ messages }) => messages).map(({ ruleId, message, fatal }) => (fatal ? message : ruleId))
}

const planted = [
  ['no-restricted-properties', 'export const at = (): number => Date.now()\n'],
  ['no-restricted-properties', 'export const chance = (): number => Math.random()\n'],
  ['no-restricted-properties', 'export const at = (): number => performance.now()\n'],
  ['no-restricted-globals', 'export const id = (): string => crypto.randomUUID()\n'],
  ['no-console', "export const say = (): void => {\n  console.log('here')\n}\n"],
  ['no-console', "export const say = (): void => {\n  console.error('here')\n}\n"],
  ['@typescript-eslint/no-explicit-any', 'export type Take = (value: any) => void\n'],
  ['@typescript-eslint/no-explicit-any', 'export type Anything = Record<string, any>\n'],
] as const

describe('in src/hooks', () => {
  for (const [rule, text] of planted) {
    test(`${rule} reports: ${text.split('\n')[0]!}`, async () => {
      expect(await rulesBrokenBy(text, 'src/hooks/index.ts')).toEqual([rule])
    })
  }

  test('text without a fault is not reported', async () => {
    expect(await rulesBrokenBy('export const twice = (n: number): number => n * 2\n', 'src/hooks/index.ts')).toEqual([])
  })
})

test('the ports themselves may read the clock', async () => {
  expect(await rulesBrokenBy('export const at = (): number => Date.now()\n', 'src/ports/clock.ts')).toEqual([])
})

test('the rules hold in every room with code of the package', async () => {
  const guards = [
    'no-restricted-properties',
    'no-restricted-globals',
    'no-console',
    '@typescript-eslint/no-explicit-any',
  ]
  for (const room of ['src/chart', 'src/events', 'machines', 'actors', 'kit/testing']) {
    const { rules } = (await eslint.calculateConfigForFile(`${packageRoot}/${room}/a.ts`)) as {
      rules: Record<string, [number]>
    }
    expect(
      guards.map((rule) => [rule, rules[rule]?.[0]]),
      room,
    ).toEqual(guards.map((rule) => [rule, 2]))
  }
})
