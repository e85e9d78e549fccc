/** What the command is called with: subcommands, their options, and what exit code each outcome is. */
import { Command, CommanderError, Option } from 'commander'
import { isHookchartError } from '../src/errors.ts'
import { packageVersion } from './package-version.ts'
import { EXIT } from './context.ts'
import type { CommandContext } from './context.ts'
import type { GraphFormat } from './graph.ts'
import type { Output } from './output.ts'
import { UsageError } from './usage-error.ts'

/** Longer lines are hard to read. */
const HELP_COLUMNS = 100
const FORMATS: readonly GraphFormat[] = ['mermaid', 'json']

/** Runs the command; gives its exit code. */
export async function command(argv: readonly string[], context: CommandContext): Promise<number> {
  let code: number = EXIT.fine
  const program = programFor(context, (ended) => (code = ended))
  try {
    await program.parseAsync([...argv], { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.fine : EXIT.usage
    return tell(error, context.output, argv.includes('--debug'))
  }
}

function programFor(context: CommandContext, ended: (code: number) => void): Command {
  const { output } = context
  const program = new Command('hookchart')
    .description('Runs, draws and explains agents, tools, workflows and chains.')
    .version(packageVersion(), '-v, --version', 'print the version')
    .exitOverride()
    .configureHelp({ minWidthToWrap: 10 })
    .configureOutput({
      writeOut: (text) => {
        output.print(text.trimEnd())
      },
      writeErr: (text) => {
        output.note(text.trimEnd())
      },
      getOutHelpWidth: () => Math.min(output.outColumns, HELP_COLUMNS),
      getErrHelpWidth: () => Math.min(output.errColumns, HELP_COLUMNS),
    })
    .showHelpAfterError('(hookchart --help says what there is)')
  // What is set on the program before a subcommand is added holds for that as well. Each loads what it needs when it is called.
  program
    .command('run')
    .description('run what a file exports by default: a tool, an agent, a workflow, a chain, or a function')
    .argument('<file>', 'TypeScript or JavaScript')
    .option('--input <json>', 'the input, as JSON')
    .option('--input-file <path>', 'a file with the input, as JSON; - is standard input')
    .option('--json', 'print the result as JSON on standard output, all else on standard error')
    .option('--debug', 'print stack traces')
    .action(async (file: string, options: RunFlags) => {
      const { run } = await import('./run.ts')
      ended(await run(file, options, context))
    })
  program
    .command('graph')
    .description('draw what a file exports by default: a machine, or the chart of a definition')
    .argument('<file>', 'TypeScript or JavaScript')
    .addOption(new Option('--format <format>', 'how').choices(FORMATS).default('mermaid'))
    .option('--debug', 'print stack traces')
    .action(async (file: string, { format }: { readonly format: GraphFormat }) => {
      const { graph } = await import('./graph.ts')
      await graph(file, format, context)
    })
  program
    .command('explain')
    .description('say which hooks run at a point, in which order, and why')
    .argument('<point>', 'the name of a hook point')
    .argument('<file>', 'a file that exports a system, or a function setup(system)')
    .option('--json', 'print it as JSON')
    .option('--debug', 'print stack traces')
    .action(async (point: string, file: string, { json = false }: { readonly json?: boolean }) => {
      const { explain } = await import('./explain.ts')
      await explain(point, file, json, context)
    })
  return program
}

interface RunFlags {
  readonly input?: string
  readonly inputFile?: string
  readonly json?: boolean
}

/** One message that says what is wrong; the stack only for who asked for it. */
function tell(error: unknown, output: Output, debug: boolean): number {
  const { message, stack } = error instanceof Error ? error : { message: String(error), stack: undefined }
  const code = isHookchartError(error) ? ` [${error.code}]` : ''
  output.note(output.styles.red('error:') + ` ${message}${code}`)
  if (debug && stack !== undefined) output.note(stack)
  return error instanceof UsageError ? EXIT.usage : EXIT.failed
}
