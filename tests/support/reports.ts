/** What isolated tools report while they run, over a socket: a test waits for what happens there, and for no time. */
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'

/** What never comes is a failure, in the end. */
const DEADLINE_MS = 15_000

export interface Reports {
  readonly port: number
  /** The next line that somebody sends; `closed` when a sender has gone. */
  next(): Promise<string>
  [Symbol.asyncDispose](): Promise<void>
}

export async function listenForReports(): Promise<Reports> {
  const lines: string[] = []
  const waiting: ((line: string) => void)[] = []
  const sockets = new Set<Socket>()
  const tell = (line: string) => {
    const first = waiting.shift()
    if (first === undefined) lines.push(line)
    else first(line)
  }
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.setEncoding('utf8')
    socket.on('data', (text: string) => text.trim().split('\n').forEach(tell))
    socket.on('error', () => undefined)
    socket.on('close', () => {
      sockets.delete(socket)
      tell('closed')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    next: () =>
      new Promise((resolve, reject) => {
        const line = lines.shift()
        if (line !== undefined) {
          resolve(line)
          return
        }
        const timer = setTimeout(() => {
          reject(new Error(`nothing was reported within ${DEADLINE_MS} ms`))
        }, DEADLINE_MS)
        waiting.push((later) => {
          clearTimeout(timer)
          resolve(later)
        })
      }),
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
