/** The models that a system knows by their names. */
import * as z from 'zod'
import { HookchartError, toErrorData } from '../../src/errors.ts'
import { isLanguageModel } from '../../machines/agent/model.ts'
import type { LanguageModel, ModelOption } from '../../machines/agent/model.ts'

/** A model from its id, such as the providers of the AI SDK are; it may take its time, to be loaded. */
export type ModelProvider = (modelId: string) => LanguageModel | PromiseLike<LanguageModel>

/** Providers by their names, and models by `provider/model`. */
export type Models = Readonly<Record<string, ModelProvider | LanguageModel>>

/** The option `models`. */
export const modelsSchema = z.record(
  z.string().min(1, 'expected a name that is not empty'),
  z.custom<ModelProvider | LanguageModel>(
    (value) => typeof value === 'function' || isLanguageModel(value),
    'expected a language model, or a function that gives one for the id of a model',
  ),
)

/** Finds models by their names. */
export function modelResolver(models: Models) {
  return (given: ModelOption, where: string): LanguageModel | PromiseLike<LanguageModel> => {
    if (typeof given !== 'string') return given
    const slash = given.indexOf('/')
    const [provider, modelId] = [given.slice(0, slash), given.slice(slash + 1)]
    const known = Object.hasOwn(models, given)
      ? models[given]
      : Object.hasOwn(models, provider)
        ? models[provider]
        : undefined
    if (known === undefined) throw unknownModel(where, given, Object.keys(models))
    return typeof known === 'function' ? checked(() => known(modelId), where, given) : known
  }
}

async function checked(
  load: () => LanguageModel | PromiseLike<LanguageModel>,
  where: string,
  given: string,
): Promise<LanguageModel> {
  let settled: unknown
  try {
    settled = await load()
  } catch (error) {
    throw notInstalled(error, where, given) ?? error
  }
  if (isLanguageModel(settled)) return settled
  throw new HookchartError(
    'UNKNOWN_MODEL',
    `${where}: the provider of "${given}" gave no language model. Let it give one with provider, modelId, doGenerate and doStream.`,
    { details: { where, model: given } },
  )
}

/** A provider whose package is loaded when it is needed, and is not there. */
function notInstalled(error: unknown, where: string, model: string): HookchartError | undefined {
  const { code, message } = toErrorData(error)
  const name = /Cannot find package '([^']+)'/.exec(message)?.[1]
  if (code !== 'ERR_MODULE_NOT_FOUND' || name === undefined) return undefined
  return new HookchartError(
    'MODEL_NOT_LOADED',
    `${where}: the provider of "${model}" needs the package ${name}, which is not installed. Install it: npm install ${name}`,
    { details: { where, model, package: name }, cause: error },
  )
}

function unknownModel(where: string, model: string, known: readonly string[]): HookchartError {
  const knows = known.length === 0 ? 'The system has no models.' : `The system knows ${known.join(', ')}.`
  return new HookchartError(
    'UNKNOWN_MODEL',
    `${where}: no provider or model is called "${model}". ${knows} Name it in createSystem({ models }).`,
    { details: { where, model, known } },
  )
}
