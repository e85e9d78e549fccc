/** What a model is called with: the gates round it, and the count of what it uses. */
import { HookchartError } from '../../src/errors.ts'
import type { EffectCall } from '../../src/hooks/operation/effect.ts'
import type { Startable } from '../../src/hooks/operation/executable.ts'
import { answerSchema, modelGates, parseResult } from '../../machines/agent/model-call.ts'
import type { CallTokens } from '../../machines/agent/model-call.ts'
import type { LanguageModel } from '../../machines/agent/model.ts'
import { ChartedOperation } from '../operation/charted-operation.ts'
import { gatesAt, hookedAt } from '../operation/gates-at.ts'
import { operationOrder } from '../../machines/operation/operation-order.ts'
import type { Host } from '../system/host.ts'

/** Makes the calls of one execution startable; told the tokens of each call that the model has answered. */
export type ModelRunner = (onTokens: (tokens: CallTokens) => void) => Startable

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
  const charted = {
    ...{ component, gates, ...schemas, targets: host.targets, data: { model: name }, effect: () => undefined },
    before: gates.get('BeforeModelCall'),
    after: gates.get(modelGates.after),
    error: gates.get(modelGates.error),
    order: operationOrder(modelGates, hookedAt(gates, component)),
  }
  return (onTokens) => {
    const effect = async (request: object, call: EffectCall) => {
      const { answer, tokens } = parseResult(await model.doGenerate({ ...request, abortSignal: call.signal } as never))
      onTokens(tokens)
      return answer
    }
    return { component, targets: host.targets, begin: (fields) => new ChartedOperation(fields, charted, effect) }
  }
}
