/** `defineChain`: components one by one and all at once, every option, its default and its refusal. */
import { defineChain } from 'hookchart/machines'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { errorOf } from '../support/refusal.ts'
import { changeable, reader, report, wordCount } from './define-samples.ts'

const COMPONENT = { after: [], input: undefined, onError: 'fail', compensate: undefined, timeoutMs: 30_000 }

test('what is not given has its default', () => {
  expect({ ...defineChain('triage') }).toEqual({
    type: 'chain',
    name: 'triage',
    component: { type: 'chain', name: 'triage', id: 'triage' },
    description: '',
    version: '1.0.0',
    tags: [],
    input: undefined,
    timeoutMs: 300_000,
    maxConcurrency: 4,
    metadata: {},
    components: [],
  })
})

test('what is given is kept, and nothing of it can be changed', () => {
  const metadata = { a: { b: 1 } }
  const given = { description: 'x', version: '2.0.0', tags: ['a'], input: z.string(), maxConcurrency: 1, metadata }
  const chain = defineChain('triage', { ...given, timeoutMs: '1s' }).agent(reader, {
    input: ({ input }) => ({ text: input }),
  })
  metadata.a.b = 2
  expect(chain).toMatchObject({ ...given, metadata: { a: { b: 1 } }, timeoutMs: 1_000 })
  expect(changeable(chain)).toEqual([])
  expect(defineChain('triage', { timeoutMs: false }).timeoutMs).toBeUndefined()
})

test('components are added to a new chain; the old one stays as it is', () => {
  const empty = defineChain('triage')
  const first = empty.tool(wordCount)
  const full = first
    .agent(reader, { after: ['word_count'] })
    .workflow(report, { id: 'last', after: ['reader', 'word_count', 'reader'] })
  expect(empty.components).toEqual([])
  expect(first.components).toEqual([{ ...COMPONENT, id: 'word_count', type: 'tool', component: wordCount }])
  expect(full.components.slice(1)).toEqual([
    { ...COMPONENT, id: 'reader', type: 'agent', component: reader, after: ['word_count'] },
    // A workflow has a time limit of its own.
    {
      ...COMPONENT,
      id: 'last',
      type: 'workflow',
      component: report,
      after: ['reader', 'word_count'],
      timeoutMs: undefined,
    },
  ])
})

test('the object form takes the same, in any order', () => {
  const input = () => ({ text: 'a' })
  const chain = defineChain('triage', {
    components: [
      { workflow: report, after: ['reader'], input },
      { agent: reader, after: ['count'] },
      { tool: wordCount, id: 'count' },
    ],
  })
  expect(chain.components.map(({ id, type, after }) => [id, type, after])).toEqual([
    ['report', 'workflow', ['reader']],
    ['reader', 'agent', ['count']],
    ['count', 'tool', []],
  ])
  expect(chain.components[0]!.input).toBe(input)
})

test('a component keeps its options', () => {
  const compensate = () => undefined
  const fallback = { words: 1 }
  const chain = defineChain('triage').tool(wordCount, { onError: { fallback }, compensate, timeoutMs: '1s' })
  fallback.words = 2
  expect(chain.components[0]).toMatchObject({ onError: { fallback: { words: 1 } }, compensate, timeoutMs: 1_000 })
  const late = () => ({ words: 1 })
  for (const onError of ['fail', 'skip_dependants', 'compensate', { fallback: late }] as const) {
    expect(defineChain('triage').tool(wordCount, { onError }).components[0]).toMatchObject({ onError })
  }
  expect(defineChain('triage').tool(wordCount, { timeoutMs: false }).components[0]!.timeoutMs).toBeUndefined()
})

