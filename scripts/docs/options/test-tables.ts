/** The tables of `test.each(…)` and `describe.each(…)`, read without running them, and the titles that their rows make. */
import ts from 'typescript'

/** A row of a table, and the title with its values in it. */
export interface TitleRow {
  readonly title: string
  readonly cells: readonly ts.Node[]
}

const PLACEHOLDER = /%[sdifjo]|\$(\w+)/g

/** The rows of the table of a call; undefined for a call without one, none where it cannot be read. */
export function titleRowsOf(call: ts.CallExpression, title: string): readonly TitleRow[] | undefined {
  const made = call.expression
  if (!ts.isCallExpression(made) || !ts.isPropertyAccessExpression(made.expression)) return undefined
  if (made.expression.name.text !== 'each') return undefined
  const [table] = made.arguments
  return (table === undefined ? [] : rowsIn(table)).map((cells) => ({ title: titleWith(title, cells), cells }))
}

/** Each placeholder takes the next value, or that of the name it says; what cannot be read stays a placeholder. */
function titleWith(title: string, cells: readonly ts.Node[]): string {
  let next = 0
  return title.replace(PLACEHOLDER, (placeholder, name: string | undefined) => {
    const cell = name === undefined ? cells[next++] : cells[0] && memberOf(cells[0], name)
    return (cell && textOf(cell)) ?? placeholder
  })
}

function rowsIn(table: ts.Expression): (readonly ts.Node[])[] {
  const node = bare(table)
  if (ts.isArrayLiteralExpression(node)) {
    return node.elements.map((row) => {
      const cells = bare(row)
      return ts.isArrayLiteralExpression(cells) ? cells.elements : [cells]
    })
  }
  const [of] = ts.isCallExpression(node) && node.expression.getText() === 'Object.entries' ? node.arguments : []
  const object = of && bare(of)
  if (object === undefined || !ts.isObjectLiteralExpression(object)) return []
  return object.properties.flatMap((each) => (ts.isPropertyAssignment(each) ? [[each.name, each.initializer]] : []))
}

/** Without what only types need; a constant of this file is what it is declared as. */
function bare(node: ts.Expression): ts.Expression {
  if (ts.isAsExpression(node) || ts.isSatisfiesExpression(node) || ts.isParenthesizedExpression(node))
    return bare(node.expression)
  const declared = ts.isIdentifier(node) ? constantIn(node.getSourceFile(), node.text) : undefined
  return declared === undefined ? node : bare(declared)
}

function constantIn(file: ts.SourceFile, name: string): ts.Expression | undefined {
  for (const statement of file.statements) {
    if (!ts.isVariableStatement(statement)) continue
    const found = statement.declarationList.declarations.find((each) => each.name.getText() === name)
    if (found !== undefined) return found.initializer
  }
  return undefined
}

function memberOf(node: ts.Node, name: string): ts.Node | undefined {
  if (!ts.isObjectLiteralExpression(node)) return undefined
  const found = node.properties.find((each) => each.name?.getText() === name)
  return found !== undefined && ts.isPropertyAssignment(found) ? found.initializer : undefined
}

/** What a title shows of a value; undefined for one that is not written as a text, a number or a truth value. */
export function textOf(node: ts.Node): string | undefined {
  const value = ts.isAsExpression(node) ? node.expression : node
  if (ts.isStringLiteralLike(value) || ts.isNumericLiteral(value)) return value.text
  if (value.kind === ts.SyntaxKind.TrueKeyword || value.kind === ts.SyntaxKind.FalseKeyword) return value.getText()
  if (ts.isPrefixUnaryExpression(value)) return value.getText()
  return ts.isIdentifier(value) && ts.isPropertyAssignment(value.parent) && value.parent.name === value
    ? value.text
    : undefined
}
