/**
 * Pairs: one hook with a part before a model call and a part behind it. Both share `ctx.locals`, and the parts behind
 * unwind: first in, last out. A part at OperationSettled runs on every ending, so what was taken is given back.
 */
import { createHooks, hook } from 'hookchart/hooks'

const hooks = createHooks()
const say = (indent: number, what: string, text: string) => {
  console.log(`  ${`${'  '.repeat(indent)}${what}`.padEnd(18)} ${text}`)
}

const askModel = hooks.wrap(
  { name: 'ask_model', before: 'BeforeModelCall', after: 'AfterModelCall', data: { model: 'small' } },
  (question: string) => {
    say(3, '* model', question)
    if (question.includes('weather')) throw new Error('overloaded')
    return question.replace(/^Has (\w+) (.*)\?$/, '$1 has $2.')
  },
)

// Registered from the inside out: priorities order the parts before the call, and the parts behind follow from that.
let tokensLeft = 1_000
hooks.registerPair(
  {
    before: [
      'BeforeModelCall',
      ({ data, locals }) => {
        locals['name'] = /Ann|Bob/.exec(String(data.input))?.[0]
        say(2, '> hide_name', `takes out ${String(locals['name'])}`)
        return hook.modified({ input: String(data.input).replace(/Ann|Bob/, 'PERSON') })
      },
    ],
    after: [
      'AfterModelCall',
      ({ data, locals }) => {
        say(2, '< hide_name', `puts ${String(locals['name'])} back`)
        return hook.modified({ output: String(data.output).replace('PERSON', String(locals['name'])) })
      },
    ],
  },
  { name: 'hide_name', priority: 'low' },
)
hooks.registerPair(
  {
    before: ['BeforeModelCall', () => say(1, '> reserve', `100 tokens, ${(tokensLeft -= 100)} left`)],
    after: [
      'OperationSettled',
      ({ data: { status } }) => {
        if (status !== 'completed') tokensLeft += 100
        say(1, '< reserve', status === 'completed' ? 'they are used' : `gives them back, ${tokensLeft} left`)
      },
    ],
  },
  { name: 'reserve' },
)
hooks.registerPair(
  {
    before: ['BeforeModelCall', () => say(0, '> span', 'begins')],
    after: ['OperationSettled', ({ data: { status } }) => say(0, '< span', `ends: ${status}`)],
  },
  { name: 'span', priority: 'high' },
)
const isAllowed = (question: unknown) => !String(question).includes('password')
hooks.register('BeforeModelCall', ({ data }) => (isAllowed(data.input) ? undefined : hook.cancel('no passwords')), {
  name: 'no_passwords',
  kind: 'guard',
})

console.log('PAIRS: what is opened before a model call is closed behind it, in reverse')

for (const question of ['Has Ann paid?', 'Has Bob asked for the weather?', 'Has Ann told you her password?']) {
  console.log(`\n${question}\n`)
  const { status, output, error } = await askModel(question)
  console.log(`\n  ${status}: ${output ?? error?.message.split(': ').at(-1)}`)
}

console.log(`\nexplain says: ${hooks.explain('OperationSettled').pairs[0]!.text}`)
console.log('\nLesson: put what must be undone into one pair. The part behind finds in locals')
console.log('what the part before left there. AfterModelCall comes on success only;')
console.log('OperationSettled comes always, also when a guard refuses or the model fails.')
