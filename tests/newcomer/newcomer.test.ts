/** What somebody writes who has read README.md and the pages in docs, and nothing else. */
import { blame, createSystem, unwrap } from 'hookchart'
import type { System } from 'hookchart'
import { createTestClock, createTestIds } from 'hookchart/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { librarian } from './agent.ts'
import { visit } from './chain.ts'
import { keepLast, logTo, trimTitle } from './hook.ts'
import { fillShelf, findBook, shelf, takeBook } from './tool.ts'
import { lend } from './workflow.ts'

const clock = createTestClock()
let lines: string[]
let system: System

beforeEach(() => {
  fillShelf()
  lines = []
  system = createSystem({
    clock,
    ids: createTestIds(),
    tools: [findBook, takeBook],
    agents: [librarian],
    workflows: [lend],
    hooks: [trimTitle, keepLast, logTo(lines)],
  })
})
afterEach(() => system.stop())

describe('a tool with hooks', () => {
  test('a transform mends the input, and the trace says so', async () => {
    const result = await system.tools.execute(findBook, { title: '  Emma ' })
    expect(unwrap(result)).toEqual({ title: 'Emma', copies: 1 })
    expect(blame(result.trace, 'input.title')?.hook).toBe('trim_title')
  })

  test('input that does not fit is a failed result, and no exception', async () => {
    const { status, error } = await system.tools.execute(findBook, { title: '' })
    expect([status, error?.code]).toEqual(['failed', 'INVALID_INPUT'])
  })

  test('a guard refuses, and the tool has not run', async () => {
    const { status, error } = await system.tools.execute(takeBook, { title: 'Emma', copies: 1 })
    expect([status, error?.code, error?.details['reason']]).toEqual([
      'cancelled',
      'HOOK_CANCELLED',
      'it is the last copy',
    ])
    expect(shelf.get('Emma')).toBe(1)
    expect(lines).toEqual(['tool take_book cancelled'])
  })

  test('hooks can be listed, and explain tells their order', () => {
    expect(system.hooks.list().map(({ name }) => name)).toEqual(['trim_title', 'keep_last', 'log'])
    expect(system.hooks.explain('ToolValidation').hooks.map(({ name }) => name)).toEqual(['trim_title'])
  })
})

describe('an agent', () => {
  test('calls its tool, remembers, and ends', async () => {
    const ann = system.agents.create(librarian, { id: 'ann' })
    expect(unwrap(await ann.execute({ title: 'Emma' })).copies).toBe(1)
    await ann.execute({ title: ' Dubliners' })
    expect(lines).toEqual(Array(2).fill(['tool find_book completed', 'agent librarian completed']).flat())
    expect(ann.state).toBe('ready')
    await ann.terminate()
    expect(ann.state).toBe('terminated')
  })

  test('is in error when its tool fails, and recovers by itself', async () => {
    const ann = system.agents.create(librarian)
    const failed = await ann.execute({ title: 'Ulysses' })
    expect([failed.status, failed.error?.message, ann.state]).toEqual(['failed', 'there is no Ulysses', 'error'])
    expect((await ann.execute({ title: 'Emma' })).status).toBe('completed')
  })
})

describe('a workflow', () => {
  test('runs its steps on one state', async () => {
    const { status, output, state } = await system.workflows.execute(lend, { title: 'Dubliners', days: 14 })
    expect([status, output, state]).toEqual(['completed', 'Dubliners, back in 14 days', { days: 14 }])
    expect(shelf.get('Dubliners')).toBe(1)
  })

  test('undoes what it has done when a later step fails', async () => {
    const { status, error } = await system.workflows.execute(lend, { title: 'Dubliners', days: 0 })
    expect([status, error?.details['step'], error?.details['undone']]).toEqual(['failed', 'stamp', ['take']])
    expect(shelf.get('Dubliners')).toBe(2)
  })

  test('is led by hand', async () => {
    const run = system.workflows.start('lend', { title: 'Dubliners', days: 7 }, { paused: true })
    await run.step()
    expect([run.status, shelf.get('Dubliners')]).toEqual(['paused', 2])
    run.resume()
    expect((await run.result).status).toBe('completed')
  })

  test('what a guard refuses at a tool fails its step, and so the workflow', async () => {
    const { status, error } = await system.workflows.execute(lend, { title: 'Emma', days: 7 })
    expect([status, error?.code, error?.details['step']]).toEqual(['failed', 'HOOK_CANCELLED', 'take'])
  })
})

describe('a chain', () => {
  test('hands results on, with one correlation id for all', async () => {
    const ids = new Set<string>()
    system.hooks.register(
      ['*Chain*', '*Execution', '*Workflow*', 'OperationSettled'],
      ({ correlationId }) => void ids.add(correlationId),
      { name: 'ids', kind: 'observe' },
    )
    const { status, output, correlationId } = await system.chains.execute(
      visit,
      { title: ' Dubliners ' },
      { correlationId: 'visit-1', metadata: { userId: 'ann' } },
    )
    expect([status, output]).toEqual([
      'completed',
      { librarian: { title: 'Dubliners', copies: 2 }, rate: 14, lend: 'Dubliners, back in 14 days' },
    ])
    expect([...ids, correlationId]).toEqual(['visit-1', 'visit-1'])
  })

  test('a fallback stands in; what a guard refuses further on fails the chain', async () => {
    const { status, error } = await system.chains.execute(visit, { title: 'Emma' })
    expect([status, error?.code, error?.details['failed']]).toEqual(['failed', 'HOOK_CANCELLED', 'lend'])
    expect(lines).toContain('tool rate failed')
  })
})