describe('refused:', () => {
  const badChains: [string, unknown, object, string][] = [
    ['a glob as a name', 'a*', {}, '"name"'],
    ['no name', undefined, {}, '"name"'],
    ['an input that is no schema', 'a', { input: 1 }, '"input"'],
    ['no time', 'a', { timeoutMs: 0 }, '"timeoutMs"'],
    ['no slot', 'a', { maxConcurrency: 0 }, '"maxConcurrency"'],
    ['metadata that is not JSON', 'a', { metadata: 1 }, '"metadata"'],
    ['a version that is no text', 'a', { version: 1 }, '"version"'],
    ['a description that is no text', 'a', { description: 1 }, '"description"'],
    ['a tag twice', 'a', { tags: ['x', 'x'] }, '"tags"'],
    ['an unknown option', 'a', { concurrency: 1 }, 'unknown option "concurrency"'],
    ['no component at all', 'a', { components: [] }, 'expected at least one component'],
    [
      'a component that is nothing',
      'a',
      { components: [{}] },
      'component 0: a component has no tool, agent or workflow',
    ],
    ['a component that is two things', 'a', { components: [{ tool: wordCount, agent: reader }] }, 'has tool and agent'],
    ['a component that is no object', 'a', { components: ['reader'] }, 'component 0'],
    ['what was not defined', 'a', { components: [{ agent: { name: 'x' } }] }, 'the agent is an object'],
  ]

  test.each(badChains)('%s', (_, name, options, problem) => {
    const error = errorOf(() => defineChain(name as never, options as never))
    expect(error.code).toBe('INVALID_OPTIONS')
    expect(error.message).toMatch(/^defineChain\(/)
    expect(error.message).toContain(problem)
  })

  const badComponents: [string, unknown, string][] = [
    ['an empty id', { id: '' }, '"id"'],
    ['__proto__ as an id', { id: '__proto__' }, '"id"'],
    ['after that is no list', { after: 'reader' }, '"after"'],
    ['an input that is no function', { input: {} }, '"input": expected a function'],
    ['an unknown policy', { onError: 'ignore' }, '"onError": expected \'fail\''],
    ['an unknown key of a policy', { onError: { fallback: 1, retry: 1 } }, 'unknown option "retry"'],
    [
      'a fallback that is not JSON',
      { onError: { fallback: new Date(0) } },
      '"onError.fallback": expected JSON or a function',
    ],
    ['a compensation that is no function', { compensate: 1 }, '"compensate"'],
    ['no time', { timeoutMs: 0 }, '"timeoutMs"'],
    ['an unknown option', { retries: 1 }, 'unknown option "retries"'],
    ['a second component', { agent: reader }, 'unknown option "agent"'],
    ['options that are none', 5, 'expected object'],
  ]

  test.each(badComponents)('a component with %s', (_, options, problem) => {
    const error = errorOf(() => defineChain('triage').tool(wordCount, options as never))
    expect(error.code).toBe('INVALID_OPTIONS')
    expect(error.message).toContain('defineChain("triage").tool("word_count")')
    expect(error.message).toContain(problem)
  })

  test('what is no tool, agent or workflow', () => {
    const chain = defineChain('triage')
    expect(errorOf(() => chain.tool(reader as never)).message).toContain('Give what defineTool gave.')
    expect(errorOf(() => chain.agent(undefined as never)).message).toContain('the agent is undefined')
    expect(errorOf(() => chain.workflow(null as never)).message).toContain('the workflow is null')
  })

  test('two components of one id', () => {
    expect(errorOf(() => defineChain('triage').agent(reader).agent(reader))).toMatchObject({
      code: 'DUPLICATE_NAME',
      details: { name: 'reader' },
    })
  })

  test('a component after one that is not there', () => {
    const error = errorOf(() =>
      defineChain('triage')
        .agent(reader)
        .tool(wordCount, { after: ['writer'] }),
    )
    expect(error.code).toBe('INVALID_OPTIONS')
    expect(error.message).toContain('"word_count" comes after "writer", which is no component of the chain')
    expect(error.message).toContain('Add it first, or use the object form')
    const components = [{ agent: reader, after: ['writer'] }]
    expect(errorOf(() => defineChain('triage', { components })).message).toContain('Give it an entry in components')
  })

  const link = (id: string, ...after: string[]) => ({ agent: reader, id, after })
  const cycles: [string, ReturnType<typeof link>[], string[]][] = [
    ['one', [link('a', 'a')], ['a', 'a']],
    ['two', [link('a', 'b'), link('b', 'a')], ['a', 'b', 'a']],
    [
      'three, met from outside',
      [link('x', 'a'), link('a', 'b'), link('b', 'c'), link('c', 'x', 'a')],
      ['x', 'a', 'b', 'c', 'x'],
    ],
    [
      'a diamond that leads back',
      [link('d', 'b', 'c'), link('b', 'a'), link('c', 'a'), link('a', 'c')],
      ['a', 'c', 'a'],
    ],
  ]

  test.each(cycles)('a circle of %s', (_, components, path) => {
    const error = errorOf(() => defineChain('triage', { components }))
    expect(error).toMatchObject({ code: 'GRAPH_CYCLE', details: { path } })
    expect(error.message).toContain(path.join(' → '))
  })

  test('a component after itself', () => {
    expect(errorOf(() => defineChain('triage').agent(reader, { after: ['reader'] })).code).toBe('GRAPH_CYCLE')
  })
})

test('a diamond is no circle, and a long chain no problem', () => {
  const link = (id: string, ...after: string[]) => ({ agent: reader, id, after })
  const diamond = [link('d', 'b', 'c'), link('b', 'a'), link('c', 'a'), link('a')]
  expect(defineChain('triage', { components: diamond }).components).toHaveLength(4)
  const long = Array.from({ length: 5_000 }, (_, i) => link(`c${i}`, ...(i < 4_999 ? [`c${i + 1}`] : [])))
  expect(defineChain('triage', { components: long }).components).toHaveLength(5_000)
})
