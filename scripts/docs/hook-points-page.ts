/** `docs/hook-points.md`: the catalogue as a page. */
import type { PointDefinition } from 'hookchart/hooks'
import type { ShapeText } from './point-shapes.ts'

const HEAD = `<!-- Generated from src/hooks/points by \`npm run docs\`. Do not edit. -->

# Hook points

A hook point is a named place at which hooks run. A hook is registered at a point by its id, by an alias, or by a pattern with \`*\`.
What a hook may do there depends on the phase of the point. A _before_ point stands ahead of an effect: hooks may change what goes in, or keep it from running. An _after_ point has the result, and hooks may change it. An _error_ point has the error, and hooks may recover. At a _notify_ point hooks only watch.
Every hook may also return nothing, or \`hook.continue()\`. Where no decision is listed, only observers are taken.
_Fired by_ names the public call that fires the point. A point that says _pending_ can be registered at, and nothing fires it yet.

\`\`\`ts
import { catalogue } from 'hookchart/hooks'

console.assert(catalogue.BeforeToolExecution.phase === 'before')
console.assert(catalogue.BeforeToolExecution.aliases.includes('before_tool_execution'))
\`\`\`
`

/** The page, before formatting. */
export function hookPointsPage(points: readonly PointDefinition[], shapes: readonly ShapeText[]): string {
  const components = [...new Set(points.map(({ component }) => component))]
  const sections = components.map((component) => {
    const members = points.filter((point) => point.component === component)
    return [`## ${title(component)}`, ...members.map(pointText)].join('\n\n')
  })
  return [HEAD, contents(components, points), ...sections, shapesText(shapes)].join('\n\n')
}

function contents(components: readonly string[], points: readonly PointDefinition[]): string {
  const rows = components.map((component) => {
    const links = points
      .filter((point) => point.component === component)
      .map(({ id }) => `[${id}](#${id.toLowerCase()})`)
    return `- **${title(component)}**: ${links.join(', ')}`
  })
  return rows.join('\n')
}

function pointText({ id, phase, decisions, shape, firedBy, doc, aliases }: PointDefinition): string {
  return [
    `### ${id}`,
    '',
    doc,
    '',
    `- Phase: ${phase}`,
    `- Decisions: ${decisions.length === 0 ? 'none, observers only' : decisions.join(', ')}`,
    `- Data: [${shape}](#data)`,
    `- Fired by: ${firedBy}`,
    `- Aliases: ${aliases.map((alias) => `\`${alias}\``).join(', ') || 'none'}`,
  ].join('\n')
}

function shapesText(shapes: readonly ShapeText[]): string {
  const intro = 'What `ctx.data` holds at the points above, and the types that it mentions. All of it is JSON.'
  return ['## Data', intro, shapes.map(({ name, text }) => `- **${name}**: \`${text}\``).join('\n')].join('\n\n')
}

function title(component: string): string {
  return component.charAt(0).toUpperCase() + component.slice(1)
}
