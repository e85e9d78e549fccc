/**
 * How a run goes, on standard error: on a terminal a list of what runs, which is written over; elsewhere a line for what has
 * ended. It names operations and how they end; nothing of their data is shown.
 */
import cliTruncate from 'cli-truncate'
import { createLogUpdate } from 'log-update'
import type { Observation } from '../actors/system/inspection.ts'
import type { System } from '../actors/system/create-system.ts'
import { durationText } from './duration-text.ts'
import type { Output } from './output.ts'

type Settled = Extract<Observation, { type: 'operation_settled' }>

/** How often the list is drawn. */
const FRAME_MS = 100
const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'] as const
/** So often one path is told of; what comes after is counted. */
const TELLINGS = 3
/** What lies deeper is not told of one by one. */
const DEEPEST = 4

/** See the head of this file. */
export class Progress {
  readonly #output: Output
  readonly #system: System
  readonly #stop: () => void
  readonly #live: ReturnType<typeof createLogUpdate> | undefined
  readonly #timer: NodeJS.Timeout | undefined
  readonly #running = new Map<string, { readonly path: string; readonly since: number }>()
  readonly #told = new Map<string, number>()
  #frame = 0

  constructor(system: System, output: Output) {
    this.#system = system
    this.#output = output
    const inspecting = system.inspect((observation) => {
      if (observation.type === 'operation_started')
        this.#running.set(observation.operation, { path: observation.path, since: Date.now() })
      else if (observation.type === 'operation_settled') this.#settled(observation)
    })
    this.#stop = () => {
      inspecting.stop()
    }
    if (!output.isLive) return
    this.#live = createLogUpdate(output.liveStream, { showCursor: true })
    this.#timer = setInterval(() => {
      this.#draw()
    }, FRAME_MS)
    // What shows a run does not keep one going.
    this.#timer.unref()
  }

  /** Takes the list away and says what was only counted. */
  end(): void {
    this.#stop()
    clearInterval(this.#timer)
    this.#live?.clear()
    this.#live?.done()
    for (const [path, times] of this.#told)
      if (times > TELLINGS) this.#output.note(this.#fitted(`  ${nameIn(path)}: ${String(times - TELLINGS)} more`))
  }

  #settled(observation: Settled): void {
    this.#running.delete(observation.operation)
    const { path } = observation
    if (depthOf(path) > DEEPEST) return
    const times = (this.#told.get(path) ?? 0) + 1
    this.#told.set(path, times)
    if (times > TELLINGS) return
    const line = this.#fitted(this.#line(observation))
    if (this.#live === undefined) this.#output.note(line)
    else {
      this.#live.clear()
      this.#output.note(line)
      this.#draw()
    }
  }

  #line({ path, status, durationMs, error }: Settled): string {
    const { green, red, yellow, dim } = this.#output.styles
    const mark = status === 'completed' ? green('✔') : status === 'partial' ? yellow('✔') : red('✖')
    const how = status === 'completed' ? '' : ` ${status}${error === undefined ? '' : ` [${error.code}]`}`
    return `${'  '.repeat(depthOf(path) - 1)}${mark} ${nameIn(path)}${how} ${dim(durationText(durationMs))}`
  }

  #draw(): void {
    const { cyan, dim, yellow } = this.#output.styles
    const frame = FRAMES[this.#frame++ % FRAMES.length] ?? ''
    const now = Date.now()
    const running = [...this.#running.values()]
    const room = Math.max(1, this.#output.errRows - 3)
    const lines = running
      .slice(0, room)
      .map(({ path, since }) =>
        this.#fitted(
          `${'  '.repeat(depthOf(path) - 1)}${cyan(frame)} ${nameIn(path)} ${dim(durationText(now - since))}`,
        ),
      )
    if (running.length > room) lines.push(dim(`  and ${String(running.length - room)} more`))
    for (const { id, request } of this.#system.approvals.pending())
      lines.push(this.#fitted(yellow(`? waits for an approval: ${request.question} (${id})`)))
    this.#live?.(lines.join('\n'))
  }

  #fitted(line: string): string {
    return this.#output.isLive ? cliTruncate(line, this.#output.errColumns - 1) : line
  }
}

/** The system itself is the root of all paths. */
function depthOf(path: string): number {
  return path.split('/').length - 1
}

function nameIn(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
