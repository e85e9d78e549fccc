/**
 * A machine of your own with gates: `hooked` puts hooks on transitions that exist, `gate` is a state that waits for them.
 * The machine stays as it is; who registers no hook pays nothing.
 */
import { toMermaid } from 'hookchart/chart'
import { createHooks, definePoint, hook } from 'hookchart/hooks'
import { gate, gates, hooked } from 'hookchart/machines'
import { createActor, setup } from 'xstate'

const beforePublish = definePoint('before_publish', { phase: 'before', decisions: ['cancel', 'modified', 'suspend'] })
const beforeReview = definePoint('before_review', { phase: 'before', decisions: ['cancel'] })

const article = hooked(
  setup({
    ...gates,
    types: {
      context: {} as { title: string },
      events: {} as { type: 'SUBMIT' } | { type: 'PUBLISH'; by: string } | { type: 'EDIT' },
    },
  }).createMachine({
    id: 'article',
    context: { title: 'Statecharts' },
    initial: 'draft',
    states: {
      draft: { on: { SUBMIT: 'checking' } },
      // A gate as a state, for a machine that is designed with one.
      checking: gate(beforeReview, { continue: 'review', cancel: 'draft' }),
      review: { on: { PUBLISH: 'published', EDIT: 'draft' } },
      published: { type: 'final' },
    },
  }),
  // Gates on a transition that is there already.
  { on: { PUBLISH: { before: beforePublish } } },
)

console.log('A MACHINE OF YOUR OWN, with gates\n')
console.log(toMermaid(article))

const hooks = createHooks({ points: [beforePublish, beforeReview] })
const steps: string[] = []
hooks.register(beforeReview, () => void steps.push('spell checked'), { name: 'spelling' })
hooks.register(
  beforePublish,
  async (ctx) => {
    await Promise.resolve()
    const { by } = (ctx.data as { input: { by: string } }).input
    return by === 'intern' ? hook.cancel('ask an editor') : undefined
  },
  { name: 'only_editors', kind: 'guard' },
)

const actor = createActor(article.provide(hooks.provide()))
actor.start()
const show = (what: string) =>
  console.log(`${what.padEnd(26)} ${JSON.stringify(actor.getSnapshot().value)} ${steps.splice(0).join(', ')}`.trimEnd())

show('at the beginning')
// All hooks are synchronous: the decision is taken before send returns.
actor.send({ type: 'SUBMIT' })
show('SUBMIT')
// This guard takes its time: the machine stays where it is until it has decided.
actor.send({ type: 'PUBLISH', by: 'intern' })
show('PUBLISH by an intern')
await hooks.idle()
await new Promise((resolve) => setImmediate(resolve))
show('… the guard has decided')
actor.send({ type: 'PUBLISH', by: 'editor' })
show('PUBLISH by an editor')
await new Promise((resolve) => setImmediate(resolve))
show('… the guard has decided')

await hooks.stop()

console.log('\nLesson: the source of a hooked transition is not left before the hooks have decided, so')
console.log('no entry, timer or invoke of it starts again; and the event comes through unchanged.')
