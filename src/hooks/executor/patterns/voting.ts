/** Runs a vote: each child has one, its type of result; a type wins with enough of the votes cast. */
import { wait } from '../../flow.ts'
import type { Pattern } from '../../compose/pattern.ts'
import { newOutcome } from '../records.ts'
import type { PatternRunner, Verdict } from '../verdict.ts'
import { meet, typeOf } from './precedence.ts'
import type { Met, ResultType } from './precedence.ts'

/** Weights are sums of fractions: equal ones must count as equal. */
const EPSILON = 1e-9

interface Vote {
  readonly type: ResultType
  readonly weight: number
  readonly met: Met
}

/** One after another, until the rest cannot change the winner. Who fails open or skips abstains. */
export function voting({
  threshold,
  minVotes,
  weights,
  tieBreaker,
}: Extract<Pattern, { type: 'voting' }>): PatternRunner {
  return function* ({ unit, children, scope, outcomes, runUnit }) {
    const weightOf = (i: number) => weights[i] ?? 1
    const votes: Vote[] = []
    for (const [i, child] of children.entries()) {
      const met = yield* wait(meet(child, scope, outcomes, runUnit))
      if (met.verdict?.type === 'cancel' && met.verdict.code === 'RUN_ABORTED') return met.verdict
      const type = typeOf(met)
      if (type !== 'skipped') votes.push({ type, weight: weightOf(i), met })
      const rest = children.slice(i + 1)
      if (
        rest.length > 0 &&
        isDecided(
          votes,
          rest.map((_, j) => weightOf(i + 1 + j)),
          threshold,
          minVotes,
        )
      ) {
        for (const each of rest) outcomes.push({ ...newOutcome(each, 0), message: 'the vote was decided' })
        break
      }
    }
    const allGuards = children.every(({ kind }) => kind === 'guard')
    const byTie = tieBreaker ?? (allGuards ? 'cancel' : 'continue')
    const winner = winnerOf(votes, threshold, minVotes) ?? (byTie === 'first' ? votes[0] : undefined)
    if (winner !== undefined) {
      scope.adopt(winner.met.scope)
      return winner.met.verdict
    }
    return byTie === 'cancel' ? refused(unit.name, votes) : undefined
  }
}

function tally(votes: readonly Vote[]): Map<Vote['type'], number> {
  const counts = new Map<Vote['type'], number>()
  for (const { type, weight } of votes) counts.set(type, (counts.get(type) ?? 0) + weight)
  return counts
}

/** The first vote for the type that has reached the threshold alone, or most votes of those that did. */
function winnerOf(votes: readonly Vote[], threshold: number, minVotes: number): Vote | undefined {
  if (votes.length < minVotes) return undefined
  const cast = votes.reduce((sum, { weight }) => sum + weight, 0)
  const reached = [...tally(votes)]
    .filter(([, count]) => count >= threshold * cast - EPSILON)
    .sort(([, a], [, b]) => b - a)
  const [best, second] = reached
  if (best === undefined || (second !== undefined && best[1] - second[1] < EPSILON)) return undefined
  return votes.find(({ type }) => type === best[0])
}

/** Whether no way in which the rest may vote or abstain changes who wins. */
function isDecided(votes: readonly Vote[], left: readonly number[], threshold: number, minVotes: number): boolean {
  const winner = winnerOf(votes, threshold, minVotes)
  if (winner === undefined) return false
  const counts = tally(votes)
  const cast = votes.reduce((sum, { weight }) => sum + weight, 0)
  const rest = left.reduce((sum, weight) => sum + weight, 0)
  const own = counts.get(winner.type) ?? 0
  const rival = Math.max(0, ...[...counts].filter(([type]) => type !== winner.type).map(([, count]) => count))
  // At worst all the rest votes for the strongest rival.
  return own >= threshold * (cast + rest) - EPSILON && own - (rival + rest) > EPSILON
}

function refused(hook: string, votes: readonly Vote[]): Verdict {
  const counts = [...tally(votes)].map(([type, count]) => `${String(count)} × ${type}`).join(', ')
  return { type: 'cancel', hook, code: 'HOOK_CANCELLED', reason: `the vote had no winner: ${counts || 'no votes'}` }
}
