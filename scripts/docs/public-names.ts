/**
 * The public names and what their documentation lacks. Every name needs a docstring; a value also needs an example,
 * because a type is seen where a value is used.
 */
import ts from 'typescript'
import { docCommentOf } from './doc-comment.ts'
import type { DocComment } from './doc-comment.ts'
import { isOwn, placeOf } from './project.ts'
import type { DocsProject, Problem } from './project.ts'

/** A name that users can import. */
export interface PublicName {
  readonly name: string
  /** The entries that export it. */
  readonly entries: readonly string[]
  /** value: a function, class or const. type: nothing of it is left at run time. */
  readonly kind: 'value' | 'type'
  /** Where it is declared. */
  readonly at: string
  readonly comments: readonly DocComment[]
}

/** All public names of the package's own, each once, whichever entries export it. */
export function publicNames(project: DocsProject): PublicName[] {
  const checker = project.program.getTypeChecker()
  const found = new Map<string, PublicName>()
  for (const { specifier, exported } of exportsOf(project, checker)) {
    const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported
    const declarations = (symbol.declarations ?? []).filter((node) =>
      isOwn(project.root, node.getSourceFile().fileName),
    )
    const [first] = declarations
    // Somebody else's name that is handed on is documented there.
    if (first === undefined) continue
    const at = placeOf(project.root, first.getSourceFile(), first.getStart())
    const key = `${at} ${exported.name}`
    const known = found.get(key)
    const value = (symbol.flags & ts.SymbolFlags.Value) !== 0 && !isTypeOnly(exported)
    found.set(key, {
      name: exported.name,
      entries: [...(known?.entries ?? []), specifier],
      kind: value || known?.kind === 'value' ? 'value' : 'type',
      at,
      comments: declarations.flatMap((node) => docCommentOf(node, node.getSourceFile()) ?? []),
    })
  }
  return [...found.values()]
}

/** What is missing, in the order of the source. */
export function findUndocumented(project: DocsProject): Problem[] {
  const missing = project.entries
    .filter(({ exists }) => !exists)
    .map(({ specifier, source }) => ({ at: 'package.json', message: `${specifier} has no source: ${source}` }))
  const undocumented = publicNames(project).flatMap(({ name, entries, kind, at, comments }) => {
    const what = `${name} (${entries.join(', ')})`
    if (!comments.some(({ description }) => description !== '')) return [{ at, message: `${what} has no docstring` }]
    if (kind === 'value' && !comments.some(hasExample)) return [{ at, message: `${what} has no @example` }]
    return []
  })
  return [...missing, ...undocumented.sort((a, b) => a.at.localeCompare(b.at, 'en', { numeric: true }))]
}

/** An example counts when there is code that can be run. */
function hasExample({ tags, blocks }: DocComment): boolean {
  return tags.includes('example') && blocks.some(({ info }) => info === 'ts')
}

function exportsOf({ root, entries, program }: DocsProject, checker: ts.TypeChecker) {
  return entries.flatMap(({ specifier, source, exists }) => {
    const file = exists ? program.getSourceFile(`${root}/${source}`) : undefined
    const module = file && checker.getSymbolAtLocation(file)
    return module ? checker.getExportsOfModule(module).map((exported) => ({ specifier, exported })) : []
  })
}

/** `export type { X }`: users cannot use it as a value even if it is one. */
function isTypeOnly(exported: ts.Symbol): boolean {
  return (exported.declarations ?? []).some(
    (node) => ts.isExportSpecifier(node) && (node.isTypeOnly || node.parent.parent.isTypeOnly),
  )
}
