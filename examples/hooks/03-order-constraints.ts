/**
 * Order constraints: hooks of different authors that only know each other's names. `before` and `after` move the hook
 * that says so and leave the other where it is; what cannot be is refused when it is registered.
 */
import { createHooks, isHookchartError } from 'hookchart/hooks'
import type { HookOptions } from 'hookchart/hooks'
import { recorder } from 'hookchart/testing'

const POINT = 'BeforeToolExecution'
const hooks = createHooks()
const seen = recorder()
const add = (name: string, options: HookOptions = {}) => hooks.register(POINT, seen.handler(name), { name, ...options })

/** Prints the order that came out of it, and for each hook why it stands behind the one above. */
function show(title: string) {
  const { hooks: chain, pairs, unbound } = hooks.explain(POINT)
  console.log(`\n${title}:\n`)
  console.log('  hook          priority  counts as  stands there by')
  for (const [i, { name, priority, effectivePriority }] of chain.entries()) {
    const numbers = `${String(priority).padStart(8)}  ${String(effectivePriority).padStart(9)}`
    console.log(`  ${name.padEnd(12)}  ${numbers}  ${pairs[i - 1]?.because ?? '(first)'}`)
  }
  for (const { hook: name, constraint, name: other } of unbound) {
    console.log(`  not bound yet: "${name}" wants to run ${constraint} "${other}"`)
  }
}

/** Registers a hook that cannot be placed, and prints why. */
function refuse(what: string, register: () => unknown) {
  try {
    register()
  } catch (error) {
    if (!isHookchartError(error)) throw error
    console.log(`  ${what}\n    ${error.code}: ${(error.details['hooks'] as string[]).join(' > ')}`)
  }
}

console.log('ORDER CONSTRAINTS: hooks in front of the tool web_search')

// The app brings three hooks. Two plugins bring one each; they know names, but not the numbers of the others.
add('expand_query', { priority: 'high' })
add('translate')
add('log_query', { priority: 'low' })
add('redact_pii', { priority: 'low', before: ['translate'] })
add('spell_check', { priority: 'highest', after: ['expand_query'], before: ['thesaurus'] })
show('Three hooks of the app, and the plugins redact_pii and spell_check')

add('thesaurus', { priority: 'high' })
show('Now with thesaurus, for which spell_check has been waiting')

console.log('\nWhat cannot be is refused when it is registered, and nothing changes:\n')
refuse('cache_key: after translate and before redact_pii', () =>
  add('cache_key', { after: ['translate'], before: ['redact_pii'] }),
)
refuse('allow_list: a guard before a transform', () => add('allow_list', { kind: 'guard', before: ['translate'] }))

await hooks.wrap({ name: 'web_search', before: POINT }, (query: string) => query)('cheap flights')
console.log(`\nCalled: ${seen.order.join(', ')}`)

console.log('\nLesson: where the order matters, say so by name. The hook that declares a')
console.log('constraint moves, the hook that it names stays.')
