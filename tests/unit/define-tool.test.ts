/** `defineTool`: every option, its default and its refusal; which limits hold where. */
import { defineTool, toolLimitPresets } from 'hookchart/machines'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { errorOf } from '../support/refusal.ts'
import { changeable, text } from './define-samples.ts'

const execute = () => 1
const least = { name: 'resize', description: 'resizes', input: text, execute }
const define = (options: object) => defineTool({ ...least, ...options })

test('what is not given has its default', () => {
  const tool = defineTool(least)
  expect(tool).toEqual({
    type: 'tool',
    name: 'resize',
    description: 'resizes',
    version: '1.0.0',
    tags: [],
    component: { type: 'tool', name: 'resize', id: 'resize' },
    input: text,
    output: undefined,
    level: 'restricted',
    category: 'custom',
    capabilities: [],
    permissions: { files: [], network: [], env: [] },
    annotations: { readOnly: false, destructive: true, idempotent: false },
    isolation: 'inline',
    limits: { timeoutMs: 60_000, queueTimeoutMs: 30_000, maxConcurrent: 100, maxOutputBytes: 52_428_800 },
    inputJsonSchema: undefined,
    execute,
  })
})

test('what is given is kept, as a copy that cannot be changed', () => {
  const inputJsonSchema = { type: 'object', properties: { text: { type: 'string' } } }
  const tags = ['a']
  const tool = define({
    output: z.number(),
    level: 'privileged',
    category: 'media',
    capabilities: ['scale'],
    tags,
    version: '2.1.0',
    permissions: { files: ['/srv/**'], network: ['example.test'], env: ['HOME'] },
    annotations: { destructive: false, idempotent: true },
    isolation: 'process',
    limits: 'relaxed',
    inputJsonSchema,
  })
  tags.push('b')
  inputJsonSchema.properties.text.type = 'number'
  expect(tool).toMatchObject({
    level: 'privileged',
    category: 'media',
    capabilities: ['scale'],
    tags: ['a'],
    version: '2.1.0',
    permissions: { files: ['/srv/**'], network: ['example.test'], env: ['HOME'] },
    annotations: { readOnly: false, destructive: false, idempotent: true },
    isolation: 'process',
    limits: toolLimitPresets.relaxed,
    inputJsonSchema: { properties: { text: { type: 'string' } } },
  })
  expect(changeable(tool)).toEqual([])
})

test('a tool that only reads destroys nothing and may be called again', () => {
  expect(define({ annotations: { readOnly: true } }).annotations).toEqual({
    readOnly: true,
    destructive: false,
    idempotent: true,
  })
})

describe('limits', () => {
  test('the presets have the numbers of the reference', () => {
    const mib = 1_048_576
    expect(toolLimitPresets).toEqual({
      default: {
        timeoutMs: 60_000,
        queueTimeoutMs: 30_000,
        maxConcurrent: 100,
        maxOutputBytes: 50 * mib,
        maxMemoryBytes: 100 * mib,
        maxCpuMs: 30_000,
      },
      strict: {
        timeoutMs: 10_000,
        queueTimeoutMs: 5_000,
        maxConcurrent: 10,
        maxOutputBytes: 5 * mib,
        maxMemoryBytes: 10 * mib,
        maxCpuMs: 5_000,
      },
      relaxed: {
        timeoutMs: 600_000,
        queueTimeoutMs: 300_000,
        maxConcurrent: 1_000,
        maxOutputBytes: 500 * mib,
        maxMemoryBytes: 1_024 * mib,
        maxCpuMs: 300_000,
      },
      unlimited: {},
    })
    expect(changeable(toolLimitPresets)).toEqual([])
  })

  test.each(['default', 'strict', 'relaxed', 'unlimited'] as const)(
    'of the preset %s an inline tool has what can be held inline, others all',
    (preset) => {
      const { maxMemoryBytes: _memory, maxCpuMs: _cpu, ...inline } = toolLimitPresets[preset] as Record<string, number>
      expect(define({ limits: preset }).limits).toEqual(inline)
      expect(define({ limits: preset, isolation: 'worker' }).limits).toEqual(toolLimitPresets[preset])
      expect(define({ limits: preset, isolation: 'process' }).limits).toEqual(toolLimitPresets[preset])
    },
  )

  test('single limits go over those of a preset', () => {
    expect(define({ limits: { timeoutMs: '2s', maxConcurrent: 1 } }).limits).toEqual({
      timeoutMs: 2_000,
      queueTimeoutMs: 30_000,
      maxConcurrent: 1,
      maxOutputBytes: 52_428_800,
    })
    const limits = { preset: 'unlimited', queueTimeoutMs: '1m', maxOutputBytes: 10, maxMemoryBytes: 20, maxCpuMs: '3s' }
    expect(define({ limits, isolation: 'worker' }).limits).toEqual({
      queueTimeoutMs: 60_000,
      maxOutputBytes: 10,
      maxMemoryBytes: 20,
      maxCpuMs: 3_000,
    })
  })

  test.each(['maxMemoryBytes', 'maxCpuMs'])('%s cannot be held for an inline tool', (limit) => {
    const error = errorOf(() => define({ limits: { [limit]: 5 } }))
    expect(error.code).toBe('LIMIT_NOT_ENFORCEABLE')
    expect(error.message).toContain(limit)
    expect(error.details).toMatchObject({ limit, isolation: 'inline', enforceable: ['worker', 'process'] })
    expect(define({ limits: { [limit]: undefined } }).limits).toEqual(define({}).limits)
  })
})

