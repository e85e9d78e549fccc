/** What tests of chains begin with: a system on a test clock, and tools that do what a test says. */
import { createSystem, defineTool } from 'hookchart'
import type { CreateSystemOptions, ToolCall } from 'hookchart'
import { createTestClock, createTestIds } from 'hookchart/testing'
import * as z from 'zod'
import { deferred } from './kernel.ts'

export function chainBench(options: CreateSystemOptions = {}) {
  const clock = createTestClock()
  const system = createSystem({ clock, ids: createTestIds(), ...options })
  /** What was begun, given back and undone, in order. */
  const log: string[] = []
  const gates = new Map<string, ReturnType<typeof deferred<unknown>>>()

  /** A tool that gives its name, or what a function does. */
  const tool = (name: string, execute: (call: ToolCall) => unknown = () => name) =>
    defineTool({
      name,
      description: name,
      input: z.any(),
      execute: (call: ToolCall): unknown => {
        log.push(name)
        return execute(call)
      },
    })

  /** A tool that waits until the test lets it go on; it ends when it is aborted. */
  const waiting = (name: string) => {
    const gate = deferred<unknown>()
    gates.set(name, gate)
    gate.promise.catch(() => undefined)
    return tool(name, ({ signal }) => {
      signal.addEventListener('abort', () => {
        log.push(`${name} aborted`)
        gate.reject(signal.reason)
      })
      return gate.promise
    })
  }

  const failing = (name: string, message = `${name} broke`) =>
    tool(name, () => {
      throw new Error(message)
    })

  /** A compensation that is noted. */
  const undo = (name: string) => () => void log.push(`undo ${name}`)

  const go = async (name: string, output: unknown = name) => {
    gates.get(name)?.resolve(output)
    await clock.settle()
  }
  const break_ = async (name: string) => {
    gates.get(name)?.reject(new Error(`${name} broke`))
    await clock.settle()
  }
  return { clock, system, log, tool, waiting, failing, undo, go, breakDown: break_ }
}
