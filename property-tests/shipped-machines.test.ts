/**
 * All machines that are shipped, wherever they can come: whatever they are told, no action or guard of theirs throws, and what
 * they start may fail. Then the machine deals with it or fails itself with that very error, which whoever runs it is told of; and
 * whoever runs one in the library listens.
 */
import { catalogue } from 'hookchart/hooks'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import { assign, createActor, fromPromise, setup } from 'xstate'
import type { AnyMachineSnapshot } from 'xstate'
import { shippedMachines } from '../scripts/docs/shipped-machines.ts'
import { packageRoot } from '../scripts/root.ts'
import { INPUTS, nodesOf, outcomesOf, outcomeTypesOf, PAYLOAD, sourcesOf, typesOf } from './support/shipped.ts'
import { hookedTo, tour } from './support/tour.ts'

const isInjected = ({ status, error: failure }: AnyMachineSnapshot) =>
  status !== 'error' || (failure as { code?: string } | undefined)?.code === 'BROKEN'

describe.each(shippedMachines.map(({ machine }) => [machine.id, machine] as const))('%s', (id, machine) => {
  const sources = sourcesOf(machine)
  const types = typesOf(machine)
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
    const first = (machine.root.initial.target as (typeof machine.root)[] | undefined)?.[0]
    return first !== undefined && first.invoke.length > 0
  })

  test.each(starts.map(({ machine }) => [machine.id, machine] as const))('%s', async (id, machine) => {
    const sources = sourcesOf(machine)
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
