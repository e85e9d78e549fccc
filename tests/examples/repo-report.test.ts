/** The main job: a report on a folder, whatever is in that folder. */
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { packageRoot } from '../../scripts/root.ts'
import { called, started } from '../support/command.ts'

const EXAMPLE = join(packageRoot, 'examples/integration/repo-report.ts')

const root = mkdtempSync(join(tmpdir(), 'hookchart-report-'))
afterAll(() => {
  rmSync(root, { recursive: true })
})

/** A folder with these files. */
function folderOf(name: string, files: Readonly<Record<string, string>>): string {
  const folder = join(root, name)
  mkdirSync(folder)
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, path, '..'), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return folder
}

/** Reports on a folder. */
async function reportOn(dir: string) {
  const out = `${dir}-report`
  const { code, out: json, err } = await called(['run', EXAMPLE, '--input', JSON.stringify({ dir, out }), '--json'])
  const result = JSON.parse(json) as { readonly status: string; readonly error?: { readonly message: string } }
  const page = existsSync(join(out, 'report.md')) ? readFileSync(join(out, 'report.md'), 'utf8') : ''
  return { code, result, err, page, out }
}

test('tells what is there, with the charts, and the trace beside it', async () => {
  const key = 'ghp_0123456789abcdefghijABCDEFGHIJ'
  const dir = folderOf('mixed', {
    'README.md': `# A lamp\n\n${key}\n`,
    '.env': 'SECRET=1\n',
    'src/lamp.ts': `// TODO: light it\nexport const lamp = 1\n`,
    'src/a/b.ts': '1\n',
    'node_modules/x/index.js': 'x\n',
    'package-lock.json': JSON.stringify({
      packages: { '': {}, 'node_modules/x': { license: 'MIT' }, 'node_modules/y': {} },
    }),
  })
  const git = (...args: string[]) => execFileSync('git', ['-C', dir, ...args])
  git('init', '-q')
  git('add', '.')
  git('-c', 'user.name=Ann', '-c', 'user.email=a@b.c', 'commit', '-qm', 'first')
  const { code, page, out, err } = await reportOn(dir)
  expect(code).toBe(0)
  expect(page).toMatch(/^# A lamp\n\n5 files, /)
  expect(page).toContain('Read: README.md. Refused by a guard: .env, .npmrc.')
  expect(page).toContain('- `src`: 2 texts, 5 lines (.ts 5).')
  expect(page).toContain('1 notes in 4 texts.\n\n- `src/lamp.ts`: 1')
  expect(page).toContain('2 packages.\n\n- MIT: 1')
  expect(page).toContain('No licence is known of y.')
  expect(page).toContain('1 commits, one author.')
  expect(page).toContain('Secrets masked: 1.')
  expect(page.match(/```mermaid\nstateDiagram-v2/g)).toHaveLength(4)
  const lines = readFileSync(join(out, 'trace.jsonl'), 'utf8').trimEnd().split('\n')
  const trace = lines.map((line) => JSON.parse(line) as { hook: string | null; outcome: string; type: string })
  const of = (hook: string) => trace.flatMap((entry) => (entry.hook === hook ? [`${entry.type} ${entry.outcome}`] : []))
  expect(of('no_dotfiles')).toContain('cancel ok')
  expect(of('slow').filter((each) => each.endsWith('timed_out'))).toHaveLength(2)
  expect(of('slow').at(-1)).toMatch(/unavailable$/)
  expect(page + lines.join() + err).not.toContain(key)
  expect(readdirSync(out).sort()).toEqual(['report.md', 'trace.jsonl'])
})

describe('is right on', () => {
  test('an empty folder', async () => {
    const { code, page } = await reportOn(folderOf('empty', {}))
    expect(code).toBe(0)
    expect(page).toContain('0 files, 0 bytes.')
    expect(page).toContain('There is no package-lock.json.')
    expect(page).toContain('It is no git repository.')
  })

  test('a folder in which not everything can be read', async () => {
    const dir = folderOf('locked', { 'a.md': 'a\n', 'closed/b.md': 'b\n', 'c.md': 'c\n' })
    chmodSync(join(dir, 'closed'), 0)
    chmodSync(join(dir, 'c.md'), 0)
    symlinkSync(join(dir, 'nowhere'), join(dir, 'link.md'))
    const { code, page } = await reportOn(dir)
    chmodSync(join(dir, 'closed'), 0o700)
    expect(code).toBe(0)
    // Whoever may read everything finds all of it.
    expect(page).toMatch(process.getuid?.() === 0 ? /3 files, 6 bytes\./ : /2 files, 4 bytes; 2 could not be read\./)
  })

  test('a lock file that is none', async () => {
    const { code, page, result } = await reportOn(folderOf('odd', { 'package-lock.json': 'no JSON' }))
    expect([code, result.status]).toEqual([0, 'completed'])
    expect(page).toContain('There is no package-lock.json that can be read.')
  })
})

test('what is no folder is refused, and nothing is written', async () => {
  const { code, result, out } = await reportOn(join(root, 'nowhere'))
  expect([code, result.error?.message]).toEqual([1, expect.stringContaining('is no folder. Give one: --input')])
  expect(existsSync(out)).toBe(false)
})

test('npm run demo: on this checkout, in a process of its own', async () => {
  using run = started(['run', EXAMPLE, '--input', JSON.stringify({ out: join(root, 'demo') })])
  expect(await run.ended).toBe(0)
  expect(run.text).toContain('✔ chain:repo_report')
  expect(run.text).toContain(join(root, 'demo', 'report.md'))
})
