/**
 * The schemas of options, read from the source: which strict and loose object schemas there are, and their keys.
 * Nothing is run: a schema is what is written as `z.strictObject({ … })`, `z.looseObject({ … })` or `.extend({ … })`.
 */
import ts from 'typescript'
import { ownSources, pathOf } from '../project.ts'
import type { DocsProject } from '../project.ts'

/** A schema with its keys. */
export interface OptionSchema {
  /** `src/hooks/hook.ts#optionsSchema`: the file, and the name that it is declared by. */
  readonly id: string
  /** Dotted where schemas stand in one another: `match.component`, `features.*.enabled`, `keys[].id`. */
  readonly keys: readonly string[]
}

const ROOMS = ['src/', 'machines/', 'actors/']
const ADVICE = 'Declare it as a const.'
const MAKERS: readonly string[] = ['strictObject', 'looseObject', 'extend', 'safeExtend']

/** All schemas of the rooms that have options, in the order of the files. */
export function collectSchemas(project: DocsProject): OptionSchema[] {
  const checker = project.program.getTypeChecker()
  const found = new Map<string, Set<string>>()
  for (const file of ownSources(project)) {
    const path = pathOf(project.root, file)
    if (!ROOMS.some((room) => path.startsWith(room))) continue
    const visit = (node: ts.Node): void => {
      const shape = shapeOf(node, checker)
      if (shape !== undefined) {
        const { name, prefix } = placeIn(node)
        const id = `${path}#${name}`
        const keys = found.get(id) ?? new Set<string>()
        for (const key of keysOf(shape, checker)) keys.add(prefix + key)
        found.set(id, keys)
      }
      ts.forEachChild(node, visit)
    }
    visit(file)
  }
  return [...found].map(([id, keys]) => ({ id, keys: [...keys] })).sort((a, b) => (a.id < b.id ? -1 : 1))
}

/** The shape that a call makes a schema of; undefined for any other node. */
function shapeOf(node: ts.Node, checker: ts.TypeChecker): ts.ObjectLiteralExpression | undefined {
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return undefined
  if (!MAKERS.includes(node.expression.name.text)) return undefined
  const [given] = node.arguments
  const shape = given && objectOf(given, checker)
  if (shape === undefined) throw new Error(`The shape of ${node.getText()} cannot be read. ${ADVICE}`)
  return shape
}

/** An object literal, written here or declared elsewhere. */
function objectOf(node: ts.Expression, checker: ts.TypeChecker): ts.ObjectLiteralExpression | undefined {
  if (ts.isObjectLiteralExpression(node)) return node
  const symbol = checker.getSymbolAtLocation(node)
  const origin = symbol && symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
  const declared = origin?.valueDeclaration
  if (declared === undefined || !ts.isVariableDeclaration(declared) || declared.initializer === undefined)
    return undefined
  return objectOf(declared.initializer, checker)
}

/** The keys of a shape, those of the shapes that it spreads among them. */
function keysOf(shape: ts.ObjectLiteralExpression, checker: ts.TypeChecker): string[] {
  return shape.properties.flatMap((member) => {
    if (!ts.isSpreadAssignment(member)) return [member.name.getText()]
    const spread = objectOf(member.expression, checker)
    if (spread === undefined) throw new Error(`The shape ${member.getText()} cannot be read. ${ADVICE}`)
    return keysOf(spread, checker)
  })
}

/** The name that a schema is declared by, and the way from there to this part of it. */
function placeIn(schema: ts.Node): { readonly name: string; readonly prefix: string } {
  let prefix = ''
  for (let node = schema; ; node = node.parent) {
    const { parent } = node as { readonly parent?: ts.Node }
    if (parent === undefined) return { name: '(none)', prefix }
    if (ts.isPropertyAssignment(parent)) prefix = `${parent.name.getText()}.${prefix}`
    else if (isMade(parent, 'record')) prefix = `*.${prefix}`
    else if (isMade(parent, 'array'))
      prefix = prefix === '' ? '[].' : `[]${prefix.startsWith('[]') ? '' : '.'}${prefix}`
    else if ((ts.isVariableDeclaration(parent) || ts.isFunctionDeclaration(parent)) && isTop(parent)) {
      return { name: parent.name?.getText() ?? 'default', prefix: prefix.replaceAll('.[]', '[]') }
    }
  }
}

function isMade(node: ts.Node, maker: string): boolean {
  return (
    ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression) && node.expression.name.text === maker
  )
}

function isTop(node: ts.Node): boolean {
  const statement = ts.isVariableDeclaration(node) ? node.parent.parent : node
  return ts.isSourceFile(statement.parent)
}
