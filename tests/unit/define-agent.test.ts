/** `defineAgent`: function agents and model agents, every option, its default and its refusal. */
import { defineAgent, defineTool } from 'hookchart/machines'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { errorOf } from '../support/refusal.ts'
import { changeable, text, wordCount } from './define-samples.ts'

const execute = () => 1
const define = (options: object) => defineAgent({ name: 'reader', execute, ...options } as never)
const defineModel = (options: object) =>
  defineAgent({ name: 'writer', model: 'openai/gpt-5', instructions: 'Write.', ...options } as never)

const DEFAULTS = {
  type: 'agent',
  description: '',
  version: '1.0.0',
  tags: [],
  input: undefined,
  output: undefined,
  tools: [],
  capabilities: [],
  category: 'custom',
  autoRecover: true,
  maxRecoveryAttempts: 3,
  maxQueue: undefined,
  timeoutMs: undefined,
  initializeTimeoutMs: 30_000,
  terminateTimeoutMs: 10_000,
  transitionTimeoutMs: 5_000,
}

describe('a function agent', () => {
  test('has defaults for what is not given', () => {
    expect(defineAgent({ name: 'reader', execute })).toEqual({
      ...DEFAULTS,
      kind: 'function',
      name: 'reader',
      component: { type: 'agent', name: 'reader', id: 'reader' },
      execute,
    })
  })

  test('keeps what is given, and nothing of it can be changed', () => {
    const given = {
      description: 'reads',
      input: text,
      output: z.number(),
      tools: [wordCount, 'search'],
      capabilities: ['read'],
      category: 'text',
      tags: ['a'],
      version: '2.0.0',
      autoRecover: false,
      maxRecoveryAttempts: 0,
      maxQueue: 5,
    }
    const times = { timeoutMs: '1m', initializeTimeoutMs: '1s', terminateTimeoutMs: 2, transitionTimeoutMs: '3ms' }
    const agent = define({ ...given, ...times })
    expect(agent).toMatchObject({
      ...given,
      timeoutMs: 60_000,
      initializeTimeoutMs: 1_000,
      terminateTimeoutMs: 2,
      transitionTimeoutMs: 3,
    })
    expect(changeable(agent)).toEqual([])
  })
})

describe('a model agent', () => {
  const model = {
    specificationVersion: 'v3',
    provider: 'fake',
    modelId: 'echo',
    settings: {},
    doGenerate: async () => ({}),
    doStream: async () => ({}),
  }

  test('has defaults for what is not given', () => {
    expect(defineAgent({ name: 'writer', model, instructions: 'Write.' })).toEqual({
      ...DEFAULTS,
      kind: 'model',
      name: 'writer',
      component: { type: 'agent', name: 'writer', id: 'writer' },
      model,
      instructions: 'Write.',
      maxTurns: 10,
      budget: undefined,
      retry: { maxAttempts: 3, backoff: { delayMs: 1_000, multiplier: 2, maxDelayMs: 60_000 } },
    })
  })

  test('keeps what is given; the model stays as it is', () => {
    const budget = {
      maxInputTokens: 1,
      maxOutputTokens: 2,
      maxTokens: 3,
      maxToolCalls: 0,
      maxCost: 0.5,
      costOf: () => 1,
    }
    const agent = defineModel({ model, maxTurns: 3, budget, tools: [wordCount] })
    expect(agent).toMatchObject({ model, maxTurns: 3, budget, tools: [wordCount] })
    expect(agent.model).toBe(model)
    expect(changeable(agent, [model])).toEqual([])
    expect(Object.isFrozen(model)).toBe(false)
  })

  test.each(['openai/gpt-5', 'router/meta/llama'])('may be named %s', (name) => {
    expect(defineModel({ model: name })).toMatchObject({ model: name })
  })

  const refusals: [string, object, string][] = [
    ['a model without its provider', { model: 'gpt-5' }, '"model": expected \'provider/model\''],
    ['a model without a name', { model: 'openai/' }, '"model"'],
    ['an object that is no model', { model: { provider: 'a', modelId: 'b' } }, '"model"'],
    ['null as a model', { model: null }, '"model"'],
    ['no instructions', { instructions: undefined }, '"instructions"'],
    ['empty instructions', { instructions: '' }, '"instructions"'],
    ['no turn', { maxTurns: 0 }, '"maxTurns"'],
    ['turns without end', { maxTurns: 1_001 }, '"maxTurns"'],
    ['a budget without a limit', { budget: {} }, '"budget": expected at least one of'],
    ['an unknown limit', { budget: { maxTokens: 1, maxTime: 1 } }, '"budget": unknown option "maxTime"'],
    ['no tokens', { budget: { maxTokens: 0 } }, '"budget.maxTokens"'],
    ['no tokens in', { budget: { maxInputTokens: 0 } }, '"budget.maxInputTokens"'],
    ['no tokens out', { budget: { maxOutputTokens: 0 } }, '"budget.maxOutputTokens"'],
    ['half a tool call', { budget: { maxToolCalls: 0.5 } }, '"budget.maxToolCalls"'],
    ['a cost below 0', { budget: { maxCost: -1, costOf: () => 1 } }, '"budget.maxCost"'],
    ['a cost that nobody knows', { budget: { maxCost: 1 } }, '"budget.costOf": expected maxCost and costOf together'],
    ['a price without a limit', { budget: { maxTokens: 1, costOf: () => 1 } }, '"budget.costOf"'],
    ['work as well', { execute }, 'both "execute" and "model"'],
    ['an unknown option', { prompt: 'x' }, 'unknown option "prompt"'],
  ]

  test.each(refusals)('with %s is refused', (_, options, problem) => {
    const error = errorOf(() => defineModel(options))
    expect(error.code).toBe('INVALID_OPTIONS')
    expect(error.message).toContain('defineAgent("writer")')
    expect(error.message).toContain(problem)
  })
})

