/** The data shapes of the hook points as text, taken from the types so that the page cannot differ from them. */
import ts from 'typescript'
import { isOwn, ownSources, pathOf } from './project.ts'
import type { DocsProject } from './project.ts'

const SHAPES_FILE = 'src/hooks/points/shapes.ts'

/** The fields of a type by its name: `{ input: unknown, tool: ToolInfo }`. */
export interface ShapeText {
  readonly name: string
  readonly text: string
}

/** Every member of `PointShapes`, then the named types that their fields mention. */
export function pointShapes(project: DocsProject): ShapeText[] {
  const checker = project.program.getTypeChecker()
  const file = ownSources(project).find((source) => pathOf(project.root, source) === SHAPES_FILE)
  const table = file?.statements.find((node) => ts.isInterfaceDeclaration(node) && node.name.text === 'PointShapes')
  if (table === undefined) throw new Error(`No interface PointShapes in ${SHAPES_FILE}.`)

  const shapes = new Map<string, string>()
  const mentioned = new Map<string, ts.Type>()
  const describe = (name: string, type: ts.Type): void => {
    const fields = checker.getPropertiesOfType(type).map((field) => {
      const fieldType = withoutUndefined(checker, checker.getTypeOfSymbol(field))
      const named = fieldType.aliasSymbol ?? fieldType.getSymbol()
      if (named !== undefined && isOwnInterface(project.root, named)) mentioned.set(named.name, fieldType)
      const optional = field.flags & ts.SymbolFlags.Optional ? '?' : ''
      return `${field.name}${optional}: ${checker.typeToString(fieldType, undefined, ts.TypeFormatFlags.NoTruncation)}`
    })
    shapes.set(name, `{ ${fields.join(', ')} }`)
  }
  for (const shape of checker.getPropertiesOfType(checker.getTypeAtLocation(table))) {
    describe(shape.name, checker.getTypeOfSymbol(shape))
  }
  // Describing one may mention another, which a Map hands out in turn.
  for (const [name, type] of mentioned) describe(name, type)
  return [...shapes].map(([name, text]) => ({ name, text }))
}

/** The `?` of a field says it already. `unknown` stays: without undefined it would read `{}`. */
function withoutUndefined(checker: ts.TypeChecker, type: ts.Type): ts.Type {
  return type.isUnion() ? checker.getNonNullableType(type) : type
}

function isOwnInterface(root: string, symbol: ts.Symbol): boolean {
  return (symbol.declarations ?? []).some(
    (node) => ts.isInterfaceDeclaration(node) && isOwn(root, node.getSourceFile().fileName),
  )
}
