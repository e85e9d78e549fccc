/**
 * Listening to the AbortSignals of users. One listener a signal, however many of ours wait for it: a process often has one
 * signal for all that it runs, and Node warns of a leak from the eleventh listener on.
 */

/** Something that may be aborted, without the signal that costs microseconds to make. */
export interface Aborts {
  /** Calls back with the reason, at once if it is aborted; gives what stops that. */
  onAbort(listener: (reason: unknown) => void): () => void
}

interface Waiting {
  readonly callbacks: Set<() => void>
  readonly tell: () => void
}

const waiting = new WeakMap<AbortSignal, Waiting>()

/** Calls back when a signal is aborted, at once if it is; gives what stops that. */
export function whenAborted(signal: AbortSignal, callback: () => void): () => void {
  if (signal.aborted) {
    callback()
    return () => undefined
  }
  const { callbacks, tell } = waiting.get(signal) ?? listenTo(signal)
  // A function of its own, so that the same callback may wait twice.
  const own = () => {
    callback()
  }
  callbacks.add(own)
  return () => {
    if (!callbacks.delete(own) || callbacks.size > 0) return
    signal.removeEventListener('abort', tell)
    waiting.delete(signal)
  }
}

function listenTo(signal: AbortSignal): Waiting {
  const callbacks = new Set<() => void>()
  const tell = () => {
    waiting.delete(signal)
    const all = [...callbacks]
    callbacks.clear()
    for (const each of all) each()
  }
  signal.addEventListener('abort', tell, { once: true })
  const made = { callbacks, tell }
  waiting.set(signal, made)
  return made
}
