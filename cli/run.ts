/** `hookchart run`: runs what a file exports, shows how that goes, then what hooks did and how it ended. */
import type { System } from '../actors/system/create-system.ts'
import type { ExecuteOptions } from '../src/hooks/operation/options.ts'
import type { RunResult } from '../src/hooks/run-result.ts'
import { EXIT } from './context.ts'
import type { CommandContext } from './context.ts'
import { inputOf } from './input.ts'
import type { InputFlags } from './input.ts'
import { loadFile } from './load-file.ts'
import { Progress } from './progress.ts'
import { resultText } from './result-text.ts'
import { runnableOf, systemOf } from './runnable.ts'
import type { RunFunction, Runnable } from './runnable.ts'
import { timeline } from './timeline.ts'

/** How long what still runs after an interrupt may take to end, in milliseconds. */
const HASTE_MS = 2_000

/** Gives the exit code. */
export async function run(
  file: string,
  flags: InputFlags & { readonly json?: boolean },
  { output, interrupts }: CommandContext,
): Promise<number> {
  const input = inputOf(flags)
  const exports = await loadFile(file)
  const runnable = runnableOf(exports, file)
  const system = await systemOf(exports, file)
  const controller = new AbortController()
  interrupts.onFirst(() => {
    controller.abort(new Error('interrupted'))
  })
  const progress = new Progress(system, output)
  let result: RunResult
  try {
    result = await execute(system, runnable, input, { signal: controller.signal })
  } finally {
    progress.end()
    await system.stop(controller.signal.aborted ? { timeoutMs: HASTE_MS } : {})
  }
  const tell = (text: string) => {
    if (flags.json === true) output.note(text)
    else output.print(text)
  }
  const styles = flags.json === true ? output.styles : output.outStyles
  const columns = flags.json === true ? output.errColumns : output.outColumns
  for (const text of [timeline(result.trace, columns, styles), resultText(result, columns, styles)]) tell(text)
  if (flags.json === true) output.print(JSON.stringify(result, null, 2))
  return result.status === 'completed' || result.status === 'partial' ? EXIT.fine : EXIT.failed
}

function execute(system: System, runnable: Runnable, input: unknown, options: ExecuteOptions): Promise<RunResult> {
  const { definition } = runnable
  switch (runnable.type) {
    case 'tool':
      return system.tools.execute(definition as typeof runnable.definition, input, options)
    case 'agent':
      return system.agents.execute(runnable.definition, input, options)
    case 'workflow':
      return system.workflows.execute(runnable.definition, input, options)
    case 'chain':
      return system.chains.execute(runnable.definition, input, options)
    case 'function':
      return called(system, runnable.name, runnable.definition, input, options)
  }
}

/** A function is an operation of its own. What it gives stands for the run when that is a result of one. */
async function called(
  system: System,
  name: string,
  fn: RunFunction,
  input: unknown,
  options: ExecuteOptions,
): Promise<RunResult> {
  let given: RunResult | undefined
  const operation = system.hooks.wrap({ name }, async (value: unknown, call) => {
    const output = await fn(system, value, call)
    if (!isResult(output)) return output
    given = output
    return undefined
  })
  const result = await operation(input, options)
  return result.status === 'completed' && given !== undefined ? given : result
}

function isResult(value: unknown): value is RunResult {
  const { status, trace, correlationId } = (value ?? {}) as Partial<RunResult>
  return typeof status === 'string' && Array.isArray(trace) && typeof correlationId === 'string'
}
