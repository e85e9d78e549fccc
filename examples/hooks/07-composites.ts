/**
 * Composites: several hooks that act as one. A sequence of clean-ups and look-ups prepares a refund that an agent wants
 * to make, then a board of guards votes on it. A composite stands wherever a hook does, so they nest.
 */
import { compose, createHooks, defineHook, hook } from 'hookchart/hooks'

interface Refund {
  readonly amount: number
  readonly country: string
  readonly tier?: string
  readonly risk?: string
}

const POINT = 'BeforeToolExecution'
const hooks = createHooks()
const refund = hooks.wrap({ name: 'refund', before: POINT }, ({ amount }: Refund) => `${amount} EUR paid back`)

/** A transform that sets fields of the input, or has nothing to say. */
const set = (name: string, fieldsFor: (refund: Refund) => Partial<Refund> | undefined) =>
  defineHook<typeof POINT>({
    name,
    handler: ({ data }) => {
      const fields = fieldsFor(data.input as Refund)
      return fields && hook.modified((draft: { input: Refund }) => void Object.assign(draft.input, fields))
    },
  })

/** A guard that votes. Where its condition does not hold it is not asked, and so abstains. */
const vote = (name: string, isFor: (refund: Refund) => boolean, when: (refund: Refund) => boolean = () => true) =>
  defineHook<typeof POINT>({
    name,
    kind: 'guard',
    when: ({ data }) => when(data.input as Refund),
    handler: ({ data }) => (isFor(data.input as Refund) ? undefined : hook.cancel(`${name} is against it`)),
  })

// Round the amount, then look up two things at once; the risk comes from the first that knows it.
const riskOf = compose.firstMatch(
  set('by_amount', ({ amount }) => (amount > 1_000 ? { risk: 'high' } : undefined)),
  set('by_country', ({ country }) => (country === 'NO' ? { risk: 'low' } : undefined)),
  set('otherwise', () => ({ risk: 'medium' })),
)
const tierOf = set('tier', ({ country }) => ({ tier: country === 'NO' ? 'gold' : 'basic' }))
const round = set('round', ({ amount }) => ({ amount: Math.round(amount) }))
hooks.register(POINT, compose.sequential(round, compose.parallel(tierOf, riskOf)), { name: 'prepare' })

// Three votes, one of them a sequence of two guards. Guards and transforms do not mix in one composite.
const compliance = compose.sequential(
  vote('sanctions', ({ country }) => country !== 'XX'),
  vote('fraud', ({ risk }) => risk !== 'high'),
)
const loyalty = vote(
  'loyalty',
  ({ risk }) => risk === 'low',
  ({ tier }) => tier === 'gold',
)
const limit = vote('limit', ({ amount }) => amount <= 500)
hooks.register(POINT, compose.voting({ threshold: 0.5 }, [limit, compliance, loyalty]), {
  name: 'board',
  kind: 'guard',
})

console.log('COMPOSITES: an agent wants to pay money back')
const cases = [
  ['A small amount', { amount: 49.6, country: 'DE' }],
  ['Over the limit, for a gold customer', { amount: 800, country: 'NO' }],
  ['Over the limit, one vote each', { amount: 800, country: 'DE' }],
] as const
for (const [what, asked] of cases) {
  const { status, output, error, trace } = await refund(asked)
  console.log(`\n${what}\n= ${status}: ${output ?? String(error?.details['reason'])}\n`)
  for (const { hook: name, type, message } of trace) {
    const path = name?.split('/') ?? []
    const line = `${'  '.repeat(path.length)}${path.at(-1)}`.padEnd(22)
    if (path.length > 0) console.log(`${line} ${type.padEnd(9)} ${message ?? ''}`.trimEnd())
  }
}

console.log('\nLesson: sequence, parallel, first match and vote are hooks made of hooks; the')
console.log('trace says what each child did, who was outvoted and who was not asked.')
