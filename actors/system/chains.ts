/** `system.chains`. */
import { HookchartError, nameOf } from '../../src/errors.ts'
import { parseExecuteOptions } from '../../src/hooks/operation/options.ts'
import type { ExecuteOptions } from '../../src/hooks/operation/options.ts'
import { execute } from '../../src/hooks/operation/start.ts'
import type { RunResult } from '../../src/hooks/run-result.ts'
import type { CallTarget } from '../../machines/call.ts'
import type { ChainDefinition } from '../../machines/chain/define-chain.ts'
import { isSealed } from '../../machines/definition.ts'
import { chainRunner } from '../coordinator/chain-runner.ts'
import type { ChainOperation, StartableChain } from '../coordinator/chain-runner.ts'
import { cancelReason } from './cancel-reason.ts'
import type { Host } from './host.ts'

/**
 * A run of a chain that was started. Its result, as that of `execute`:
 *
 * `completed`: every component has an output. `partial`: some do not, and what depends on them was skipped; or a
 * workflow among them is partial. `failed`: a component has failed the chain; `error.details.failed` names it, and `undone` and
 * `notUndone` what was compensated. `cancelled`, `timed_out`: the chain itself was; it is compensated too, if a component with the
 * policy `compensate` had not completed. So is a chain with such a component that hooks refuse when it has completed.
 */
export interface ChainRun<Output = unknown> {
  /** The id of the operation. */
  readonly id: string
  /** Never rejects. */
  readonly result: Promise<RunResult<Output>>
  /** Starts nothing more until it is resumed; what runs goes on. The deadline of the chain stands still. After the end nothing happens. */
  pause(): void
  resume(): void
  /** Ends it: what waits is not run, what runs is aborted, and what is to be undone is undone before the result is there. */
  cancel(reason?: string): void
}

/** The chains of a system. */
export interface Chains {
  /** Executes a chain. Rejects for misuse only: INVALID_OPTIONS, HOOKS_STOPPED. */
  execute<Input, Output>(
    chain: CallTarget<'chain', Input, Output>,
    input: NoInfer<Input>,
    options?: ExecuteOptions,
  ): Promise<RunResult<Output>>
  /** Starts a chain and gives the run. Throws what `execute` rejects with. */
  start<Input, Output>(
    chain: CallTarget<'chain', Input, Output>,
    input: NoInfer<Input>,
    options?: ExecuteOptions,
  ): ChainRun<Output>
}

/** The chains of a system, over what it runs them with. */
export function chainsOf(host: Host): Chains {
  const runners = new WeakMap<object, StartableChain>()
  const runnerOf = (chain: unknown, where: string) => {
    if (!isSealed(chain, 'chain')) {
      throw new HookchartError(
        'INVALID_OPTIONS',
        `${where}: the chain is ${nameOf(chain)}. Give what defineChain gave.`,
        {
          details: { where, flaws: [{ path: 'chain', problem: 'expected a chain' }] },
        },
      )
    }
    const definition = chain as ChainDefinition
    let runner = runners.get(definition)
    if (runner === undefined) runners.set(definition, (runner = chainRunner(host, definition)))
    return runner
  }
  const start = (
    chain: { readonly name: string },
    input: unknown,
    options: ExecuteOptions | undefined,
    where: string,
  ) => {
    const runner = runnerOf(chain, where)
    let operation: ChainOperation | undefined
    let id = ''
    const begin: StartableChain['begin'] = (fields) => {
      id = fields.operation.id
      return (operation = runner.begin(fields))
    }
    const result = execute(host.kernel, { ...runner, begin }, input, parseExecuteOptions(options, chain.name))
    return {
      id,
      result: Promise.resolve(result) as Promise<RunResult<never>>,
      pause: () => operation?.pause(),
      resume: () => operation?.resume(),
      cancel: (reason = 'cancelled') => operation?.cancel(cancelReason(reason, 'run.cancel')),
    }
  }
  return {
    execute: async (chain, input, options) => await start(chain, input, options, 'chains.execute').result,
    start: (chain, input, options) => start(chain, input, options, 'chains.start'),
  }
}
