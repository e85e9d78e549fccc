/** What goes wrong with a call of a model, in words that say what to do about it. */
import { HookchartError, isHookchartError, textOf } from '../../src/errors.ts'

/** An error of the AI SDK for a request, by its shape. */
interface RequestError extends Error {
  readonly url: string
  readonly isRetryable: boolean
  readonly statusCode?: number
  readonly responseHeaders?: Readonly<Record<string, string>>
}

/** The error that a call of a model has thrown. What is no failed request is left as it is. */
export function modelFailure(model: string, thrown: unknown, now: number): unknown {
  if (isHookchartError(thrown) || !isRequestError(thrown)) return thrown
  const { statusCode: status, isRetryable: retryable, message } = thrown
  const server = originOf(thrown.url)
  if (status === undefined) {
    return new HookchartError(
      'MODEL_UNREACHABLE',
      `Model "${model}": ${server} did not answer: ${sentence(message)} See that the server runs, and that the baseURL of the provider is right.`,
      { retryable, details: { model, server }, cause: thrown },
    )
  }
  const retryAfterMs = retryAfter(thrown.responseHeaders ?? {}, now)
  const wait = retryAfterMs === undefined ? '' : ` It asks to come back in ${String(Math.ceil(retryAfterMs / 1000))} s.`
  return new HookchartError(
    'MODEL_CALL_FAILED',
    `Model "${model}": ${server} answered with status ${String(status)}: ${sentence(message)}${wait} ${remedy(status)}`,
    {
      retryable,
      details: { model, server, status, ...(retryAfterMs !== undefined && { retryAfterMs }) },
      cause: thrown,
    },
  )
}

/** A stream that has ended before the model had. */
export function cutOff(model: string, thrown: unknown): HookchartError {
  const why = thrown === undefined ? 'it ended without a finish' : messageOf(thrown)
  return new HookchartError(
    'MODEL_STREAM_CUT',
    `Model "${model}": its answer was cut off in the middle: ${sentence(why)} Ask again.`,
    { retryable: true, details: { model }, cause: thrown },
  )
}

/** How long the server asks to wait, if it does. */
export function retryAfterOf({ details }: HookchartError): number | undefined {
  const { retryAfterMs } = details
  return typeof retryAfterMs === 'number' ? retryAfterMs : undefined
}

function isRequestError(thrown: unknown): thrown is RequestError {
  if (!(thrown instanceof Error)) return false
  const { url, isRetryable } = thrown as Partial<RequestError>
  return typeof url === 'string' && typeof isRetryable === 'boolean'
}

/** Milliseconds, seconds, or a date. */
function retryAfter(headers: Readonly<Record<string, string>>, now: number): number | undefined {
  const inMs = numberOf(headers['retry-after-ms'])
  if (inMs !== undefined) return inMs
  const given = headers['retry-after']
  const inSeconds = numberOf(given)
  if (inSeconds !== undefined) return inSeconds * 1_000
  const at = given === undefined ? NaN : Date.parse(given)
  return Number.isNaN(at) ? undefined : Math.max(0, at - now)
}

function numberOf(text = ''): number | undefined {
  return /^\s*\d+(\.\d+)?\s*$/.test(text) ? Number(text) : undefined
}

function remedy(status: number): string {
  if (status < 300) return 'It is no answer of a model; see that the baseURL of the provider is right.'
  if (status === 401 || status === 403) return 'Check the API key of the provider.'
  if (status === 404) return 'Check the id of the model, and the baseURL of the provider.'
  if (status === 429) return 'Ask less often, or later.'
  if (status === 408 || status >= 500) return 'The server has failed; ask again later.'
  return 'See what the model was asked.'
}

/** Keys may stand in the rest of an address. */
function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : 'its server'
}

/** What a provider puts into its stream as an error need not be one. */
function messageOf(thrown: unknown): string {
  if (typeof thrown === 'object' && thrown !== null && 'message' in thrown) return String(thrown.message)
  return textOf(thrown)
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`
}
