/** The control stream as an async iterable. */
import * as z from 'zod'
import { whenAborted } from '../../hooks/abort-signals.ts'
import type { Control, ControlEvent } from '../control.ts'
import { Ring } from '../ring.ts'
import { streamOf } from './event-stream.ts'
import type { EventStream } from './event-stream.ts'
import type { Timers } from './source.ts'

/** Messages that wait for a reader. */
const MOST_WAITING = 1_000

const DONE = { done: true, value: undefined } as const

/** Options of `control.stream`. */
export const controlSchema = z.strictObject({ signal: z.instanceof(AbortSignal).optional() })

/** The messages of a control stream from now on, until it is left, aborted or the bus ends. */
export function controlStream(
  control: Control,
  signal: AbortSignal | undefined,
  timers: Timers,
): EventStream<ControlEvent> {
  const waiting = new Ring<ControlEvent>()
  const readers: ((result: IteratorResult<ControlEvent, undefined>) => void)[] = []
  const state = { ended: false, release: (): void => undefined }
  const end = () => {
    if (state.ended) return
    state.ended = true
    stop()
    state.release()
    for (const reader of readers.splice(0)) reader(DONE)
  }
  const stop = control.listen((value) => {
    const reader = readers.shift()
    if (reader !== undefined) {
      reader({ done: false, value })
      return
    }
    if (waiting.size === MOST_WAITING) {
      waiting.shift()
      control.dropped++
    }
    waiting.push(value)
  }, end)
  if (signal !== undefined) state.release = whenAborted(signal, end)
  const next = (): Promise<IteratorResult<ControlEvent, undefined>> => {
    const value = waiting.shift()
    if (value !== undefined) return Promise.resolve({ done: false, value })
    if (state.ended) return Promise.resolve(DONE)
    return new Promise((resolve) => {
      readers.push(resolve)
    })
  }
  return streamOf({ next }, end, timers)
}
