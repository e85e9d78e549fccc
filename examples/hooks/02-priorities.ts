/**
 * Priorities: hooks that build the prompt of a model, registered in any order. Lower numbers run first, then who was
 * registered first. Kinds come before priorities: transforms, then guards, then observers.
 */
import { createHooks, hook } from 'hookchart/hooks'

const hooks = createHooks()
const called: string[] = []

const callModel = hooks.wrap(
  { name: 'travel_model', before: 'BeforeModelCall', data: { model: 'small' } },
  (prompt: string) => prompt,
)

const prompts = hooks.for<string, string>(callModel.component)

// These five add a line each. Watch where "persona" and "format" end up.
const additions = [
  ['format', 'lowest', 'Answer in one sentence.'],
  ['memory', 'normal', 'The user prefers metric units.'],
  ['tools', 'normal', 'You may call the tool "weather".'],
  ['date', -10, 'Today is Monday.'],
  ['persona', 'highest', 'You are a travel assistant.'],
] as const

for (const [name, priority, line] of additions) {
  prompts.register(
    'BeforeModelCall',
    (ctx) => {
      called.push(name)
      return hook.modified({ input: `${ctx.data.input}\n${line}` })
    },
    { name, priority },
  )
}

// An observer and a guard, both as early as priorities go.
prompts.register('BeforeModelCall', () => void called.push('audit'), {
  name: 'audit',
  kind: 'observe',
  priority: 'highest',
})
prompts.register(
  'BeforeModelCall',
  (ctx) => {
    called.push('length')
    return ctx.data.input.length > 500 ? hook.cancel('the prompt is too long') : undefined
  },
  { name: 'length', kind: 'guard', priority: 'highest' },
)

console.log('PRIORITIES: who comes first when a prompt is built\n')
console.log('highest -1000 · high -100 · normal 0 · low 100 · lowest 1000 · or any number\n')
console.log(`Registered: ${[...additions.map(([name]) => name), 'audit', 'length'].join(', ')}\n`)

console.log('The order that they run in, and why each stands behind the one above it:\n')
const { hooks: chain, pairs } = hooks.explain('BeforeModelCall')
for (const [i, { name, kind, priority }] of chain.entries()) {
  const why = pairs[i - 1]?.because ?? ''
  console.log(`  ${i + 1}. ${name.padEnd(8)} ${kind.padEnd(10)} ${String(priority).padStart(5)}   ${why}`.trimEnd())
}

const { output } = await callModel('Do I need an umbrella in Oslo?')
console.log(`\nCalled: ${called.join(', ')}`)
console.log(`\nThe prompt that the model gets:\n\n${String(output).replaceAll(/^/gm, '  | ')}`)

console.log('\nLesson: a priority orders hooks of one kind. The guard and the observer are')
console.log('"highest" too, and still come behind all hooks that may change the prompt.')