const refusals: [string, object, string][] = [
  ['no name', { name: undefined }, '"name"'],
  ['an empty name', { name: '' }, '"name": expected a name that is not empty'],
  ['a glob as a name', { name: 'http_*' }, '"name": expected a name without *'],
  ['__proto__ as a name', { name: '__proto__' }, 'another name than __proto__'],
  ['an empty description', { description: '' }, '"description"'],
  ['no input', { input: undefined }, '"input": expected a Standard Schema'],
  ['an input that is no schema', { input: { text: 'string' } }, '"input": expected a Standard Schema'],
  ['an output that is no schema', { output: 'number' }, '"output": expected a Standard Schema'],
  ['an unknown level', { level: 'root' }, '"level"'],
  ['a category without text', { category: '' }, '"category"'],
  ['a capability twice', { capabilities: ['a', 'a'] }, '"capabilities": expected each text once'],
  ['tags that are no list', { tags: 'a' }, '"tags"'],
  ['an empty version', { version: '' }, '"version"'],
  ['an unknown permission', { permissions: { disk: [] } }, '"permissions": unknown option "disk"'],
  ['a permission that is no list', { permissions: { files: '/' } }, '"permissions.files"'],
  ['an unknown annotation', { annotations: { safe: true } }, '"annotations": unknown option "safe"'],
  [
    'annotations that contradict each other',
    { annotations: { readOnly: true, destructive: true } },
    '"annotations.destructive": expected false',
  ],
  ['an unknown isolation', { isolation: 'vm' }, '"isolation"'],
  ['an unknown preset', { limits: 'fast' }, '"limits.preset"'],
  ['an unknown limit', { limits: { maxFiles: 1 } }, '"limits": unknown option "maxFiles"'],
  ['a timeout of 0', { limits: { timeoutMs: 0 } }, '"limits.timeoutMs": expected a duration greater than 0'],
  ['a wait of 0', { limits: { queueTimeoutMs: 0 } }, '"limits.queueTimeoutMs"'],
  ['no slot', { limits: { maxConcurrent: 0 } }, '"limits.maxConcurrent"'],
  ['half a byte', { limits: { maxOutputBytes: 0.5 } }, '"limits.maxOutputBytes"'],
  ['a JSON schema that is none', { inputJsonSchema: 'text' }, '"inputJsonSchema": expected a JSON object, not "text"'],
  [
    'a JSON schema that is not JSON',
    { inputJsonSchema: { at: new Date(0) } },
    '"inputJsonSchema": expected JSON, but "at" is an instance of Date',
  ],
  ['no work', { execute: undefined }, '"execute": expected a function'],
  ['work that is no function', { execute: 'ls' }, '"execute": expected a function'],
  ['an unknown option', { timeout: 1 }, 'unknown option "timeout"'],
]

test.each(refusals)('%s is refused', (_, options, problem) => {
  const error = errorOf(() => define(options))
  expect(error.code).toBe('INVALID_OPTIONS')
  expect(error.message).toContain('defineTool(')
  expect(error.message).toContain(problem)
})

test.each([undefined, null, 'tool', 7])('%s is no description of a tool', (options) => {
  expect(errorOf(() => defineTool(options as never)).code).toBe('INVALID_OPTIONS')
})
