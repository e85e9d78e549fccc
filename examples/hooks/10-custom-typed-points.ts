/**
 * Points of your own: an app that publishes what its agents write declares a point with a schema, fires it with
 * `hooks.run`, and obeys the decision. The data is typed in every handler and checked at run time.
 */
import { createHooks, definePoint, hook, isHookchartError } from 'hookchart/hooks'
import * as z from 'zod'

const Draft = z.object({ title: z.string().min(1), body: z.string(), author: z.string(), tags: z.array(z.string()) })
type Draft = z.infer<typeof Draft>

// Hooks may change a draft, refuse it, or send it to another desk; nothing else.
const decisions = ['modified', 'cancel', 'redirect'] as const
const beforePublish = definePoint('before_publish', { phase: 'before', schema: Draft, decisions })
// A point of phase notify takes observers only.
const published = definePoint('published', { phase: 'notify', schema: z.object({ title: z.string() }) })

const hooks = createHooks({ points: [beforePublish, published] })

hooks.register(
  beforePublish,
  (ctx) =>
    hook.modified((draft) => {
      draft.tags.push(`by ${ctx.data.author}`)
    }),
  { name: 'label' },
)
hooks.register(beforePublish, ({ data }) => (data.body.length > 60 ? hook.redirect('editor') : undefined), {
  name: 'length',
  priority: 'low',
})
hooks.register(beforePublish, ({ data }) => (/\bsk-\w+/.test(data.body) ? hook.cancel('it holds a key') : undefined), {
  name: 'no_keys',
  kind: 'guard',
})
// Against the schema: this change is not taken, the others are.
hooks.register(beforePublish, () => hook.modified({ title: '' }), { name: 'careless' })
const feed: string[] = []
hooks.register(published, ({ data }) => void feed.push(data.title), { name: 'feed' })

/** The app's own function: it asks the hooks and obeys their decision. */
async function publish(draft: Draft): Promise<string> {
  const decision = await hooks.run(beforePublish, draft)
  switch (decision.type) {
    case 'cancel':
      return `refused by ${decision.hook ?? 'nobody'}: ${decision.reason}`
    case 'redirect':
      return `goes to the ${decision.target} first`
    default: {
      const { title, tags } = 'data' in decision ? decision.data : draft
      await hooks.run(published, { title })
      return `published "${title}" with the tags ${tags.join(', ')}`
    }
  }
}

console.log('CUSTOM POINTS: what may be published\n')
const drafts: Draft[] = [
  { title: 'Release notes', body: 'Faster search.', author: 'agent', tags: ['news'] },
  { title: 'How to connect', body: 'Use the key sk-12345.', author: 'agent', tags: [] },
  { title: 'Our year', body: 'It was a good year. '.repeat(5), author: 'person', tags: [] },
]
for (const draft of drafts) console.log(`  ${draft.title.padEnd(15)} ${await publish(draft)}`)

console.log(`\nThe feed got: ${feed.join(', ')}`)
const { count, errors } = hooks.stats().perHook.find(({ hook: name }) => name === 'careless')!
console.log(`The hook "careless" was called ${count} times, and ${errors} changes of it were not taken.`)

// The compiler refuses this draft; what comes from outside is refused when the point fires.
try {
  await publish(JSON.parse('{ "title": "Untitled", "author": "agent", "body": 42 }') as Draft)
} catch (error) {
  if (!isHookchartError(error, 'POINT_DATA_INVALID')) throw error
  console.log(`\n${error.code} for a draft that does not fit the schema:`)
  console.log(error.message.replaceAll(/(.{1,74})(?: |$)/g, '  | $1\n').trimEnd())
}

console.log('\nLesson: a point with a schema is a contract. Hooks see typed data, changes are')
console.log('checked before they count, and the compiler knows what a hook may decide.')
