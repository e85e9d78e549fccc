/**
 * `npm run mutation:report`: writes the score of the last mutation run, and every mutant that survived it with the reason
 * why it may, into docs/quality.md. Reasons stand in scripts/mutation-reasons.json, by the text that was changed, so that
 * they outlive lines that move.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeSection } from './generated-section.ts'
import { isFound, mutatedFiles } from './mutation-parts.ts'
import type { MutatedFile } from './mutation-parts.ts'
import { packageRoot } from './root.ts'

interface Reason {
  readonly file: string
  readonly mutator: string
  readonly original: string
  readonly replacement: string
  readonly reason: string
}

interface Survivor {
  readonly file: string
  readonly line: number
  readonly original: string
  readonly replacement: string
  readonly reason: string
}

/** What is shown, and compared, of a piece of source. */
const MOST_TEXT = 60

/** These say by themselves what the mutant does: the place is enough. */
const BRIEF = ['wording of a message', 'details of an error']

const UNEXPLAINED = 'not noticed by any test'

const reasons = JSON.parse(readFileSync(join(packageRoot, 'scripts/mutation-reasons.json'), 'utf8')) as Reason[]
const known = new Map(reasons.map((each) => [keyOf(each), each.reason]))
const files = mutatedFiles()

await writeSection(join(packageRoot, 'docs/quality.md'), 'mutants', `${scores()}\n\n${survivors()}`)

function keyOf({ file, mutator, original, replacement }: Omit<Reason, 'reason'>): string {
  return JSON.stringify([file, mutator, shortened(original), shortened(replacement)])
}

function shortened(source: string): string {
  const line = source.replaceAll(/\s+/g, ' ').replace(/…$/, '').trim()
  return line.slice(0, MOST_TEXT)
}

/** The rooms with their scores: detected of all that could be. */
function scores(): string {
  const rooms = new Map<string, { detected: number; survived: number }>()
  for (const [file, { mutants }] of files) {
    const path = file.split('/').slice(0, -1).join('/')
    for (const found of mutants.map(isFound)) {
      if (found === undefined) continue
      for (const name of [path, 'all']) {
        const room = rooms.get(name) ?? { detected: 0, survived: 0 }
        rooms.set(name, room)
        if (found) room.detected++
        else room.survived++
      }
    }
  }
  const lines = [...rooms]
    .sort(([a], [b]) => Number(a === 'all') - Number(b === 'all') || (a < b ? -1 : 1))
    .map(([name, { detected, survived }]) => {
      const score = ((100 * detected) / (detected + survived)).toFixed(1)
      return `| ${name} | ${String(detected + survived)} | ${String(survived)} | ${score} % |`
    })
  return ['| room | mutants | survived | score |', '| --- | ---: | ---: | ---: |', ...lines].join('\n')
}

function survivors(): string {
  const all = files.flatMap(([file, { source, mutants }]) => survivorsIn(file, source, mutants))
  return [...grouped(all, ({ reason }) => reason.split(':')[0] as string)]
    .sort(([, a], [, b]) => b.length - a.length)
    .map(([name, own]) => `### ${name} (${String(own.length)})\n\n${BRIEF.includes(name) ? places(own) : list(own)}`)
    .join('\n\n')
}

function survivorsIn(path: string, source: string, mutants: MutatedFile['mutants']): Survivor[] {
  const file = path.replace(/^src\/hooks\//, '')
  const lines = source.split('\n')
  return mutants
    .filter((mutant) => isFound(mutant) === false)
    .map(({ mutatorName: mutator, replacement, location: { start, end } }) => {
      const line = lines[start.line - 1] as string
      const original = line.slice(start.column - 1, start.line === end.line ? end.column - 1 : undefined)
      const reason = known.get(keyOf({ file, mutator, original, replacement })) ?? UNEXPLAINED
      return { file, line: start.line, original, replacement, reason }
    })
}

/** Files with the lines in them. */
function places(all: readonly Survivor[]): string {
  return [...grouped(all, ({ file }) => file)]
    .map(([file, own]) => `- ${file}: ${[...new Set(own.map(({ line }) => line))].join(', ')}`)
    .join('\n')
}

function list(all: readonly Survivor[]): string {
  return all
    .map(({ file, line, original, replacement, reason }) => {
      const why = reason.includes(': ') ? `: ${reason.slice(reason.indexOf(': ') + 2)}` : ''
      return `- ${file}:${String(line)} ${code(original)} → ${code(replacement)}${why}`
    })
    .join('\n')
}

function grouped(all: readonly Survivor[], by: (survivor: Survivor) => string): Map<string, Survivor[]> {
  const groups = new Map<string, Survivor[]>()
  for (const each of all) groups.set(by(each), [...(groups.get(by(each)) ?? []), each])
  return groups
}

function code(source: string): string {
  const line = shortened(source)
  return line === '' ? 'nothing' : line.includes('`') ? `\`\` ${line} \`\`` : `\`${line}\``
}
