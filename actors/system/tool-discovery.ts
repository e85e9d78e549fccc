/** A search for tools: an operation behind the gates BeforeToolDiscovery and AfterToolDiscovery. */
import * as z from 'zod'
import { parseOptions } from '../../src/options.ts'
import type { Kernel } from '../../src/hooks/executor/kernel.ts'
import { wrap } from '../../src/hooks/operation/wrap.ts'
import type { ToolQuery } from '../../src/hooks/points/shapes.ts'
import { unwrap } from '../../src/hooks/run-result.ts'
import type { ToolDefinition } from '../../machines/tool/define-tool.ts'
import type { Components } from './components.ts'
import { fitsQuery, querySchema } from './query.ts'

/** Makes the search of a system. Hooks see the names of tools; what they make of those are names that the system knows. */
export function toolDiscovery(kernel: Kernel, components: Components) {
  const namesSchema = z.array(
    z
      .string()
      .refine((name) => components.get('tool', name) !== undefined, 'expected the name of a tool of the system'),
  )
  const search = wrap(
    kernel,
    {
      name: 'tools.discover',
      type: 'tool',
      before: 'BeforeToolDiscovery',
      after: 'AfterToolDiscovery',
      input: querySchema,
      output: namesSchema,
      data: {},
    },
    (query) =>
      components
        .list('tool')
        .filter((tool) => fitsQuery(tool, query))
        .map(({ name }) => name),
  )
  return async (query: ToolQuery = {}): Promise<readonly ToolDefinition[]> => {
    const parsed = parseOptions(querySchema, query, 'tools.discover')
    // What is given as undefined is not given, and no JSON.
    const asked = Object.fromEntries(Object.entries(parsed).filter(([, value]) => value !== undefined))
    const names = unwrap(await search(asked as never))
    return names.map((name) => components.get('tool', name) as ToolDefinition)
  }
}
