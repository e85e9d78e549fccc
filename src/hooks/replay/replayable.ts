/** The replay port: what a hook may say of how it is recorded, and its context as text and back. */
import * as z from 'zod'
import { HookchartError, textOf } from '../../errors.ts'
import { assertJson, freezeJson } from '../../json.ts'
import type { HookContext, HookHandler } from '../context.ts'
import type { AnyHookDefinition, HookOptions } from '../hook.ts'

/** A context without what only a running hook has; `locals` is what the hook had noted before the call. */
export type RecordedContext<Point = string> = Omit<HookContext<Point>, 'signal' | 'locals' | 'run'> & {
  readonly locals?: Readonly<Record<string, unknown>>
}

/** What a hook for any points may say of how it is recorded. */
export interface ReplayPort {
  readonly replayId?: string
  isReplayable?(): boolean
  serializeContext?(ctx: never): string
  deserializeContext?(text: string): object
}

/** A hook that can be recorded and replayed. Its handler is a function; of a composite record the children. */
export interface ReplayableHook<Point = string> extends HookOptions<Point>, ReplayPort {
  readonly handler: HookHandler<Point>
  readonly points?: Point | readonly Point[]
  /** Whom the records belong to; default `name:version`, 1.0.0 for no version. Another one refuses the records so far. */
  readonly replayId?: string
  /** Asked at each call and at each replay; false: not recorded, and a replay is refused. Default true. */
  isReplayable?(): boolean
  /** The context as text; called before the handler. Default JSON of all but `signal` and `run`. */
  serializeContext?(ctx: HookContext<Point>): string
  /** The way back, to a plain object; `signal`, `locals` and `run` are put in. Default JSON.parse, frozen. */
  deserializeContext?(text: string): RecordedContext<Point>
}

/** A replayable hook for any points. */
export interface AnyReplayableHook extends AnyHookDefinition, ReplayPort {}

/** Whom the records of a hook belong to; undefined when it has no name. */
export function replayIdOf({ replayId, name, version = '1.0.0' }: AnyReplayableHook): string | undefined {
  return replayId ?? (name === undefined ? undefined : `${name}:${version}`)
}

/** The context of a call as text. Throws DATA_NOT_JSON when something in it cannot come back. */
export function textOfContext(hook: ReplayPort, ctx: HookContext): string {
  if (hook.serializeContext !== undefined) return hook.serializeContext(ctx as never)
  const { point, component, data, proposal, state, step, workflow, metadata } = ctx
  const { correlationId, parent, operation, language, timestamp, locals } = ctx
  const recorded: RecordedContext = {
    ...{ point, component, data, proposal, state, step, workflow, metadata },
    ...{ correlationId, parent, operation, language, timestamp },
    ...(Object.keys(locals).length > 0 && { locals }),
  }
  assertJson(recorded, 'The context of a recorded hook')
  return JSON.stringify(recorded)
}

const table = z.record(z.string(), z.unknown())

const contextSchema = z.looseObject({
  point: z.string(),
  component: z.looseObject({ type: z.string(), name: z.string(), id: z.string() }),
  data: table,
  state: table,
  metadata: table,
  correlationId: z.string(),
  operation: z.looseObject({ id: z.string(), attempt: z.number(), gatePass: z.number() }),
  language: z.string(),
  timestamp: z.number(),
  locals: table.optional(),
})

/** The way back. Throws REPLAY_INVALID when the text is no context of this point. */
export function contextOfText(hook: ReplayPort, text: string, point: string): RecordedContext {
  const broken = (problem: string, cause?: unknown) =>
    new HookchartError('REPLAY_INVALID', `The recorded context of a call at ${point} cannot be read: ${problem}.`, {
      details: { point },
      ...(cause !== undefined && { cause }),
    })
  let context: unknown
  try {
    context = hook.deserializeContext === undefined ? JSON.parse(text) : hook.deserializeContext(text)
  } catch (error) {
    throw broken(textOf(error), error)
  }
  if (hook.deserializeContext !== undefined) {
    if (typeof context !== 'object' || context === null) throw broken('deserializeContext gave no object')
    return context as RecordedContext
  }
  const parsed = contextSchema.safeParse(context)
  if (!parsed.success) {
    const issue = parsed.error.issues[0] as z.core.$ZodIssue
    throw broken(`"${issue.path.join('.')}" ${issue.message}`)
  }
  if (parsed.data.point !== point) throw broken(`it is one of ${parsed.data.point}`)
  const { locals, ...recorded } = context as RecordedContext
  // Hooks get read-only data; what they note in `locals` is theirs.
  return { ...freezeJson(recorded), ...(locals !== undefined && { locals }) }
}

/** A context to call a hook with. Its recorded parts are the given object's own; `locals` is a fresh copy. */
export function liveContext(
  { locals = {}, ...recorded }: RecordedContext,
  signal: AbortSignal,
  run: HookContext['run'],
): HookContext {
  return Object.defineProperties(recorded, {
    signal: { value: signal },
    locals: { value: { ...locals } },
    run: { value: run },
  }) as HookContext
}