const refusals: [string, object, string][] = [
  ['a glob as a name', { name: '*' }, '"name"'],
  ['an input that is no schema', { input: {} }, '"input"'],
  ['an output that is no schema', { output: {} }, '"output"'],
  ['tools that are no list', { tools: wordCount }, '"tools"'],
  [
    'a tool that was not defined',
    { tools: [{ ...wordCount }] },
    '"tools.0": expected what defineTool or defineAgent gave',
  ],
  ['a capability twice', { capabilities: ['a', 'a'] }, '"capabilities"'],
  ['an empty category', { category: '' }, '"category"'],
  ['a description that is no text', { description: 1 }, '"description"'],
  ['tags that are no texts', { tags: [1] }, '"tags.0"'],
  ['a version that is no text', { version: 1 }, '"version"'],
  ['an autoRecover that is no boolean', { autoRecover: 1 }, '"autoRecover"'],
  ['recoveries below 0', { maxRecoveryAttempts: -1 }, '"maxRecoveryAttempts"'],
  ['a queue without a place', { maxQueue: 0 }, '"maxQueue"'],
  ['no time', { timeoutMs: 0 }, '"timeoutMs"'],
  ['no time to begin', { initializeTimeoutMs: 0 }, '"initializeTimeoutMs"'],
  ['no time to end', { terminateTimeoutMs: 0 }, '"terminateTimeoutMs"'],
  ['no time to change', { transitionTimeoutMs: 'soon' }, '"transitionTimeoutMs"'],
  ['work that is no function', { execute: 'ls' }, '"execute": expected a function'],
  ['what only model agents have', { maxTurns: 3 }, 'unknown option "maxTurns"'],
]

test.each(refusals)('%s is refused', (_, options, problem) => {
  const error = errorOf(() => define(options))
  expect(error.code).toBe('INVALID_OPTIONS')
  expect(error.message).toContain(problem)
})

test('two tools of one name are refused', () => {
  const other = defineTool({ name: 'word_count', description: 'x', input: text, execute })
  expect(errorOf(() => define({ tools: [wordCount, other] }))).toMatchObject({
    code: 'DUPLICATE_NAME',
    details: { name: 'word_count' },
  })
  expect(errorOf(() => define({ tools: ['a', 'a'] })).code).toBe('DUPLICATE_NAME')
})

test.each([undefined, null, 'agent'])('%s is no description of an agent', (options) => {
  expect(errorOf(() => defineAgent(options as never)).code).toBe('INVALID_OPTIONS')
})
