/** The hooks of the report: they log, measure, cache, mask and refuse. One is slow on purpose, and its breaker leaves it out. */
import { basename } from 'node:path'
import { hook } from 'hookchart'
import type { System } from 'hookchart'
import { readText } from './tools.ts'

/** What hooks have seen. */
export interface Seen {
  /** How often each point was passed. */
  readonly points: Map<string, number>
  /** By tool: how often it ran, and how long all of that took. */
  readonly tools: Map<string, { readonly times: number; readonly ms: number }>
  masked: number
}

const SECRETS = /\b(?:sk-[\w-]{16,}|gh[pousr]_\w{20,}|AKIA[0-9A-Z]{16}|eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,})/g

/** A text without what looks like a secret, and how many of those there were. */
export function masked(text: string): { readonly text: string; readonly secrets: number } {
  let secrets = 0
  const without = text.replace(SECRETS, () => {
    secrets++
    return '***'
  })
  return { text: without, secrets }
}

/** Registers all of them; gives what they see. */
export function watch({ hooks }: System): Seen {
  const seen: Seen = { points: new Map(), tools: new Map(), masked: 0 }

  hooks.register(
    ['*'],
    ({ point }) => {
      seen.points.set(point, (seen.points.get(point) ?? 0) + 1)
    },
    { name: 'log', kind: 'observe' },
  )

  hooks.registerPair(
    {
      before: [
        'BeforeToolExecution',
        ({ locals, timestamp }) => {
          locals['since'] = timestamp
        },
      ],
      after: [
        'AfterToolExecution',
        ({ locals, timestamp, component }) => {
          const { times, ms } = seen.tools.get(component.name) ?? { times: 0, ms: 0 }
          seen.tools.set(component.name, { times: times + 1, ms: ms + timestamp - Number(locals['since']) })
        },
      ],
    },
    { name: 'measure', priority: 'highest' },
  )

  // The same tool with the same input in one minute runs once.
  hooks.register(
    'BeforeToolExecution',
    ({ component, data }) => hook.cache({ key: `${component.name} ${JSON.stringify(data.input)}`, ttlMs: '1m' }),
    { name: 'cache', match: { type: 'tool' } },
  )

  hooks
    .for(readText)
    .register(
      'BeforeToolExecution',
      ({ data: { input } }) =>
        basename(input.path).startsWith('.') ? hook.cancel(`${input.path} is none of a report's business`) : undefined,
      { name: 'no_dotfiles', kind: 'guard' },
    )

  hooks.for(readText).register(
    'AfterToolExecution',
    ({ data: { output } }) => {
      const { text, secrets } = masked(output.text)
      seen.masked += secrets
      return secrets === 0 ? undefined : hook.modified({ output: { ...output, text } })
    },
    { name: 'mask', priority: 'lowest', onFailure: 'closed' },
  )

  // Twice too late, and it is not called any more.
  hooks.register('BeforeToolExecution', () => new Promise<undefined>(() => undefined), {
    name: 'slow',
    timeoutMs: 40,
    breaker: { failureThreshold: 2, openMs: '1m' },
  })

  return seen
}
