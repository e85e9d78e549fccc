import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

/** Tests and the code they test import each other's source by public names. */
const conditions = ['hookchart-source', 'module', 'node', 'development|production']
const resolve = { conditions }
const ssr = { resolve: { conditions, externalConditions: conditions } }

const project = (name: string, include: string[], testTimeout = 20_000, isolate = true) => ({
  resolve,
  ssr,
  test: {
    ...{ name, include, testTimeout, hookTimeout: testTimeout, isolate },
    // Bundled already: see property-tests/support/planted.ts.
    server: { deps: { external: [/\.generated\/planted\//] } },
  },
})

export default defineConfig({
  resolve,
  ssr,
  test: {
    // By default one core is kept free, which of two is half. Laws wait for the bundler, so there are more than cores.
    maxWorkers: Math.ceil(availableParallelism() * 1.5),
    projects: [
      // Many small files: loading the kernel anew for each costs more than all their tests.
      project('unit', ['tests/unit/**/*.test.ts'], 20_000, false),
      project('behaviour', ['tests/{behaviour,newcomer}/**/*.test.ts'], 20_000, false),
      project('house', ['tests/house/**/*.test.ts'], 120_000),
      project('property', ['property-tests/**/*.test.ts'], 120_000, false),
      project('docs', ['tests/docs/**/*.test.ts'], 120_000, false),
      project('examples', ['tests/examples/**/*.test.ts'], 120_000),
      {
        resolve,
        ssr,
        test: {
          name: 'types',
          include: [],
          typecheck: {
            enabled: true,
            only: true,
            include: ['tests/types/**/*.test-d.ts'],
            tsconfig: 'tsconfig.json',
            checker: 'tsc',
          },
        },
      },
    ],
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts', 'machines/**/*.ts', 'actors/**/*.ts', 'cli/**/*.ts', 'kit/**/*.ts'],
      exclude: ['**/index.ts'],
      reporter: ['text-summary', 'json-summary', 'html'],
      thresholds: { statements: 95, branches: 90 },
    },
  },
})
