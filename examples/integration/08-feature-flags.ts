/**
 * Steps that are still an experiment say so in their metadata, and one hook passes them over as long as their flag is off. Flags
 * are settings of the system: they are changed while it runs, and who wants to know is told. A script may be such a hook as well.
 */
import { adaptHook, createSystem, hook, seedTableAdapter, sequential, step } from 'hookchart'
import type { HookContext, StepCall, System } from 'hookchart'
import { createTestClock, createTestIds } from 'hookchart/testing'

const experiment = (flag: string) => ({ metadata: { experimental: true, flag } })
const add = (word: string) => (call: StepCall<string>) => `${call.input} ${word}`

const offer = sequential({
  name: 'offer',
  steps: [
    step.run('price', add('price')),
    step.run('guess_mood', add('mood'), experiment('mood')),
    step.run('discount', add('discount'), experiment('discounts')),
    step.run('write', add('letter')),
    step.run('sing', add('song'), experiment('songs')),
  ],
})

/** Whether a step may run by the flags; what is no experiment may. */
function isOn({ config }: System, { metadata }: { readonly metadata: Readonly<Record<string, unknown>> }): boolean {
  if (metadata['experimental'] !== true) return true
  const flags = config.get('feature_flags') as Readonly<Record<string, boolean>> | undefined
  return flags?.[String(metadata['flag'])] === true
}

/** Passes over the experiments whose flags are off. */
function obeyFlags(system: System) {
  const passOver = ({ step: next, data }: HookContext) => {
    if (isOn(system, next!)) return undefined
    const message = `${next!.name} is off`
    // Nothing is behind the last one: what it was given is what there is.
    return next!.nextStep === undefined
      ? hook.replace(data.input, { message })
      : hook.redirect(next!.nextStep, { message })
  }
  return system.hooks.register('workflow:before_step', passOver, { name: 'feature_flags', priority: 'highest' })
}

async function run(title: string, system: System) {
  const { status, output, error, trace } = await system.workflows.execute(offer, 'my')
  const hooks = trace.filter(({ kind }) => kind === 'transform')
  const said = hooks.flatMap(({ message }) => (message === undefined ? [] : [message]))
  console.log(`\n${title}\n → ${status}: ${String(output ?? error?.message)}`)
  console.log(`   ${said.length === 0 ? 'no step was passed over' : said.join('; ')}`)
}

console.log('EXPERIMENTS BEHIND FLAGS')
const system = createSystem({ clock: createTestClock(), ids: createTestIds() })
await run('Without the hook everything runs', system)
const flags = obeyFlags(system)
system.hooks.register(
  'ConfigurationChange',
  ({ data: { key, value, previous } }) =>
    console.log(`\n   * ${key}: ${JSON.stringify(previous ?? null)} becomes ${JSON.stringify(value)}`),
  { name: 'audit', kind: 'observe' },
)
await run('No flag is set: no experiment runs', system)
system.config.set('feature_flags', { mood: false, discounts: true })
await run('One flag is on, while the system runs', system)
system.config.set('feature_flags', { mood: true, discounts: true, songs: true })
await run('All are on', system)

// What is decided in front of a step is seen by guards: a flag cannot switch off what must be.
system.config.set('feature_flags', { mood: true })
const guard = system.hooks.register(
  'workflow:before_step',
  ({ step: next, proposal }) =>
    next!.name === 'discount' && proposal?.type === 'redirect' ? hook.cancel('everybody has a right to it') : undefined,
  { name: 'fair', kind: 'guard' },
)
await run('A guard sees that a step is to be passed over, and refuses', system)
guard.unregister()
flags.unregister()

// The same as a script says it: a table comes in, a table goes out.
system.hooks.register(
  'workflow:before_step',
  adaptHook(seedTableAdapter, ({ hook_point, step: next }) => ({
    continue_execution: true,
    skip_to_step: isOn(system, next!) ? null : (next!.next_step ?? null),
    message: isOn(system, next!) ? null : `${next!.name} is off, says a script at ${hook_point}`,
  })),
  { name: 'script', language: 'lua' },
)
await run('A script does the same, but has no word for the end: the last step runs, though it is off', system)

await system.stop()

console.log('\nLesson: what is an experiment is said where it is defined, whether it runs is said somewhere else, and')
console.log('between them stands one hook. What it passes over is passed over in all workflows, and in the trace.')
