/** Runs a row in processes of its own and puts together what they measured. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { packageRoot } from '../scripts/root.ts'
import type { Measured } from './child.ts'
import { DISTURBED } from './every-hook-ran.ts'
import { figuresOf } from './figures.ts'
import type { RowFigures } from './figures.ts'
import type { Effort } from './measure.ts'
import { outputFolder } from './prepare.ts'

/** Measures a row; waits for its processes one after another. Throws when a process fails, or was disturbed each time. */
export function runRow(name: string, effort: Effort): RowFigures {
  const first = runOnce(name, effort)
  const all = [first]
  // A process that reads memory has nothing to average.
  const processes = 'samples' in first ? effort.processes : 1
  while (all.length < processes) all.push(runOnce(name, effort))
  return figuresOf(name, all)
}

function runOnce(name: string, effort: Effort, triesLeft = 4): Measured {
  const { NODE_OPTIONS: _options, ...environment } = process.env
  const { status, stdout } = spawnSync(
    process.execPath,
    ['--expose-gc', join(outputFolder, 'child.js'), name, JSON.stringify(effort)],
    {
      cwd: packageRoot,
      env: { ...environment, NODE_ENV: 'production' },
      stdio: ['ignore', 'pipe', 'inherit'],
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    },
  )
  if (status === DISTURBED && triesLeft > 0) return runOnce(name, effort, triesLeft - 1)
  if (status !== 0)
    throw new Error(
      `The row "${name}" ${status === DISTURBED ? 'was disturbed each time; try again when the machine is less busy' : 'failed'}.`,
    )
  return JSON.parse(stdout) as Measured
}
