/** A thread for one function. */
import { Worker } from 'node:worker_threads'
import { toErrorData } from '../../errors.ts'
import type { IsolationLimits } from '../isolation.ts'
import { samplingMs, toMebibytes } from './isolated-place.ts'
import type { Place, PlaceEvents } from './isolated-place.ts'
import { THREAD_PROGRAM } from './isolated-source.ts'

/** Starts a thread. */
export function openThread({ maxMemoryBytes, maxCpuMs }: IsolationLimits, events: PlaceEvents): Place {
  const worker = new Worker(THREAD_PROGRAM, {
    eval: true,
    // Without the flags of this process: a loader would be loaded for every run.
    execArgv: [],
    ...(maxMemoryBytes !== undefined && { resourceLimits: { maxOldGenerationSizeMb: toMebibytes(maxMemoryBytes) } }),
  })
  let sampler: ReturnType<typeof setInterval> | undefined
  const watch = (since: number) => {
    if (maxCpuMs === undefined) return
    sampler = setInterval(() => {
      const used = worker.performance.eventLoopUtilization().active - since
      if (used > maxCpuMs) events.onEnd({ type: 'over_limit', resource: 'cpu', limit: maxCpuMs, used })
    }, samplingMs(maxCpuMs))
  }
  worker.on('message', (message: { readonly type: string; readonly cpuMs: number }) => {
    if (message.type === 'started') watch(message.cpuMs)
    else events.onMessage(message)
  })
  worker.on('messageerror', (error) => {
    events.onEnd({ type: 'not_sent', what: 'output', problem: error.message })
  })
  worker.on('error', (error: unknown) => {
    const { code } = toErrorData(error)
    if (code === 'ERR_WORKER_OUT_OF_MEMORY' && maxMemoryBytes !== undefined) {
      events.onEnd({ type: 'over_limit', resource: 'memory', limit: maxMemoryBytes, used: maxMemoryBytes })
    } else events.onEnd({ type: 'failed', error: toErrorData(error) })
  })
  worker.on('exit', (code) => {
    clearInterval(sampler)
    events.onGone(`exit code ${String(code)}`)
  })
  return {
    send: (message) => {
      worker.postMessage(message)
    },
    kill: () => void worker.terminate(),
  }
}
