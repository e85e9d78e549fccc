/**
 * For each layer rule, arrows that it alone must report. Files and targets are paths from the root; a name without a
 * slash is a library, or a module of Node's.
 */
import { relative } from 'node:path/posix'

/** Every file of `from` imports every one of `to`. */
export interface Planted {
  readonly from: readonly string[]
  readonly to: readonly string[]
  /** The targets import the first file in turn, which makes a cycle. */
  readonly back?: boolean
}

/** A file in each room that may stand below others. */
const room = {
  ground: ['src/errors.ts', 'src/json.ts', 'src/duration.ts', 'src/options.ts'],
  ports: ['src/ports/a.ts'],
  hooks: ['src/hooks/a.ts', 'src/hooks/registry/a.ts'],
  observing: ['src/chart/a.ts', 'src/events/a.ts', 'src/journal/a.ts'],
  machines: ['machines/a.ts', 'machines/workflow/a.ts'],
  actors: ['actors/a.ts'],
  kit: ['kit/testing/a.ts'],
  faces: ['cli/a.ts', 'studio/a.ts'],
} as const

const entries = [
  'src/index.ts',
  'src/hooks/index.ts',
  'src/chart/index.ts',
  'src/events/index.ts',
  'machines/index.ts',
  'actors/index.ts',
  'kit/testing/index.ts',
]

/** Planted violations by the name of the rule that must report them. */
export const planted: Readonly<Record<string, readonly Planted[]>> = {
  'no-cycles': [{ from: ['src/hooks/a.ts'], to: ['src/hooks/b.ts'], back: true }],
  'ground-looks-down': [
    {
      from: room.ground,
      to: [room.ports, room.hooks, room.observing, room.machines, room.actors, room.kit, room.faces].flat(),
    },
  ],
  'ports-looks-down': [
    {
      from: room.ports,
      to: [room.hooks, room.observing, room.machines, room.actors, room.kit, room.faces].flat(),
    },
  ],
  'hooks-looks-down': [
    { from: room.hooks, to: [room.observing, room.machines, room.actors, room.kit, room.faces].flat() },
  ],
  'observing-looks-down': [{ from: room.observing, to: [room.machines, room.actors, room.kit, room.faces].flat() }],
  'machines-looks-down': [{ from: room.machines, to: [room.actors, room.kit, room.faces].flat() }],
  'actors-looks-down': [{ from: room.actors, to: [room.kit, room.faces].flat() }],
  'kit-looks-down': [{ from: room.kit, to: room.faces }],
  'front-door-is-not-used-inside': [
    { from: room.faces, to: entries },
    // Lower rooms are also told that src/index.ts stands above them, so here only the entry that does not.
    { from: [room.hooks, room.observing, room.machines, room.actors, room.kit].flat(), to: ['src/hooks/index.ts'] },
    {
      from: [room.observing, room.machines, room.actors, room.kit].flat(),
      to: ['src/chart/index.ts', 'src/events/index.ts'],
    },
    { from: [room.machines, room.actors, room.kit].flat(), to: ['machines/index.ts'] },
    { from: [room.actors, room.kit].flat(), to: ['actors/index.ts'] },
    { from: ['kit/testing/a.ts', 'kit/a.ts'], to: ['kit/testing/index.ts'] },
  ],
  'public-names-only': [
    {
      from: ['examples/hooks/a.ts', 'bench/a.ts', 'property-tests/a.ts', 'tests/newcomer/a.ts'],
      to: [
        room.ground,
        room.ports,
        room.hooks,
        room.observing,
        room.machines,
        room.actors,
        room.kit,
        room.faces,
      ].flat(),
    },
  ],
  'node-only-in-its-port': [
    {
      from: ['src/hooks/a.ts', 'src/ports/a.ts', 'src/errors.ts', 'machines/a.ts'],
      to: ['node:fs', 'node:crypto', 'path'],
    },
  ],
  'ground-takes-only-its-libraries': [{ from: room.ground, to: ['immer', 'xstate', 'lru-cache'] }],
  'ports-takes-only-its-libraries': [{ from: room.ports, to: ['immer', 'xstate', 'lru-cache'] }],
  'hooks-takes-only-its-libraries': [{ from: room.hooks, to: ['xstate', 'p-limit', 'zod-like'] }],
  'xstate-only-where-charts-are': [{ from: ['src/events/a.ts', 'src/journal/a.ts'], to: ['xstate'] }],
  'machines-do-no-io': [{ from: room.machines, to: ['p-limit'] }],
}

/** Arrows that no rule may report. */
export const allowed: readonly Planted[] = [
  { from: ['src/index.ts'], to: ['src/hooks/a.ts', 'src/errors.ts', 'src/chart/a.ts', 'machines/a.ts'] },
  { from: room.hooks, to: [...room.ground, ...room.ports, 'immer', 'zod', 'lru-cache', '@standard-schema/spec'] },
  { from: ['src/ports/node/a.ts'], to: ['node:crypto', 'src/ports/a.ts', 'zod'] },
  { from: room.ground, to: ['zod', 'ms', 'safe-stable-stringify'] },
  { from: ['src/chart/a.ts'], to: ['xstate'] },
  { from: room.machines, to: [...room.hooks, ...room.observing, 'xstate'] },
  { from: room.actors, to: [...room.machines, 'xstate', 'p-limit', 'node:worker_threads'] },
  { from: room.faces, to: [...room.kit, ...room.actors, 'node:fs'] },
  {
    from: ['examples/hooks/b.ts', 'bench/b.ts', 'property-tests/b.ts'],
    to: [...entries, 'node:timers/promises', 'xstate'],
  },
  { from: ['tests/a.ts', 'scripts/a.ts'], to: [...room.hooks, ...entries] },
]

/** The files of a tree that holds the arrows and nothing else. Every import is of types, which counts as well. */
export function treeOf(arrows: readonly Planted[]): Map<string, string> {
  const imports = new Map<string, string[]>()
  const add = (from: string, line: string): void => void imports.set(from, [...(imports.get(from) ?? []), line])
  const files = new Map([['tsconfig.json', JSON.stringify({ compilerOptions: { module: 'nodenext' } })]])
  for (const { from, to, back } of arrows) {
    for (const file of from) for (const target of to) add(file, importOf(file, target))
    for (const target of to) {
      if (isLibrary(target)) libraryFiles(target).forEach(([path, text]) => files.set(path, text))
      else if (isFile(target)) add(target, back === true ? importOf(target, from[0]!) : 'export type X = 1')
    }
  }
  for (const [file, lines] of imports) files.set(file, `${[...new Set(lines)].join('\n')}\n`)
  return files
}

function importOf(file: string, target: string): string {
  if (!isFile(target)) return `import type {} from '${target}'`
  const path = relative(file.replace(/[^/]+$/, ''), target)
  return `import type {} from '${path.startsWith('.') ? path : `./${path}`}'`
}

function isFile(target: string): boolean {
  return target.endsWith('.ts')
}

function isLibrary(target: string): boolean {
  return !isFile(target) && !target.startsWith('node:') && target !== 'path'
}

function libraryFiles(name: string): [path: string, text: string][] {
  const manifest = { name, type: 'module', exports: { '.': { import: './index.js' } } }
  return [
    [`node_modules/${name}/package.json`, JSON.stringify(manifest)],
    [`node_modules/${name}/index.js`, 'export {}\n'],
  ]
}
