/** What a model is called with: the gates round it, and the count of what it uses. */
import { HookchartError } from '../../src/errors.ts'
import { callOf } from '../../src/hooks/operation/effect.ts'
import type { EffectCall } from '../../src/hooks/operation/effect.ts'
import type { Operation } from '../../src/hooks/executor/operation.ts'
import type { Startable } from '../../src/hooks/operation/executable.ts'
import { answerSchema, modelGates, parseResult } from '../../machines/agent/model-call.ts'
import type { CallTokens } from '../../machines/agent/model-call.ts'
import type { LanguageModel } from '../../machines/agent/model.ts'
import { gatesAt, hookedAt } from '../operation/gates-at.ts'
import { operationOrder } from '../../machines/operation/operation-order.ts'
import type { Host } from '../system/host.ts'
import { modelFailure } from './model-errors.ts'
import { ModelOperation } from './model-operation.ts'
import type { ModelCallRules } from './model-operation.ts'
import { readAnswer } from './read-answer.ts'
import type { Show } from './show.ts'

/** What a call of a model has to do with the execution that makes it. */
export interface ModelWatch extends ModelCallRules {
  /** Asked before each start; throws where nothing more may be spent. */
  readonly begin: (operation: Operation) => void
  /** Told the tokens of each start that the model has answered. */
  readonly onTokens: (operation: Operation, tokens: CallTokens) => void
  /** Told of what the model does, which goes on until this settles, also when nobody waits for it any more. */
  readonly onWork: (work: Promise<unknown>) => void
  /** Shown what the model says while it says it; without it, it is asked for the whole at once. */
  readonly show: Show | undefined
}

/** Makes the calls of one execution startable. */
export type ModelRunner = (watch: ModelWatch) => Startable

/** `provider/model`. */
export function modelNameOf({ provider, modelId }: LanguageModel): string {
  return `${provider}/${modelId}`
}

/** What the versions of the AI SDK's models are called whose answers are understood here. */
const VERSIONS: readonly string[] = ['v2', 'v3']

/** Makes what runs a model. Throws UNKNOWN_MODEL for one of another version of the AI SDK. */
export function modelRunner(host: Host, model: LanguageModel): ModelRunner {
  const name = modelNameOf(model)
  if (!VERSIONS.includes(model.specificationVersion)) {
    throw new HookchartError(
      'UNKNOWN_MODEL',
      `Model "${name}" has the specification version "${model.specificationVersion}"; ${VERSIONS.join(' and ')} are understood. Take a provider of AI SDK 5 or 6.`,
      { details: { model: name, known: VERSIONS } },
    )
  }
  const component = Object.freeze({ type: 'model', name, id: name } as const)
  const schemas = { input: undefined, output: answerSchema }
  const points = [...modelGates.before.map(({ point }) => point), modelGates.after, modelGates.error]
  const gates = gatesAt(host.kernel, { component, ...schemas }, points)
  const hooked = hookedAt(gates, component)
  const charted = {
    ...{ component, gates, ...schemas, targets: host.targets, data: { model: name }, effect: () => undefined },
    before: gates.get('BeforeModelCall'),
    after: gates.get(modelGates.after),
    error: gates.get(modelGates.error),
    // A retry of its own is decided behind its error gate, so that it is passed even where nobody is hooked to it.
    order: operationOrder(modelGates, (point) => hooked(point) || point === modelGates.error),
  }
  const now = () => host.kernel.time.now()
  return (watch) => {
    const { show, begin, onTokens, onWork } = watch
    const effect = async (request: object, call: EffectCall) => {
      const { operation } = callOf(call) as { readonly operation: Operation }
      const { signal } = call
      begin(operation)
      show?.begin()
      const asked = { ...request, abortSignal: signal } as never
      const work =
        show === undefined
          ? asking(name, now, () => model.doGenerate(asked))
          : asking(name, now, () => model.doStream(asked)).then((given) =>
              readAnswer(given, { model: name, signal, show }),
            )
      onWork(work)
      const { answer, tokens } = parseResult(await work)
      onTokens(operation, tokens)
      show?.said()
      return answer
    }
    return { component, targets: host.targets, begin: (fields) => new ModelOperation(fields, charted, effect, watch) }
  }
}

/** Asks, and says in words what to do when that fails. */
async function asking(name: string, now: () => number, ask: () => PromiseLike<unknown>): Promise<unknown> {
  try {
    return await ask()
  } catch (error) {
    throw modelFailure(name, error, now())
  }
}
