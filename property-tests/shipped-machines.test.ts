/**
 * All machines that are shipped, wherever they can come: whatever they are told, no action or guard of theirs throws, and what
 * they start may fail. Then the machine deals with it or fails itself with that very error, which whoever runs it is told of; and
 * whoever runs one in the library listens.
 */
import { breakerPresets, catalogue } from 'hookchart/hooks'
import { sheddingDefaults } from 'hookchart/machines'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import { assign, createActor, fromPromise, setup } from 'xstate'
import type { AnyMachineSnapshot, AnyStateMachine } from 'xstate'
import { shippedMachines } from '../scripts/docs/shipped-machines.ts'
import { packageRoot } from '../scripts/root.ts'
import { hookedTo, tour } from './support/tour.ts'

const error = { code: 'EFFECT_FAILED', name: 'Error', message: 'no', retryable: false }
const limits = { initializeTimeoutMs: 10, terminateTimeoutMs: 10, transitionTimeoutMs: 10 }

/** What machines are begun with that need something. */
const INPUTS: Readonly<Record<string, unknown>> = {
  agent: { ...limits, autoRecover: true, maxRecoveryAttempts: 1 },
  approval: { question: 'May it?', expiresInMs: 100, since: 0, escalateTo: 'ann' },
  breaker: breakerPresets.default,
  'chain:chain': { paused: false },
  modelLoop: { messages: [], limits: { maxTurns: 3 } },
  shedding: { ...sheddingDefaults, windowOperations: 1 },
  supervisor: {
    ...{ strategy: 'rest_for_one', maxRestarts: 1, periodMs: 2, at: 0 },
    backoff: { delayMs: 1, multiplier: 1, maxDelayMs: 1, jitter: 0 },
    children: [
      { id: 'a', restart: 'permanent' },
      { id: 'b', restart: 'temporary' },
    ],
  },
}

/** What any event of a machine may carry. */
const PAYLOAD = {
  ...{ at: 0, durationMs: 60, id: 'a', criticality: 0, isKept: false, ownMs: 10, spentMs: { a: 5 }, kind: 'abnormal' },
  ...{
    answer: { type: 'continue' },
    reason: 'so it is',
    input: {},
    error,
    chance: 0,
    name: 'left',
    command: 'initialize',
  },
  snapshot: {
    state: 'open',
    generation: 1,
    failures: [],
    slowCalls: [],
    successes: 0,
    probes: [],
    lostProbes: 0,
    opens: 1,
    openUntil: 9,
  },
}

type Node = AnyStateMachine['root']

const nodesOf = (node: Node): Node[] => [node, ...Object.values(node.states).flatMap(nodesOf)]

/** What guards ask of what an effect told, and what is told where they do not ask. */
function outcomeTypesOf(machine: AnyStateMachine): string[] {
  const found = new Set(['done', 'completed', 'failed', 'started', 'stopped', 'thought', 'acted'])
  const look = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    const { type, params } = value as { readonly type?: string; readonly params?: { readonly type?: unknown } }
    if (type === 'told' && typeof params?.type === 'string') found.add(params.type)
    for (const each of Object.values(value)) look(each)
  }
  look(machine.config)
  return [...found]
}

const spent = { turns: 1, inputTokens: 1, outputTokens: 1, totalTokens: 2, toolCalls: 0, cost: 0 }

/** What machines are given to note. */
const NOTES: Readonly<Record<string, object>> = {
  thought: { requests: [{ id: 'a', name: 'search', input: '{}' }], spent },
  acted: { requests: [], spent },
}

/** What an effect may tell, as far as a machine looks at it. */
const outcomesOf = (types: readonly string[]) =>
  types.map((type) => ({
    ...{ type, output: 1, ran: true, error, at: 0, chance: 0, value: 1, results: {}, toolCalls: [] },
    note: { end: { status: 'failed', error }, ...NOTES[type] },
  }))

const isInjected = ({ status, error: failure }: AnyMachineSnapshot) =>
  status !== 'error' || (failure as { code?: string } | undefined)?.code === 'BROKEN'

describe.each(shippedMachines.map(({ machine }) => [machine.id, machine] as const))('%s', (id, machine) => {
  const sources = [...new Set(nodesOf(machine.root).flatMap(({ invoke }) => invoke.map(({ src }) => src as string)))]
  const types = [...new Set(nodesOf(machine.root).flatMap(({ ownEvents }) => ownEvents as string[]))].filter(
    (type) => !type.startsWith('xstate.') && type !== '',
  )
  const running = hookedTo(machine, Object.keys(catalogue), sources)
  const outcomes = outcomesOf(outcomeTypesOf(machine))

  test('no action throws, and what fails is dealt with or told', () => {
    const failed = new Set<string>()
    const tells = () => outcomes
    const { found } = tour(running, {
      input: INPUTS[id] ?? {},
      tells: Object.fromEntries(sources.map((source) => [source, tells])),
      events: (snapshot) => {
        for (const { invoke } of snapshot._nodes) for (const each of invoke) failed.add(each.id)
        return types.map((type) => ({ ...PAYLOAD, type }))
      },
      always: { 'a machine fails of what it started only': isInjected },
      states: 400,
    })
    expect(found.violations).toEqual([])
    // Each of its effects was running somewhere, and so has failed there.
    const all = nodesOf(running.root).flatMap(({ invoke }) => invoke.map((each) => each.id))
    expect(failed).toEqual(new Set(all))
  })
})

