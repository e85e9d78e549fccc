/** Law 6 at its edges: whatever a hook throws, returns or changes, an open one changes nothing and a closed one refuses. */
import { compose, createHooks, hook } from 'hookchart/hooks'
import type { HookOptions } from 'hookchart/hooks'
import { createTestClock, createTestIds } from 'hookchart/testing'
import { describe, expect, test } from 'vitest'
import { TOOL } from '../support/kernel.ts'

/** What has no text: neither String() nor a template can make one of it. */
const textless: unknown = Object.create(null)

function run(handler: unknown, options: HookOptions = {}) {
  const hooks = createHooks({ clock: createTestClock(), ids: createTestIds() })
  hooks.register(TOOL.before, handler as never, { name: 'x', ...options })
  return hooks.wrap({ name: 'tool', ...TOOL }, (input: unknown) => input)({ list: [2, 1], a: 1 })
}

const throwing = (thrown: unknown) => () => {
  throw thrown
}

const strange: [string, unknown][] = [
  ['a text', 'boom'],
  ['undefined', undefined],
  ['null', null],
  ['a symbol', Symbol('boom')],
  ['a function', () => 1],
  ['an error without a message', new Error()],
]

describe.each(strange)('a hook that throws %s', (_, thrown) => {
  test('is recorded and skipped, now or later', async () => {
    for (const handler of [throwing(thrown), () => Promise.reject(thrown)]) {
      const { status, trace } = await run(handler)
      expect(status).toBe('completed')
      expect(trace.find((entry) => entry.hook === 'x')).toMatchObject({ outcome: 'failed', code: 'HOOK_FAILED' })
    }
  })

  test('refuses when it is a guard', async () => {
    expect(await run(throwing(thrown), { kind: 'guard' })).toMatchObject({
      status: 'cancelled',
      error: { code: 'GUARD_FAILED' },
    })
  })
})

describe('a hook that throws what has no text', () => {
  test.each<[string, unknown, HookOptions]>([
    ['a transform', throwing(textless), {}],
    ['an observer', throwing(textless), { kind: 'observe' }],
    ['an async transform', () => Promise.reject(textless), {}],
    ['a condition', () => undefined, { when: throwing(textless) }],
    ['a child of a composite', compose.sequential(throwing(textless)), {}],
    ['a recipe', () => hook.modified(throwing(textless)), {}],
  ])('changes nothing as %s', async (_, handler, options) => {
    // An invalid change of a tool's input fails the operation, by its own code.
    expect(['completed', 'HOOK_INVALID_CHANGE']).toContain(
      await Promise.resolve(run(handler, options)).then(({ status, error }) => error?.code ?? status),
    )
  })

  test('refuses as a guard', async () => {
    expect(await run(throwing(textless), { kind: 'guard' })).toMatchObject({ status: 'cancelled' })
  })
})

describe('a recipe in the shortest way to write it', () => {
  test.each<[string, (draft: { input: { list: number[]; a: number } }) => unknown, object]>([
    ['an assignment', (draft) => (draft.input.a = 2), { list: [2, 1], a: 2 }],
    ['push', (draft) => draft.input.list.push(3), { list: [2, 1, 3], a: 1 }],
    ['delete', (draft) => Reflect.deleteProperty(draft.input, 'a'), { list: [2, 1] }],
  ])('%s is accepted', async (_, change, output) => {
    expect(await run(() => hook.modified(change as never))).toMatchObject({ status: 'completed', output })
  })

  // What they give is a part of the draft, which is revoked once the recipe is over.
  test.each<[string, (draft: { input: { list: number[]; a: number } }) => unknown, object]>([
    ['sort', (draft) => draft.input.list.sort(), { list: [1, 2] }],
    ['reverse', (draft) => draft.input.list.reverse(), { list: [1, 2] }],
    ['Object.assign', (draft) => Object.assign(draft.input, { a: 2 }), { a: 2 }],
  ])('%s is accepted', async (_, change, output) => {
    expect(await run(() => hook.modified(change as never))).toMatchObject({ status: 'completed', output })
  })
})

test('a result whose getter throws is a failure of its hook', async () => {
  const broken = {
    get type() {
      throw new Error('not ready')
    },
  }
  expect(await run(() => broken)).toMatchObject({ status: 'completed' })
})
