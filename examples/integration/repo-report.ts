/**
 * A report on a folder of code: `hookchart run examples/integration/repo-report.ts --input '{"dir":"…"}'`. An agent looks round, four
 * things are measured at once, what stands out is found, each folder gets a section; hooks log, measure, cache, mask and refuse.
 * The report and the trace are written to `hookchart-report` in the working folder, or to `out`.
 */
import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { unwrap } from 'hookchart'
import type { EffectCall, System } from 'hookchart'
import * as z from 'zod'
import { report } from './repo-report/flow.ts'
import { watch } from './repo-report/hooks.ts'
import { write } from './repo-report/page.ts'
import { tools } from './repo-report/tools.ts'

const request = z.strictObject({
  dir: z.string().min(1).default('.'),
  out: z.string().min(1).default('hookchart-report'),
})

export default async function repoReport(system: System, input: unknown, call: EffectCall) {
  const { dir: given, out } = request.parse(input ?? {})
  const dir = resolve(given)
  if (statSync(dir, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new Error(`${given} is no folder. Give one: --input '{"dir":"path/of/a/folder"}'`)
  for (const tool of tools) system.tools.register(tool)
  const seen = watch(system)
  const result = await system.chains.execute(report, { dir }, { parent: call, signal: call.signal })
  const { surveyor, measure, decide, sections } = unwrap(result)
  const verdicts = Object.values(decide as Readonly<Record<string, string>>)
  const written = await write(
    resolve(out),
    {
      survey: surveyor,
      measures: measure,
      verdicts,
      sections: sections,
      seen,
    },
    result.trace,
  )
  return { ...written, files: surveyor.files, verdicts }
}
