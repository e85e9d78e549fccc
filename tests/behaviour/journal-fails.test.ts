/** A journal that cannot write: the operation fails with JOURNAL_FAILED before its effect starts, and nothing hangs. */
import { createHooks, createMemoryJournal, isHookchartError } from 'hookchart/hooks'
import type { Journal, RunJournal } from 'hookchart/hooks'
import { afterEach, describe, expect, test, vi } from 'vitest'

afterEach(() => {
  vi.unstubAllEnvs()
})

type Place = 'open' | 'append' | 'commit' | 'commit, later' | 'close' | 'single'

function full(): never {
  throw new Error('disk full')
}

/** A journal that fails in one place. */
function broken(place: Place): Journal {
  const journal = createMemoryJournal()
  return {
    ...journal,
    append: (entry) => {
      if (place === 'single') full()
      journal.append(entry)
    },
    open: (run, correlationId): RunJournal => {
      if (place === 'open') full()
      const opened = journal.open(run, correlationId)
      return {
        append: (entry) => {
          if (place === 'append') full()
          opened.append(entry)
        },
        commit: () => {
          if (place === 'commit') full()
          return place === 'commit, later' ? Promise.reject(new Error('disk full')) : undefined
        },
        close: () => {
          if (place === 'close') full()
          opened.close()
        },
      }
    },
  }
}

describe.each(['production', 'test'])('in %s', (environment) => {
  test.each<Place>(['open', 'append', 'commit', 'commit, later'])(
    '%s: no effect starts, and stop() ends',
    async (place) => {
      vi.stubEnv('NODE_ENV', environment)
      const hooks = createHooks({ journal: broken(place) })
      hooks.register('BeforeToolExecution', () => undefined, { name: 'a' })
      const effect = vi.fn(() => 1)
      const result = await hooks.wrap({ name: 'tool', before: 'BeforeToolExecution' }, effect)('x')
      expect(result).toMatchObject({ status: 'failed', error: { code: 'JOURNAL_FAILED' } })
      expect(result.error?.message).toContain('disk full')
      expect(effect).not.toHaveBeenCalled()
      await hooks.stop()
    },
  )

  test.each<Place>(['open', 'append', 'commit', 'commit, later', 'close'])(
    '%s: a firing in which a hook used its operation fails too',
    async (place) => {
      vi.stubEnv('NODE_ENV', environment)
      const hooks = createHooks({ journal: broken(place) })
      hooks.register('BeforeToolExecution', (ctx) => void ctx.locals, { name: 'a' })
      const fired = (async () => hooks.run('BeforeToolExecution', { input: 1 } as never))()
      const error: unknown = await fired.catch((thrown: unknown) => thrown)
      expect(isHookchartError(error, 'JOURNAL_FAILED')).toBe(true)
      await hooks.stop()
    },
  )
})

test('a quiet firing that cannot be written says so', () => {
  vi.stubEnv('NODE_ENV', 'production')
  const hooks = createHooks({ journal: broken('single') })
  hooks.register('BeforeToolExecution', () => undefined, { name: 'a' })
  expect(() => hooks.run('BeforeToolExecution', { input: 1 } as never)).toThrow(
    expect.objectContaining({ code: 'JOURNAL_FAILED' }) as Error,
  )
})
