/**
 * The program of an isolated thread or process: it takes one function as text, calls it, and tells how that went. It is text
 * itself, so that it runs the same from source, under a loader and from a build.
 */

const PROGRAM = String.raw`
'use strict'
// Loaders of TypeScript and of tests write these into the text of functions.
globalThis.__name ??= (value) => value
globalThis.__vite_ssr_dynamic_import__ ??= (specifier) => import(specifier)

function functionOf(source) {
  try {
    return (0, eval)('(' + source + ')')
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    // A method is no expression by itself.
    return Object.values((0, eval)('({' + source + '})'))[0]
  }
}

function errorData(thrown) {
  const text = (value) => { try { return String(value) } catch { return 'something that has no text' } }
  if (!(thrown instanceof Error)) return { message: typeof thrown === 'string' ? thrown : text(thrown) }
  const { name, message, code, retryable } = thrown
  return { name: text(name), message: text(message), ...(typeof code === 'string' && { code }), retryable: retryable === true }
}

function serve(send, receive, cpuMs) {
  const controller = new AbortController()
  const waiting = new Map()
  let since = 0
  const tell = (message) => send({ ...message, cpuMs: cpuMs() - since })
  const fail = (error) => tell({ type: 'failed', error: errorData(error) })
  const emit = (type, data) => {
    const id = waiting.size + 1
    const taken = new Promise((resolve, reject) => waiting.set(id, { resolve, reject }))
    taken.catch(() => {})
    send({ type: 'emit', id, name: type, data })
    return taken
  }
  const run = async ({ source, ...call }) => {
    since = cpuMs()
    send({ type: 'started', cpuMs: since })
    let output
    try {
      output = await functionOf(source)({ ...call, signal: controller.signal, emit })
    } catch (error) {
      return fail(error)
    }
    try {
      tell({ type: 'completed', output })
    } catch (error) {
      tell({ type: 'not_sent', what: 'output', problem: errorData(error).message })
    }
  }
  receive((message) => {
    if (message.type === 'run') void run(message.call)
    else if (message.type === 'abort') controller.abort(Object.assign(new Error(message.reason.message), { name: message.reason.name }))
    else if (message.error === undefined) waiting.get(message.id).resolve()
    else waiting.get(message.id).reject(Object.assign(new Error(), message.error))
  })
  return fail
}
`

/** For a thread. */
export const THREAD_PROGRAM = `${PROGRAM}
const { parentPort } = require('node:worker_threads')
serve(
  (message) => parentPort.postMessage(message),
  (take) => parentPort.on('message', take),
  () => performance.eventLoopUtilization().active,
)
`

/** A thread beside the function of a process: the function may never give the processor back. Descriptor 4 is a pipe to us. */
const WATCH = String.raw`
const { parentPort } = require('node:worker_threads')
const { writeSync } = require('node:fs')
parentPort.on('message', ({ since, limitMs, everyMs }) => {
  setInterval(() => {
    const { user, system } = process.cpuUsage()
    const used = (user + system) / 1000 - since
    if (used <= limitMs) return
    writeSync(4, String(used))
    process.kill(process.pid, 'SIGKILL')
  }, everyMs)
})
parentPort.postMessage('up')
`

/** For a process. What it is sent waits until its watch is up, which is not to count as the function's. */
export const PROCESS_PROGRAM = `${PROGRAM}
const cpuMs = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1000 }
const [limitMs, everyMs] = JSON.parse(process.argv[1])
const begin = () => {
  const fail = serve((message) => process.send(message), (take) => process.on('message', take), cpuMs)
  process.on('uncaughtException', fail)
  process.send({ type: 'up' })
}
process.on('disconnect', () => process.exit())
if (limitMs === null) begin()
else {
  const { Worker } = require('node:worker_threads')
  const watch = new Worker(${JSON.stringify(WATCH)}, { eval: true })
  watch.once('message', () => {
    watch.unref()
    watch.postMessage({ since: cpuMs(), limitMs, everyMs })
    begin()
  })
}
`
