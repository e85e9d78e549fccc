/** From samples to figures: min, median and max of each case, and an answer to each question with its verdict. */
import type { Measured } from './child.ts'
import type { Samples } from './measure.ts'
import type { Question, Reading } from './row.ts'

/** One case. */
export interface CaseFigures {
  readonly name: string
  readonly role: Samples['role']
  readonly minNs: number
  readonly medianNs: number
  readonly maxNs: number
}

/** One question, answered. */
export interface Answer {
  readonly text: string
  /** × for a ratio, ns for a time, or the unit of a reading. */
  readonly unit: string
  /** The median over all rounds. */
  readonly value: number
  /** The quartiles of the rounds, where there are rounds. */
  readonly spread?: readonly [number, number]
  readonly atMost?: number
  /** Whether the goal is met, where there is one. */
  readonly met?: boolean
}

/** One row. */
export interface RowFigures {
  readonly row: string
  readonly title: string
  readonly workload: string
  readonly cases: readonly CaseFigures[]
  readonly answers: readonly Answer[]
}

/** Puts together what the processes of a row measured. */
export function figuresOf(row: string, all: readonly Measured[]): RowFigures {
  const [first] = all as [Measured]
  const { title, workload } = first
  if ('readings' in first) return { row, title, workload, cases: [], answers: first.readings.map(answerOfReading) }
  const samples = new Map<string, Samples>()
  for (const measured of all) {
    if (!('samples' in measured)) continue
    for (const { name, role, nsPerOperation } of measured.samples) {
      const known = samples.get(name)?.nsPerOperation ?? []
      samples.set(name, { name, role, nsPerOperation: [...known, ...nsPerOperation] })
    }
  }
  const cases = [...samples.values()].map(({ name, role, nsPerOperation: ns }) => ({
    name,
    role,
    minNs: quantile(ns, 0),
    medianNs: quantile(ns, 0.5),
    maxNs: quantile(ns, 1),
  }))
  return { row, title, workload, cases, answers: first.questions.map((question) => answer(question, samples)) }
}

/** Answers round by round: what disturbs a round disturbs all its cases alike. */
function answer(question: Question, samples: ReadonlyMap<string, Samples>): Answer {
  const of = samplesOf(samples, question.of)
  switch (question.type) {
    case 'time':
      return judged(question.of, 'ns', of, question.atMost)
    case 'ratio': {
      const to = samplesOf(samples, question.to)
      const ratios = of.map((ns, round) => ns / to[round]!)
      return judged(`${question.of} ÷ ${question.to}`, '×', ratios, question.atMost)
    }
    case 'difference': {
      const minus = samplesOf(samples, question.minus)
      const differences = of.map((ns, round) => (ns - minus[round]!) / question.parts)
      return judged(question.what, 'ns', differences, question.atMost)
    }
  }
}

function judged(text: string, unit: string, values: readonly number[], atMost: number | undefined): Answer {
  const value = quantile(values, 0.5)
  const spread = [quantile(values, 0.25), quantile(values, 0.75)] as const
  return { text, unit, value, spread, ...verdict(value, atMost) }
}

function answerOfReading({ name, value, unit, atMost }: Reading): Answer {
  return { text: name, unit, value, ...verdict(value, atMost) }
}

function verdict(value: number, atMost: number | undefined): Pick<Answer, 'atMost' | 'met'> {
  return atMost === undefined ? {} : { atMost, met: value <= atMost }
}

function samplesOf(samples: ReadonlyMap<string, Samples>, name: string): readonly number[] {
  const found = samples.get(name)
  if (found === undefined) throw new Error(`There is no case "${name}".`)
  return found.nsPerOperation
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.round(share * (sorted.length - 1))] as number
}
