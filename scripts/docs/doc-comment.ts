/**
 * Doc comments as text. The compiler finds them; what they say is read from the raw lines, because code in an example
 * must come out as it was written, with its line numbers.
 */
import ts from 'typescript'
import { splitFences } from './code-blocks.ts'
import type { CodeBlock } from './code-blocks.ts'

/** What a doc comment says. */
export interface DocComment {
  /** What stands before the first tag. */
  readonly description: string
  /** The names of its tags, such as `example`. */
  readonly tags: readonly string[]
  /** Its code blocks, under `@example` or not. */
  readonly blocks: readonly CodeBlock[]
}

/** The doc comment of a declaration: the last one before it. */
export function docCommentOf(declaration: ts.Node, file: ts.SourceFile): DocComment | undefined {
  const comment = ts.getJSDocCommentsAndTags(declaration).findLast(ts.isJSDoc)
  if (comment === undefined || isFileHead(comment, file)) return undefined
  return readComment(comment, file)
}

/** Every doc comment of a file with the name of what it stands at. */
export function docCommentsIn(file: ts.SourceFile): { readonly name: string; readonly comment: DocComment }[] {
  const found: { name: string; comment: DocComment }[] = []
  const visit = (node: ts.Node): void => {
    // A statement and its declaration share their comment; only the node that it hangs on has it among its children.
    for (const child of node.getChildren(file)) {
      if (ts.isJSDoc(child)) found.push({ name: nameAt(node, file), comment: readComment(child, file) })
      else visit(child)
    }
  }
  visit(file)
  return found
}

/** A blank line after a comment makes it the head of the file, which says nothing about the declaration below. */
function isFileHead(comment: ts.JSDoc, file: ts.SourceFile): boolean {
  return /^[^\S\n]*\n[^\S\n]*\n/.test(file.text.slice(comment.end))
}

function readComment(comment: ts.JSDoc, file: ts.SourceFile): DocComment {
  const text = file.text.slice(comment.pos, comment.end)
  const inner = text.slice('/**'.length, -'*/'.length)
  const lines = inner.split('\n').map((line, i) => (i === 0 ? line.trim() : line.replace(/^\s*\* ?/, '').trimEnd()))
  const firstLine = file.getLineAndCharacterOfPosition(comment.pos).line + 1
  const { blocks, prose } = splitFences(lines, firstLine)
  const firstTag = prose.findIndex(({ text }) => text.startsWith('@'))
  const description = (firstTag === -1 ? prose : prose.slice(0, firstTag)).map(({ text }) => text).join('\n')
  const tags = prose.flatMap(({ text }) => /^@(?<tag>\w+)/.exec(text)?.groups?.['tag'] ?? [])
  return { description: description.trim(), tags, blocks }
}

function nameAt(node: ts.Node, file: ts.SourceFile): string {
  if (ts.isVariableStatement(node)) {
    return node.declarationList.declarations.map(({ name }) => name.getText(file)).join(', ')
  }
  const { name } = node as ts.Node & { readonly name?: ts.Node }
  return name === undefined ? 'file' : name.getText(file)
}
