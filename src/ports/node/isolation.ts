/** The isolation port on worker threads and child processes. */
import { HookchartError, toErrorData } from '../../errors.ts'
import type { ErrorData } from '../../errors.ts'
import type { IsolatedCall, IsolatedEnd, IsolatedRun, Isolation, IsolationLimits } from '../isolation.ts'
import type { Place, PlaceEvents } from './isolated-place.ts'
import { openProcess } from './isolated-process.ts'
import { openThread } from './isolated-thread.ts'

/** What has been aborted has this long to end by itself. Real time, whatever clock a system has: threads know no other. */
const GRACE_MS = 250

type OnEmit = (type: string, data: unknown) => void | Promise<void>

/** What is told from inside. */
type Message =
  | { readonly type: 'completed'; readonly output: unknown; readonly cpuMs: number }
  | { readonly type: 'failed'; readonly error: Partial<ErrorData>; readonly cpuMs: number }
  | { readonly type: 'not_sent'; readonly what: 'output'; readonly problem: string; readonly cpuMs: number }
  | { readonly type: 'emit'; readonly id: number; readonly name: string; readonly data: unknown }

/** Makes the isolation of one system. */
export function createNodeIsolation(): Isolation {
  const running = new Set<NodeRun>()
  return {
    start: (where, call, limits, onEmit) => {
      const run = new NodeRun(where, call, limits, onEmit)
      running.add(run)
      void run.ended.then(() => running.delete(run))
      return run
    },
    stop: async () => {
      const reason = new HookchartError('HOOKS_STOPPED', 'The hooks were stopped.')
      await Promise.all(
        [...running].map((run) => {
          run.abort(reason)
          return run.ended
        }),
      )
    },
  }
}

class NodeRun implements IsolatedRun, PlaceEvents {
  readonly ended: Promise<IsolatedEnd>
  readonly #place: Place
  readonly #limits: IsolationLimits
  readonly #onEmit: OnEmit
  #end: IsolatedEnd | undefined
  #settle: (end: IsolatedEnd) => void = () => undefined
  #grace: ReturnType<typeof setTimeout> | undefined

  constructor(where: 'worker' | 'process', call: IsolatedCall, limits: IsolationLimits, onEmit: OnEmit) {
    this.#limits = limits
    this.#onEmit = onEmit
    this.ended = new Promise((resolve) => {
      this.#settle = resolve
    })
    this.#place = (where === 'worker' ? openThread : openProcess)(limits, this)
    try {
      this.#place.send({ type: 'run', call })
    } catch (error) {
      this.onEnd({ type: 'not_sent', what: 'input', problem: toErrorData(error).message })
    }
  }

  abort(reason: unknown): void {
    if (this.#grace !== undefined || this.#end !== undefined) return
    const { name, message } = toErrorData(reason)
    this.#place.send({ type: 'abort', reason: { name, message } })
    this.#grace = setTimeout(() => {
      this.#place.kill()
    }, GRACE_MS)
  }

  onMessage(given: object): void {
    const message = given as Message
    if (message.type === 'emit') {
      void this.#emit(message)
      return
    }
    const { cpuMs: used, ...end } = message
    const { maxCpuMs = Infinity } = this.#limits
    // It was too much, even if nobody looked in time.
    if (used > maxCpuMs) this.onEnd({ type: 'over_limit', resource: 'cpu', limit: maxCpuMs, used })
    else this.onEnd(end.type === 'failed' ? { type: 'failed', error: whole(end.error) } : end)
  }

  onEnd(end: IsolatedEnd): void {
    this.#end ??= end
    this.#place.kill()
  }

  onGone(how: string): void {
    clearTimeout(this.#grace)
    this.#settle(this.#end ?? { type: 'exited', how })
  }

  async #emit({ id, name, data }: Extract<Message, { type: 'emit' }>): Promise<void> {
    try {
      await this.#onEmit(name, data)
      this.#place.send({ type: 'emitted', id })
    } catch (error) {
      this.#place.send({ type: 'emitted', id, error: toErrorData(error) })
    }
  }
}

function whole({ code = 'EFFECT_FAILED', name = 'Error', message = '', retryable = false }: Partial<ErrorData>) {
  return { code, name, message, retryable }
}
