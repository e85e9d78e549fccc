/**
 * The layers of ARCHITECTURE.md as rules: arrows point down only, by room. Each rule is seen to fail on a planted
 * violation in tests/house/layers.test.ts.
 */

/** Rooms from the ground up; a room may import itself and those under it. */
const rooms = [
  ['ground', '^src/(errors|json|duration|options)\\.ts$'],
  ['ports', '^src/ports/'],
  ['hooks', '^src/hooks/'],
  ['observing', '^src/(chart|events|journal)/'],
  ['machines', '^machines/'],
  ['actors', '^actors/'],
  ['kit', '^kit/'],
  ['faces', '^(cli|studio)/'],
]

const upward = rooms.slice(0, -1).map(([name, path], i) => ({
  name: `${name}-looks-down`,
  comment: 'Arrows point down only.',
  severity: 'error',
  from: { path },
  to: { path: [...rooms.slice(i + 1).map(([, above]) => above), '^src/index\\.ts$'] },
}))

/** The entry files, each a subpath of package.json. */
const entries = [
  '^src/index\\.ts$',
  '^src/(hooks|events|chart)/index\\.ts$',
  '^machines/index\\.ts$',
  '^actors/index\\.ts$',
  '^kit/[^/]+/index\\.ts$',
]

/** What each room may take from outside; node's own modules only in src/ports/node. */
const outside = {
  ground: ['zod', 'ms', 'safe-stable-stringify'],
  ports: ['zod'],
  hooks: ['immer', 'zod', 'lru-cache', '@standard-schema/spec'],
}

module.exports = {
  forbidden: [
    { name: 'no-cycles', comment: 'Not even of types.', severity: 'error', from: {}, to: { circular: true } },
    ...upward,
    {
      name: 'front-door-is-not-used-inside',
      comment: 'src/index.ts and the entry files only hand on.',
      severity: 'error',
      from: { path: '^(src|machines|actors|kit|cli|studio)/', pathNot: '^src/index\\.ts$' },
      to: { path: entries },
    },
    {
      name: 'public-names-only',
      comment: 'Examples, benches, property tests and the tests of a newcomer use what users can.',
      severity: 'error',
      from: { path: '^(examples|bench|property-tests|tests/newcomer)/' },
      to: {
        path: '^(src|machines|actors|kit|cli|studio)/',
        pathNot: entries,
      },
    },
    {
      name: 'node-only-in-its-port',
      severity: 'error',
      from: { path: '^(src|machines)/', pathNot: '^src/ports/node/' },
      to: { dependencyTypes: ['core'] },
    },
    ...Object.entries(outside).map(([room, allowed]) => ({
      name: `${room}-takes-only-its-libraries`,
      severity: 'error',
      from: { path: rooms.find(([name]) => name === room)[1] },
      to: { path: 'node_modules', pathNot: allowed.map((name) => `node_modules/${name}/`) },
    })),
    {
      name: 'xstate-only-where-charts-are',
      comment: 'Events and journal know nothing of machines; src/chart takes the step function as a parameter.',
      severity: 'error',
      from: { path: '^src/(events|journal)/' },
      to: { path: 'node_modules/(xstate|@xstate)/' },
    },
    {
      name: 'machines-do-no-io',
      severity: 'error',
      from: { path: '^machines/' },
      to: { path: 'node_modules/p-limit/' },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      conditionNames: ['hookchart-source', 'import', 'types', 'default'],
      exportsFields: ['exports'],
    },
    moduleSystems: ['es6'],
  },
}
