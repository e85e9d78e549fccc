/** The `hookchart` command: what it prints where, and with which code it ends. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { afterAll, describe, expect, test } from 'vitest'
import { loadWithJiti } from '../../cli/load-file.ts'
import { called, fixture } from '../support/command.ts'

const folder = mkdtempSync(join(tmpdir(), 'hookchart-command-'))
afterAll(() => {
  rmSync(folder, { recursive: true })
})
const fileOf = (name: string, text: string): string => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

const JAVASCRIPT = fileOf('plain.mjs', "export default () => 'plain'")

describe('run', () => {
  test('runs what a file exports, tells how it goes, then what hooks did and how it ended', async () => {
    const { code, out, err } = await called(['run', fixture('report.ts'), '--input', '{"text":" hi "}'])
    expect(code).toBe(0)
    expect(err.replaceAll(/[\d.]+ ms/g, 'T')).toBe('    ✔ tool:shout T\n  ✔ step:shout T\n✔ workflow:report T\n')
    expect(out).toMatch(
      /^Hooks\n.*shout BeforeToolExecution {2}trim {2}modified \(1\).*\nResult\n {2}status +completed\n {2}output +HI\n/,
    )
  })

  test('--json: the result on standard output, all else on standard error', async () => {
    const { code, out, err } = await called(['run', fixture('report.ts'), '--input', '{"text":" hi "}', '--json'])
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ status: 'completed', output: 'HI', trace: expect.any(Array) })
    expect(err).toContain('✔ workflow:report')
    expect(err).toContain('trim  modified')
  })

  test('a failed run is 1, and says of what', async () => {
    const { code, out } = await called(['run', fixture('report.ts'), '--input', '{"text":1}', '--json'])
    expect(code).toBe(1)
    expect(JSON.parse(out)).toMatchObject({ status: 'failed', error: { code: 'INVALID_INPUT' } })
  })

  test('the input may be in a file', async () => {
    const input = fileOf('input.json', '{"text":"a"}')
    const { out } = await called(['run', fixture('report.ts'), '--input-file', input, '--json'])
    expect(JSON.parse(out)).toMatchObject({ output: 'A' })
  })

  test('a function is called with the system and the input; what it gives is the output', async () => {
    const { code, out } = await called(['run', fixture('function.ts'), '--input', '["x"]', '--json'])
    expect([code, JSON.parse(out)]).toMatchObject([0, { status: 'completed', output: { given: ['x'] } }])
  })

  test('a result that a function gives stands for the run', async () => {
    const { out } = await called(['run', fixture('function.ts'), '--input', '3', '--json'])
    expect(JSON.parse(out)).toMatchObject({
      output: 1.5,
      trace: [{ component: 'half' }, { component: 'half', kind: 'effect' }],
    })
  })

  test('a system that a file exports is used', async () => {
    const { out } = await called(['run', fixture('own-system.ts'), '--input', '"you"', '--json'])
    expect(JSON.parse(out)).toMatchObject({ output: 'hello you' })
  })

  test('JavaScript and a function without a name', async () => {
    const { code, out } = await called(['run', JAVASCRIPT])
    expect([code, out]).toEqual([0, expect.stringContaining('plain')])
  })

  test('progress names what runs and how it ends, and shows nothing of its data', async () => {
    const { err } = await called(['run', fixture('secret.ts'), '--input', '{"token":"sk-123"}'])
    expect(err).toContain('✖ tool:login failed [EFFECT_FAILED]')
    expect(err).not.toContain('sk-123')
  })
})

describe('wrong usage is 2, with one message that says what to do', () => {
  test.each([
    ['nothing', [], 'Usage: hookchart'],
    ['no file', ['run'], "missing required argument 'file'"],
    ['no command', ['walk'], "unknown command 'walk'"],
    ['no option', ['run', fixture('report.ts'), '--jsn'], "unknown option '--jsn'"],
    ['a file that is not there', ['run', 'nope.ts'], 'There is no file nope.ts'],
    ['a folder', ['run', folder], 'is a folder'],
    ['another type of file', ['run', fileOf('a.txt', '')], 'neither TypeScript nor JavaScript'],
    ['no JSON', ['run', fixture('report.ts'), '--input', '{'], '--input is no JSON'],
    ['no JSON in a file', ['run', fixture('report.ts'), '--input-file', fileOf('b.json', 'x')], 'is no JSON'],
    ['no such input', ['run', fixture('report.ts'), '--input-file', join(folder, 'c.json')], 'cannot be read'],
    ['two inputs', ['run', fixture('report.ts'), '--input', '1', '--input-file', 'x'], 'exclude each other'],
    ['nothing that can be run', ['run', fixture('not-runnable.ts')], 'exports by default an object. Export a tool'],
    ['no default export', ['run', fixture('no-default.ts')], 'has no default export, but report. Add one'],
    [
      'a format that is none',
      ['graph', fixture('machine.ts'), '--format', 'png'],
      "argument 'png' is invalid. Allowed choices are mermaid, json",
    ],
    ['nothing that can be drawn', ['graph', JAVASCRIPT], 'Export by default a machine'],
    ['nothing to explain', ['explain', 'BeforeToolExecution', JAVASCRIPT], 'exports neither a system nor'],
    ['an unknown point', ['explain', 'Nope', fixture('report.ts')], 'no hook point "Nope"'],
  ])('%s', async (_, argv, message) => {
    const { code, out, err } = await called(argv)
    expect([code, out]).toEqual([2, ''])
    expect(err).toContain(message)
    expect(err).not.toMatch(/^ +at /m)
  })

  test('a file that fails while it is loaded is 1; its stack is for --debug', async () => {
    const plain = await called(['run', fixture('broken.ts')])
    expect([plain.code, plain.err]).toEqual([1, 'error: no luck\n'])
    const { err } = await called(['run', fixture('broken.ts'), '--debug'])
    expect(err).toMatch(/^ +at .*broken\.ts/m)
  })

  test('a system that is none, and a setup that is none', async () => {
    const system = await called(['run', fileOf('d.ts', 'export const system = 1; export default () => 1')])
    expect([system.code, system.err]).toEqual([2, expect.stringContaining('exports as system 1')])
    const setup = await called(['run', fileOf('e.ts', 'export const setup = 1; export default () => 1')])
    expect([setup.code, setup.err]).toEqual([2, expect.stringContaining('exports as setup 1')])
  })
})

describe('help', () => {
  test('says what there is, on standard output', async () => {
    const { code, out, err } = await called(['--help'])
    expect([code, err]).toEqual([0, ''])
    for (const name of ['run', 'graph', 'explain']) expect(out).toContain(`  ${name} `)
  })

  test.each([40, 60])('fits a terminal of %i columns', async (columns) => {
    const { out } = await called(['run', '--help'], { columns })
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(columns)
  })

  test('version', async () => {
    expect(await called(['--version'])).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) })
  })
})

describe('graph', () => {
  test.each([
    ['a machine', 'machine.ts', 'off --> on: FLIP'],
    ['a workflow', 'report.ts', 'state "shout"'],
    ['a tool', 'secret.ts', 'BeforeToolExecution'],
  ])('of %s', async (_, file, text) => {
    const { code, out } = await called(['graph', fixture(file)])
    expect(code).toBe(0)
    expect(out).toMatch(/^stateDiagram-v2\n/)
    expect(out).toContain(text)
  })

  test('as JSON', async () => {
    const { out } = await called(['graph', fixture('machine.ts'), '--format', 'json'])
    expect(JSON.parse(out)).toMatchObject({ id: 'lamp', nodes: expect.any(Array), edges: [{ event: 'FLIP' }] })
  })
})

describe('explain', () => {
  test('says which hooks run, in order, and why', async () => {
    const { code, out } = await called(['explain', 'BeforeAgentExecution', fixture('own-system.ts')])
    expect(code).toBe(0)
    expect(out).toMatch(/1\. first .*\n.*2\. guarding .*first is a transform, guarding a guard/s)
  })

  test('as JSON', async () => {
    const { out } = await called(['explain', 'BeforeToolExecution', fixture('report.ts'), '--json'])
    expect(JSON.parse(out)).toMatchObject({ point: 'BeforeToolExecution', hooks: [{ name: 'trim' }] })
  })
})

describe('on a terminal', () => {
  const plain = stripVTControlCharacters

  test.each([40, 60, 120])('of %i columns no line is longer', async (columns) => {
    const { out, err } = await called(['run', fixture('report.ts'), '--input', '{"text":" a b"}'], { columns })
    for (const line of plain(out + err).split('\n')) expect(line.length).toBeLessThanOrEqual(columns)
    expect(plain(out)).toMatch(/trim(?::| ) +modified \(1\)/)
  })

  test('there are colours, but not for who wants none', async () => {
    const argv = ['run', fixture('report.ts'), '--input', '{"text":"a"}']
    expect((await called(argv, { columns: 80 })).out).toContain('\u001B[32mcompleted')
    const { out } = await called(argv, { columns: 80, env: { NO_COLOR: '1' } })
    expect(out).toBe(plain(out))
  })
})

describe('TypeScript without anything that loads it', () => {
  test('is read, with all that is not only types', async () => {
    const path = fileOf(
      'typed.ts',
      'enum Colour { Red = "red" }\nexport default await Promise.resolve(Colour.Red as string)',
    )
    expect(await loadWithJiti(path)).toMatchObject({ default: 'red' })
  })

  test('a mistake in it is told with its place', async () => {
    const path = fileOf('mistake.ts', 'const a = 1\nconst b: = 2\n')
    await expect(loadWithJiti(path)).rejects.toThrow(/mistake\.ts:2/)
  })
})