describe('who runs a machine is told when an effect fails', () => {
  const broken = { code: 'BROKEN' }
  const starts = shippedMachines.filter(({ machine }) => {
    const first = (machine.root.initial.target as Node[] | undefined)?.[0]
    return first !== undefined && first.invoke.length > 0
  })

  test.each(starts.map(({ machine }) => [machine.id, machine] as const))('%s', async (id, machine) => {
    const sources = [...new Set(nodesOf(machine.root).flatMap(({ invoke }) => invoke.map(({ src }) => src as string)))]
    const failing = hookedTo(machine, Object.keys(catalogue), []).provide({
      actors: Object.fromEntries(
        sources.map((source) => [source, fromPromise(() => Promise.reject(broken as unknown as Error))]),
      ),
    })
    const actor = createActor(failing, { input: INPUTS[id] ?? {} })
    const told = new Promise<unknown>((resolve) => {
      actor.subscribe({ error: resolve })
    })
    actor.start()
    expect(await told).toBe(broken)
    actor.stop()
  })
})

/** Where a file makes an actor of its own that nobody listens to. */
function unobservedIn(text: string, name = 'file.ts'): string[] {
  const file = ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true)
  const made: { readonly holder: string; readonly line: number }[] = []
  const observed = new Set<string>()
  const holderOf = (node: ts.Node): string => {
    const { parent } = node
    if (ts.isVariableDeclaration(parent)) return parent.name.getText()
    if (ts.isBinaryExpression(parent)) return parent.left.getText()
    if (ts.isAsExpression(parent) || ts.isParenthesizedExpression(parent)) return holderOf(parent)
    if (ts.isReturnStatement(parent)) return ownerOf(parent)
    return '(nobody)'
  }
  /** A function hands it on; whoever keeps it listens. */
  const ownerOf = (node: ts.Node): string => {
    for (let each = node.parent; !ts.isSourceFile(each); each = each.parent) {
      if (ts.isMethodDeclaration(each) || ts.isFunctionDeclaration(each)) {
        const call = `${ts.isMethodDeclaration(each) ? 'this.' : ''}${each.name?.getText() ?? ''}(`
        const kept = new RegExp(`([\\w.#]+) = ${call.replace(/[.#(]/g, '\\$&')}`).exec(text)?.[1]
        return kept ?? '(nobody)'
      }
    }
    return '(nobody)'
  }
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node)) {
      const callee = node.expression
      if (callee.getText() === 'createActor') {
        made.push({ holder: holderOf(node), line: file.getLineAndCharacterOfPosition(node.getStart()).line + 1 })
      }
      const [given] = node.arguments
      if (
        ts.isPropertyAccessExpression(callee) &&
        callee.name.text === 'subscribe' &&
        given !== undefined &&
        ts.isObjectLiteralExpression(given)
      ) {
        if (given.properties.some((each) => each.name?.getText() === 'error')) {
          observed.add(callee.expression.getText())
          observed.add(`this.${callee.expression.getText()}`)
        }
      }
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  return made.filter(({ holder }) => !observed.has(holder)).map(({ holder, line }) => `${name}:${line} ${holder}`)
}

describe('every root has an error observer', () => {
  /** What is no root, or nobody's here. */
  const EXCEPTIONS: Readonly<Record<string, string>> = {
    'machines/compiled/xstate-internals.ts': 'children, whose parents are told, and an actor that never runs',
  }
  const filesIn = (room: string): string[] =>
    readdirSync(join(packageRoot, room), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => join(room, file))

  test('wherever the library makes an actor', () => {
    const files = ['src', 'machines', 'actors', 'kit'].flatMap(filesIn).filter((file) => EXCEPTIONS[file] === undefined)
    const texts = files.map((file) => [file, readFileSync(join(packageRoot, file), 'utf8')] as const)
    expect(texts.filter(([, text]) => /[^*\n]*createActor\(/.test(text)).length).toBeGreaterThan(4)
    expect(texts.flatMap(([file, text]) => unobservedIn(text, file))).toEqual([])
  })

  test('is seen to fail on one that nobody listens to', () => {
    expect(unobservedIn('const a = createActor(m)\na.start()')).toEqual(['file.ts:1 a'])
    expect(unobservedIn('createActor(m).start()')).toEqual(['file.ts:1 (nobody)'])
    expect(unobservedIn('const a = createActor(m)\na.subscribe({ next: f })')).toEqual(['file.ts:1 a'])
    expect(unobservedIn('const a = createActor(m)\na.subscribe({ error: f })')).toEqual([])
  })
})

test('an action that throws is seen', () => {
  const bursting = setup({
    actions: {
      burst: assign(() => {
        throw new Error('burst')
      }),
    },
  }).createMachine({ initial: 'a', states: { a: { on: { GO: { actions: 'burst' } } } } })
  expect(() => tour(bursting, { events: () => [{ type: 'GO' }] })).toThrow('cannot be taken')
})
