/** `hookchart explain`: which hooks run at a point of a file's system, in which order, and why. */
import { isHookchartError } from '../src/errors.ts'
import type { CommandContext } from './context.ts'
import { loadFile } from './load-file.ts'
import { systemOf } from './runnable.ts'
import { UsageError } from './usage-error.ts'

/** Prints the explanation of a point. */
export async function explain(point: string, file: string, json: boolean, { output }: CommandContext): Promise<void> {
  const exports = await loadFile(file)
  if (!('system' in exports) && !('setup' in exports)) {
    throw new UsageError(
      `${file} exports neither a system nor a function setup(system), so no hook is registered. Add export function setup(system) { … }.`,
    )
  }
  const system = await systemOf(exports, file)
  try {
    const explanation = system.hooks.explain(point)
    output.print(json ? JSON.stringify(explanation, null, 2) : explanation.toString())
  } catch (error) {
    if (isHookchartError(error, 'UNKNOWN_POINT')) throw new UsageError(error.message)
    throw error
  } finally {
    await system.stop()
  }
}
