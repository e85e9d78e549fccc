/** A search of a machine with gates has been wherever hooks can lead it, whatever they decide, at once or later. */
import fc from 'fast-check'
import * as chart from 'hookchart/chart'
import { eventsIn, gatedMachine, gatedRun, gatedSpec, runGated, standing } from './support/gated-machine.ts'
import { testLawOf } from './support/law.ts'

const hasBeenThere = ({ explore }: typeof chart) =>
  fc.asyncProperty(gatedSpec, gatedRun, fc.scheduler(), async (spec, run, scheduler) => {
    const places = new Set<string>()
    const { result } = explore(
      gatedMachine(spec, () => Promise.resolve()),
      {
        events: eventsIn,
        bound: { states: 25 },
        always: { sees: (snapshot) => places.add(standing(snapshot)).size > 0 },
      },
    )
    fc.pre(result === 'complete')
    const seen = await runGated(spec, run, scheduler)
    const elsewhere = [...seen].filter((place) => !places.has(place))
    if (elsewhere.length > 0) throw new Error(`never searched: ${elsewhere.join(', ')}`)
  })

// What is seldom met (regions that share a gate, refusals behind a state that was entered, retries) is tested in tests/unit.
testLawOf(
  chart,
  'src/chart/index.ts',
  'a search has been wherever hooks lead',
  hasBeenThere,
  [
    {
      name: 'nobody is ever hooked',
      file: 'src/chart/choices.ts',
      from: 'ahead.push(',
      to: 'void (',
    },
    {
      name: 'all are hooked, or nobody',
      file: 'src/chart/choices.ts',
      from: 'return known ?? false',
      to: 'return this.#answers !== undefined && [...this.#answers.values()].includes(true)',
    },
    {
      name: 'a machine starts in one place only',
      file: 'src/chart/moves.ts',
      from: 'this.#ways(() => this.#start()).flatMap',
      to: 'this.#ways(() => this.#start()).slice(0, 1).flatMap',
    },
    {
      name: 'a refusal is not told',
      file: 'src/chart/passes.ts',
      from: 'return refused === undefined ? through : [...through,',
      to: 'return refused !== undefined ? through : [...through,',
    },
    {
      name: 'a gate that is a state never refuses',
      file: 'src/chart/gate-choices.ts',
      from: 'routes.map((type)',
      to: "routes.filter((type) => type !== 'cancel').map((type)",
    },
    {
      name: 'what was asked does not tell states apart',
      file: 'src/chart/moves.ts',
      from: '...asked, ...passes]',
      to: '...asked]',
    },
  ],
  // A search takes up to a fifth of a second.
  { numRuns: 60 },
)
