/** The tests that mutants are run against: the fast ones. */
import { defineConfig } from 'vitest/config'

const conditions = ['hookchart-source', 'module', 'node', 'development|production']

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: { isolate: false, include: ['tests/unit/**/*.test.ts', 'tests/behaviour/**/*.test.ts'] },
})
