/** Whether a test gives an option two values, as far as its text says: a title alone shows nothing. */
import ts from 'typescript'
import { textOf } from './test-tables.ts'
import type { FoundTest } from './test-titles.ts'

/** Gives what is wrong; undefined when the test names the option among what it gives, and more than one value. */
export function problemOf({ path, call, cells, isManyRows }: FoundTest, option: string): string | undefined {
  const key = keyOf(option)
  const named = [call, ...cells]
  const isNamed =
    named.some((node) => names(node, key)) || (named.some(isComputed) && cells.some((cell) => isOf(cell, key)))
  if (!isNamed) return `"${path}" gives no "${key}" to anything`
  return isManyRows || hasOutcomes(call) ? undefined : `"${path}" does not compare two values`
}

/** The last part of a path of keys. */
const keyOf = (option: string) => option.slice(option.lastIndexOf('.') + 1)

const isOf = (cell: ts.Node, key: string) => keyOf(textOf(cell) ?? '') === key

/** Whether a node or one in it is so. */
function has(node: ts.Node, is: (node: ts.Node) => boolean): boolean {
  return is(node) || ts.forEachChild(node, (child) => has(child, is)) === true
}

function names(node: ts.Node, key: string): boolean {
  return has(node, (each) => {
    const isMember =
      ts.isPropertyAssignment(each) || ts.isShorthandPropertyAssignment(each) || ts.isMethodDeclaration(each)
    return isMember && !ts.isComputedPropertyName(each.name) && each.name.text === key
  })
}

/** Whether it gives what is named elsewhere: `{ [option]: value }`. */
const isComputed = (node: ts.Node) => has(node, ts.isComputedPropertyName)

/** Whether it puts the outcomes of several values side by side. */
function hasOutcomes(call: ts.Node): boolean {
  return has(call, (each) => {
    if (!ts.isCallExpression(each) || each.expression.getText() !== 'outcomesOf') return false
    const values = each.arguments.slice(1)
    return values.some(ts.isSpreadElement) || new Set(values.map((value) => value.getText())).size > 1
  })
}
