/** The generated pages are those that the source gives, and leave nothing out. */
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { catalogue, errorCodes } from 'hookchart/hooks'
import * as machines from 'hookchart/machines'
import { expect, test } from 'vitest'
import { createMachine, setup, StateMachine } from 'xstate'
import { machinePage } from '../../scripts/docs/machine-page.ts'
import { findStale, makePages } from '../../scripts/docs/pages.ts'
import { loadProject } from '../../scripts/docs/project.ts'
import { pathOfMachine } from '../../scripts/docs/machine-page.ts'
import { shippedMachines } from '../../scripts/docs/shipped-machines.ts'
import { packageRoot } from '../../scripts/root.ts'

/** The headings of a page: one for each thing it lists. */
function headingsOf(page: string): string[] {
  const lines = readFileSync(join(packageRoot, 'docs', page), 'utf8').split('\n')
  return lines.filter((line) => line.startsWith('#')).map((line) => line.replace(/^#+ /, ''))
}

test('the generated pages are up to date; if not, run `npm run docs`', async () => {
  const project = loadProject()
  expect(findStale(project.root, await makePages(project))).toEqual([])
})

test('docs/errors.md has every error code', () => {
  expect(headingsOf('errors.md')).toEqual(expect.arrayContaining(Object.keys(errorCodes)))
})

test('docs/hook-points.md has every point of the catalogue', () => {
  expect(headingsOf('hook-points.md')).toEqual(expect.arrayContaining(Object.keys(catalogue)))
})

test('every machine that can be imported has a page, and there is no other', () => {
  const exported = Object.values(machines).filter((each) => each instanceof StateMachine)
  expect(new Set(shippedMachines.filter(({ madeFor }) => madeFor === undefined).map(({ machine }) => machine))).toEqual(
    new Set(exported),
  )
  const pages = readdirSync(join(packageRoot, 'docs/machines')).sort()
  expect(pages).toEqual(shippedMachines.map((shipped) => basename(pathOfMachine(shipped))).sort())
})

test('the page of a machine is out of date as soon as the machine has another transition', () => {
  const before = createMachine({ id: 'lamp', initial: 'off', states: { off: { on: { FLIP: 'on' } }, on: {} } })
  const after = createMachine({
    id: 'lamp',
    initial: 'off',
    states: { off: { on: { FLIP: 'on' } }, on: { on: { FLIP: 'off' } } },
  })
  const page = { path: 'docs/machines/lamp.md', text: machinePage({ machine: before, source: 'lamp.ts' }) }
  expect(machinePage({ machine: after, source: 'lamp.ts' })).not.toBe(page.text)
  expect(findStale(packageRoot, [page])).toEqual([{ at: page.path, message: 'is missing; run `npm run docs`' }])
})

test('the page of a machine says what a state does, and how it is left', () => {
  const machine = setup({
    actions: { ring: () => undefined },
    guards: { isLate: () => true },
    delays: { nap: 10 },
  }).createMachine({
    id: 'alarm',
    version: '3',
    description: 'Wakes people.',
    initial: 'asleep',
    on: { STOP: '.off' },
    states: {
      asleep: { description: 'Quiet.', after: { nap: { guard: 'isLate', target: 'ringing' } } },
      ringing: { entry: 'ring', tags: 'loud', always: { guard: 'isLate', target: 'off' } },
      off: { type: 'final' },
    },
  })
  const lines = machinePage({ machine, source: 'alarm.ts' }).split('\n')
  expect(lines).toEqual(
    expect.arrayContaining([
      '# Machine: alarm',
      'Wakes people.',
      'Version 3. Source: `alarm.ts`.',
      '| `asleep` | atomic, initial | Quiet. |  |',
      '| `ringing` | atomic |  | entry / `ring`, tag `loud` |',
      '| any state | `STOP` |  | `off` |  |',
      '| `asleep` | after `nap` | `isLate` | `ringing` |  |',
      '| `ringing` | always | `isLate` | `off` |  |',
    ]),
  )
})
