/** `npm run examples` takes a group or one example, written as a shell completes it. */
import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { listExamples } from '../../scripts/examples/run.ts'
import { packageRoot } from '../../scripts/root.ts'

const names = (wanted?: string) => listExamples(undefined, wanted).map(({ name }) => name)
const hooks = names().filter((name) => name.startsWith('hooks/'))

test.each(['hooks', 'hooks/', 'examples/hooks', './examples/hooks/'])('%s is the group', (wanted) => {
  expect(hooks.length).toBeGreaterThan(1)
  expect(names(wanted)).toEqual(hooks)
})

test.each(['hooks/01-basic', 'hooks/01-basic.ts', 'examples/hooks/01-basic.ts'])('%s is one example', (wanted) => {
  expect(names(wanted)).toEqual(['hooks/01-basic'])
})

test.each(['hook', 'hooks/01', 'hooks/99-none', ''])('"%s" is none', (wanted) => {
  expect(names(wanted)).toEqual([])
})

test('the command refuses what is none and names what there is', () => {
  const run = () =>
    execFileSync(process.execPath, ['--import', 'tsx', 'scripts/run-examples.ts', 'hooks/99-none'], {
      cwd: packageRoot,
      stdio: 'pipe',
    })
  expect(run).toThrow(expect.objectContaining({ status: 2, message: expect.stringContaining('hooks/01-basic') }))
})
