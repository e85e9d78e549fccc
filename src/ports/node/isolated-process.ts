/** A process for one function. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { toErrorData } from '../../errors.ts'
import type { IsolationLimits } from '../isolation.ts'
import { samplingMs, toMebibytes } from './isolated-place.ts'
import type { Place, PlaceEvents } from './isolated-place.ts'
import { PROCESS_PROGRAM } from './isolated-source.ts'

/** None of them outlives us, however we end. */
const children = new Set<ChildProcess>()
const killAll = () => {
  for (const child of children) child.kill('SIGKILL')
}

/** V8 says this when it gives up for want of memory, and then a report that is of no use to anybody here. */
const OUT_OF_MEMORY = '<--- Last few GCs --->'

/** Starts a process. */
export function openProcess({ maxMemoryBytes, maxCpuMs }: IsolationLimits, events: PlaceEvents): Place {
  const watched = JSON.stringify(maxCpuMs === undefined ? [null, null] : [maxCpuMs, samplingMs(maxCpuMs)])
  const heap = maxMemoryBytes === undefined ? [] : [`--max-old-space-size=${String(toMebibytes(maxMemoryBytes))}`]
  const child = spawn(process.execPath, [...heap, '-e', PROCESS_PROGRAM, watched], {
    stdio: ['ignore', 'inherit', 'pipe', 'ipc', 'pipe'],
    // As threads copy: a date stays a date.
    serialization: 'advanced',
  })
  if (children.size === 0) process.on('exit', killAll)
  children.add(child)
  let isUp = false
  const unsent: object[] = []
  let outOfMemory = false
  let cpuMs = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    outOfMemory ||= maxMemoryBytes !== undefined && chunk.includes(OUT_OF_MEMORY)
    if (!outOfMemory) process.stderr.write(chunk)
  })
  child.stdio[4]?.on('data', (chunk: Buffer) => {
    cpuMs += chunk.toString()
  })
  child.on('message', (message: { readonly type: string }) => {
    if (message.type === 'up') {
      isUp = true
      for (const each of unsent.splice(0)) deliver(each)
    } else if (message.type !== 'started') events.onMessage(message)
  })
  child.on('error', (error) => {
    events.onEnd({ type: 'failed', error: toErrorData(error) })
    // What could not be started has no end that is told.
    if (child.pid === undefined) gone('not started')
  })
  child.on('close', (code, signal) => {
    if (maxMemoryBytes !== undefined && outOfMemory) {
      events.onEnd({ type: 'over_limit', resource: 'memory', limit: maxMemoryBytes, used: maxMemoryBytes })
    }
    if (maxCpuMs !== undefined && cpuMs !== '') {
      events.onEnd({ type: 'over_limit', resource: 'cpu', limit: maxCpuMs, used: Number(cpuMs) })
    }
    gone(signal ?? `exit code ${String(code)}`)
  })
  const gone = (how: string) => {
    children.delete(child)
    if (children.size === 0) process.off('exit', killAll)
    events.onGone(how)
  }
  const deliver = (message: object) => {
    // It may have gone by now; that it has is told by itself.
    if (child.connected) child.send(message, () => undefined)
  }
  return {
    send: (message) => {
      if (isUp) deliver(message)
      else unsent.push(structuredClone(message))
    },
    kill: () => void child.kill('SIGKILL'),
  }
}
