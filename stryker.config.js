/** Mutation testing: does some test fail when a piece of the kernel is changed? `npm run mutation` runs it in parts; results in docs/quality.md. */
export default {
  testRunner: 'vitest',
  plugins: ['@stryker-mutator/vitest-runner'],
  vitest: { configFile: 'vitest.mutation.config.ts' },
  mutate: ['src/hooks/**/*.ts', '!src/hooks/index.ts'],
  coverageAnalysis: 'perTest',
  // A static mutant needs a fresh process and all tests each; tables of texts and schemas are most of them.
  ignoreStatic: true,
  incremental: true,
  incrementalFile: 'reports/mutation/incremental.json',
  concurrency: 2,
  // Which test runs which mutant takes as much memory as there are tests times mutants.
  testRunnerNodeArgs: ['--max-old-space-size=9000'],
  timeoutMS: 10_000,
  reporters: ['clear-text', 'json', 'html', 'progress-append-only'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  // scripts/mutation.ts judges the whole.
  thresholds: { high: 95, low: 90, break: null },
  tempDirName: '.stryker-tmp',
}
