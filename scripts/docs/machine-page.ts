/** `docs/machines/<id>.md`: a machine as a page, with its chart and its tables. */
import { toGraph, toMermaid } from 'hookchart/chart'
import type { GraphEdge, GraphNode, MachineGraph } from 'hookchart/chart'
import type { ShippedMachine } from './shipped-machines.ts'

/** Where the page of a machine stands. */
export function pathOfMachine({ machine }: ShippedMachine): string {
  // A colon is no part of a file's name everywhere.
  return `docs/machines/${machine.id.replace(/^.*:/, '')}.md`
}

/** The page, before formatting. */
export function machinePage({ machine, source, madeFor }: ShippedMachine): string {
  const graph = toGraph(machine)
  return [
    `<!-- Generated from ${source} by \`npm run docs\`. Do not edit. -->`,
    `# Machine: ${graph.id}`,
    [
      graph.nodes[0]?.description,
      `Version ${graph.version ?? 'none'}. Source: \`${source}\`.`,
      ...(madeFor === undefined ? [] : [`Such a machine is made for each definition; this one is for ${madeFor}.`]),
    ].join('\n'),
    `\`\`\`mermaid\n${toMermaid(graph)}\`\`\``,
    '## States',
    tableOf(
      ['state', 'kind', 'what it is', 'does'],
      graph.nodes.slice(1).map((node) => [code(node.id), kindOf(node, graph), node.description ?? '', doesOf(node)]),
    ),
    '## Transitions',
    'In the order in which they are tried. Without a target it only acts.',
    tableOf(
      ['from', 'on', 'if', 'to', 'actions'],
      graph.edges.map((edge) => [
        edge.source === graph.nodes[0]?.id ? 'any state' : code(edge.source),
        triggerOf(edge),
        edge.guard === undefined ? '' : code(edge.guard),
        edge.targets.map(code).join(', '),
        edge.actions.map(code).join(', '),
      ]),
    ),
  ].join('\n\n')
}

function kindOf({ id, type, parent, history }: GraphNode, graph: MachineGraph): string {
  const isFirst = graph.nodes.some(
    (node) => node.id === parent && node.type === 'compound' && node.initial.includes(id),
  )
  const kind = type === 'history' ? `${history ?? 'shallow'} history` : type
  return isFirst ? `${kind}, initial` : kind
}

function doesOf({ entry, exit, invokes, tags }: GraphNode): string {
  const parts = [
    ...entry.map((action) => `entry / ${code(action)}`),
    ...exit.map((action) => `exit / ${code(action)}`),
    ...invokes.map(({ src }) => `invokes ${code(src)}`),
    ...tags.map((tag) => `tag ${code(tag)}`),
  ]
  return parts.join(', ')
}

function triggerOf({ kind, event }: GraphEdge): string {
  if (kind === 'always') return 'always'
  return kind === 'event' ? code(event) : `${kind} ${code(event)}`
}

function code(text: string): string {
  return `\`${text}\``
}

function tableOf(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n')
}
