/** What a trace and a journal say was so stays so, whatever is done with the objects afterwards; in production too. */
import { createHooks, createMemoryJournal, hook } from 'hookchart/hooks'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

beforeEach(() => {
  vi.stubEnv('NODE_ENV', 'production')
})
afterEach(() => {
  vi.unstubAllEnvs()
})

const POINTS = { before: 'BeforeToolExecution', after: 'AfterToolExecution' } as const

test('an effect or a caller that changes its objects rewrites no history', async () => {
  const journal = createMemoryJournal()
  const hooks = createHooks({ journal })
  hooks.register(POINTS.before, () => hook.modified({ input: { to: 'ann' } }), { name: 'who' })
  hooks.register(POINTS.after, () => hook.modified({ output: { ok: true } }), { name: 'out' })
  const send = hooks.wrap({ name: 'send', ...POINTS }, (mail: { to: string }) => {
    mail.to = 'eve'
    return 1
  })
  const given = { to: 'x' }
  const result = await send(given)
  given.to = 'changed by the caller'
  ;(result.output as unknown as { ok: unknown }).ok = 'changed by the caller'
  const changes = result.trace.flatMap(({ patches, inversePatches }) =>
    patches === undefined ? [] : [patches, inversePatches ?? []],
  )
  expect(changes.map((all) => all.map(({ value }) => value as unknown))).toEqual([
    [{ to: 'ann' }],
    [{ to: 'x' }],
    [{ ok: true }],
    [1],
  ])
  expect(JSON.stringify(journal.read(result.id))).not.toMatch(/eve|changed by the caller/)
})
