/** The four ways to make several hooks act as one. */
import { firstMatch } from './first-match.ts'
import { parallel } from './parallel.ts'
import { sequential } from './sequential.ts'
import { voting } from './voting.ts'

/**
 * Composites: several hooks as one, taken wherever a handler is. They nest, up to 16 deep.
 *
 * Children are given as a list or one by one; options before or behind them. Inside a composite the place in the list
 * decides: `priority`, `before` and `after` of a child do not count there. All children act in one stage: guards cannot
 * be mixed with transforms (HOOK_KIND).
 *
 * - `sequential(children)`: a stage of its own, wherever it stands: changes are folded, who asks is waited for, the first
 *   decision ends it.
 * - `parallel({ concurrency, merge }, children)`: each on its own copy, merged in declaration order.
 * - `firstMatch(children)`: the first child with something to say.
 * - `voting({ threshold, minVotes, weights, tieBreaker }, children)`: the type of result with enough of the votes cast.
 *   A child that fails closed, and does, is no vote: it refuses. Guards may abstain there and in a first match with `skipped`.
 *
 * @throws INVALID_OPTIONS, INVALID_HANDLER
 * @example
 * ```ts
 * import { compose, createHooks, hook } from 'hookchart/hooks'
 * const hooks = createHooks()
 * const deploy = hooks.wrap({ name: 'deploy', before: 'BeforeToolExecution' }, (to: string) => `on ${to}`)
 * const yes = () => hook.continue()
 * const no = () => hook.cancel('not on Fridays')
 * hooks.register('BeforeToolExecution', compose.voting({ threshold: 2 / 3 }, [yes, no, no]), { name: 'board', kind: 'guard' })
 * console.assert((await deploy('production')).status === 'cancelled')
 * ```
 */
export const compose = { sequential, parallel, firstMatch, voting } as const
