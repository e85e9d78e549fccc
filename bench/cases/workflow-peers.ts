/** The same workflow in frameworks that people use, each in a process of its own: one of them slows every await of its process. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { ProbeRow } from '../row.ts'

/** The bench runs in the folder of the package. */
const folder = join(process.cwd(), 'bench/peers')

/** Runs a sample: as many as take some ten milliseconds. */
const RUNS = { ours: 400, mastra: 100, langgraph: 10 } as const

export function workflowPeers(): ProbeRow {
  return {
    title: 'Workflow of 10 trivial steps, against Mastra and LangGraph',
    workload:
      'Ten steps that add one, awaited, each framework in a process of its own: CPU time a run, the median of fifteen samples. Ours has two sync hooks on both sides of each step, trace off. The peers are installed into bench/peers when this row first runs.',
    probe: () => {
      install()
      const [ours, mastra, langgraph] = [timed('ours'), timed('mastra'), timed('langgraph')]
      return Promise.resolve([
        { name: 'hookchart', value: ours, unit: 'ns' },
        { name: 'Mastra', value: mastra, unit: 'ns' },
        { name: 'LangGraph', value: langgraph, unit: 'ns' },
        { name: 'hookchart ÷ Mastra', value: ours / mastra, unit: '×', atMost: 0.15 },
        { name: 'hookchart ÷ LangGraph', value: ours / langgraph, unit: '×', atMost: 0.006 },
      ])
    },
  }
}

function install(): void {
  if (existsSync(join(folder, 'node_modules'))) return
  const { status } = spawnSync('npm', ['install', '--no-package-lock', '--no-audit', '--no-fund'], {
    cwd: folder,
    stdio: 'ignore',
  })
  if (status !== 0) throw new Error('The peers could not be installed into bench/peers.')
}

function timed(name: keyof typeof RUNS): number {
  const { stdout, stderr } = spawnSync(process.execPath, ['time.mjs', `./${name}.mjs`, String(RUNS[name])], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, NODE_ENV: 'production' },
  })
  const ns = Number(stdout.trim().split('\n').at(-1))
  if (!Number.isFinite(ns) || ns <= 0) throw new Error(`${name} could not be timed: ${stderr}`)
  return ns
}
