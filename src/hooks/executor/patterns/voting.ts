/** Runs a vote: each child has one, its type of result; a type wins with enough of the votes cast. */
import { wait } from '../../flow.ts'
import type { Pattern } from '../../compose/pattern.ts'
import type { PatternRunner, Verdict } from '../verdict.ts'
import { discard, leaveOut } from './left-out.ts'
import { meet, typeOf } from './precedence.ts'
import type { Met, ResultType } from './precedence.ts'

/** Weights are sums of fractions: equal ones must count as equal. */
const EPSILON = 1e-9

interface Vote {
  readonly type: ResultType
  readonly weight: number
  readonly met: Met
}

/** One after another, until the rest cannot change the winner. Who fails open or skips abstains; who fails closed refuses. */
export function voting({
  threshold,
  minVotes,
  weights,
  tieBreaker,
}: Extract<Pattern, { type: 'voting' }>): PatternRunner {
  return function* ({ outcome: own, children, scope, outcomes, runUnit, pass }) {
    if (children.length === 0) return undefined
    const weightOf = (i: number) => weights[i] ?? 1
    const all: Met[] = []
    const votes: Vote[] = []
    let refusing: Met | undefined
    for (const [i, child] of children.entries()) {
      const met = yield* wait(meet(child, scope, outcomes, runUnit))
      scope.leftMs = met.scope.leftMs
      all.push(met)
      if (isNoVote(met.verdict)) refusing = met
      const type = typeOf(met)
      if (type !== 'skipped') votes.push({ type, weight: weightOf(i), met })
      const rest = children.slice(i + 1)
      const left = rest.map((_, j) => weightOf(i + 1 + j))
      if (refusing === undefined && (rest.length === 0 || !isDecided(votes, left, threshold, minVotes))) continue
      leaveOut(pass, rest, outcomes, 'the vote was decided')
      break
    }
    const allGuards = children.every(({ kind }) => kind === 'guard')
    const byTie = tieBreaker ?? (allGuards ? 'cancel' : 'continue')
    const winner = refusing ?? (winnerOf(votes, threshold, minVotes) ?? (byTie === 'first' ? votes[0] : undefined))?.met
    for (const { outcome } of all)
      if (outcome !== undefined && outcome !== winner?.outcome) discard(outcome, 'outvoted')
    if (winner === undefined) return byTie === 'cancel' ? refused(own.unit.name, votes) : undefined
    scope.adopt(winner.scope)
    return winner.verdict
  }
}

/** What nobody can outvote: a failure, an abort, an answer for which guards must be asked again. */
function isNoVote(verdict: Verdict | undefined): boolean {
  if (verdict?.type === 'cancel') return verdict.code === 'RUN_ABORTED' || FAILURES.includes(verdict.code)
  return verdict?.type === 'fail' || verdict?.type === 'restart'
}

/** The codes of hooks that fail closed and did. */
const FAILURES: readonly string[] = ['GUARD_FAILED', 'GUARD_TIMED_OUT', 'GUARD_UNAVAILABLE']

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
