/** Anything can be thrown. What is, ends the operation that it belongs to, and nothing else. */
import { createHooks, HookchartError } from 'hookchart/hooks'
import { describe, expect, test } from 'vitest'

class BadCode extends Error {
  get code(): string {
    throw new Error('no code for you')
  }
}

class BadMessage extends Error {
  override get message(): string {
    throw new Error('no message for you')
  }
}

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  return proxy
}

const oddName = Object.assign(new Error('odd'), { name: new Map() })

const things: [string, () => unknown][] = [
  ['an error whose code cannot be read', () => new BadCode('x')],
  ['an error whose message cannot be read', () => new BadMessage()],
  ['an error whose name is no text', () => oddName],
  ['a revoked proxy', revoked],
  ['an object without a prototype', () => Object.create(null) as object],
  ['a symbol', () => Symbol('s')],
  ['undefined', () => undefined],
]

describe.each(things)('%s', (_, make) => {
  test('thrown by an effect fails its operation, and hooks there see an error', async () => {
    for (const isAsync of [false, true]) {
      const hooks = createHooks()
      const seen: unknown[] = []
      hooks.register('ToolError', (ctx) => void seen.push(ctx.data.error), { name: 'watch' })
      const effect = isAsync ? () => Promise.reject(make()) : thrower(make)
      const result = await hooks.wrap({ name: 'tool', error: 'ToolError' }, effect)('x')
      expect(result).toMatchObject({ status: 'failed' })
      expect(result.error).toBeInstanceOf(HookchartError)
      expect(seen).toMatchObject([{ code: 'EFFECT_FAILED', retryable: false }])
    }
  })

  test('thrown by hooks that fail open is their own failure', async () => {
    const hooks = createHooks()
    const throws = thrower(make)
    const rejects = () => Promise.reject(make())
    hooks.register('BeforeToolExecution', throws, { name: 'a' })
    hooks.register('BeforeToolExecution', rejects, { name: 'b' })
    hooks.register('BeforeToolExecution', () => undefined, { name: 'c', when: throws })
    hooks.register('BeforeToolExecution', throws, { name: 'd', kind: 'observe' })
    hooks.register('BeforeToolExecution', rejects, { name: 'e', kind: 'observe' })
    const result = await hooks.wrap({ name: 'tool', before: 'BeforeToolExecution' }, () => 1)('x')
    expect(result).toMatchObject({ status: 'completed', output: 1 })
    await hooks.idle()
    await hooks.stop()
  })
})

test('a hook that returns what cannot be read has failed', async () => {
  const hooks = createHooks()
  hooks.register('BeforeToolExecution', () => revoked() as never, { name: 'a' })
  hooks.register('BeforeToolExecution', async () => revoked() as never, { name: 'b' })
  const result = await hooks.wrap({ name: 'tool', before: 'BeforeToolExecution' }, () => 1)('x')
  expect(result).toMatchObject({ status: 'completed', output: 1 })
  const codes = result.trace.map((entry) => (entry as { code?: string }).code)
  // A promise reads what it resolves to, so there it is the promise that fails.
  expect(codes.filter((code) => code !== undefined)).toEqual(['HOOK_INVALID_RESULT', 'HOOK_FAILED'])
})

function thrower(make: () => unknown): () => never {
  return () => {
    throw make()
  }
}
