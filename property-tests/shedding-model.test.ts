/** Shedding does what its rules say: `createShedding` against a model of them that shares no code with it. */
import * as machines from 'hookchart/machines'
import { testLawOf } from './support/law.ts'
import { modelWay } from './support/shedding-model.ts'
import { BUDGET, countersWay, ownTimes, sameWays } from './support/shedding-plan.ts'

const JUDGE = 'src/hooks/shedding.ts'
const WINDOW = 'machines/shedding/shedding-window.ts'

/** Short windows and waits, so that second and third trials are reached. */
const settings = {
  ...machines.sheddingDefaults,
  budget: BUDGET,
  windowOperations: 4,
  restoreRatio: 0.5,
  firstTrialWindows: 2,
  lastTrialWindows: 7,
}

testLawOf(
  machines,
  'machines/index.ts',
  'shedding does what its rules say',
  ({ createShedding }: typeof machines) =>
    sameWays(settings.windowOperations, ownTimes.any, () => ({
      ways: [countersWay(createShedding(settings)), modelWay(settings)],
    })),
  [
    { name: 'what is kept is shed as well', file: WINDOW, from: '!isKept && !isShed(id)', to: '!isShed(id)' },
    {
      name: 'what is gone took nothing',
      file: WINDOW,
      from: 'members.reduce((sum, { spentMs }) => sum + spentMs, goneMs)',
      to: 'members.reduce((sum, { spentMs }) => sum + spentMs, 0)',
    },
    {
      name: 'among equals the first goes first',
      file: JUDGE,
      from: 'b.registered - a.registered',
      to: 'a.registered - b.registered',
    },
    { name: 'a full budget is over', file: JUDGE, from: 'share > settings.budget', to: 'share >= settings.budget' },
    { name: 'one more than needed goes', file: JUDGE, from: 'excessMs <= 0 ||', to: 'excessMs < 0 ||' },
    { name: 'what took nothing goes as well', file: JUDGE, from: ' || costMs <= 0', to: '' },
    {
      name: 'a trial is not remembered',
      file: JUDGE,
      from: 'trials: fits ? others : ',
      to: 'trials: fits || !fits ? others : ',
    },
    {
      name: 'a trial is remembered for ever',
      file: JUDGE,
      from: 'trials: fits ? others : ',
      to: 'trials: fits ? trials : ',
      seed: 952274427,
    },
    {
      name: 'waits grow beyond the longest',
      file: JUDGE,
      from: 'Math.min(waited * 2, lastTrialWindows)',
      to: 'waited * 2',
    },
    { name: 'the least critical comes back first', file: JUDGE, from: '-leastCriticalFirst', to: 'leastCriticalFirst' },
    {
      name: 'what comes back may fill the whole budget',
      file: JUDGE,
      from: 'budget * restoreRatio',
      to: 'budget',
    },
  ],
)
