/** Shows an execution to whoever reads its stream: it counts turns and tries, and knows what has been shown of them. */
import type { HookchartError } from '../../src/errors.ts'
import type { RunResult } from '../../src/hooks/run-result.ts'
import type { AgentStreamPart, DonePart } from './stream-part.ts'

type Usage = Readonly<Record<string, unknown>>

/** See the head of this file. */
export class Show {
  readonly #tell: (part: Exclude<AgentStreamPart, DonePart>) => void
  #turn = 1
  #attempt = 0
  /** The answer of the last try has been shown as it came. */
  #isShown = false
  #tools = 0

  constructor(tell: (part: Exclude<AgentStreamPart, DonePart>) => void) {
    this.#tell = tell
  }

  /** The model is called. */
  begin(): void {
    this.#attempt++
    this.#isShown = false
  }

  text(text: string): void {
    if (text !== '') this.#tell({ type: 'text', text, turn: this.#turn, attempt: this.#attempt })
  }

  /** The model has said all. */
  said(): void {
    this.#isShown = true
  }

  /** What the call came to. When that is not what the model has said, hooks have put it there, and it is shown now. */
  answer(text: string): void {
    if (this.#isShown) return
    this.begin()
    this.text(text)
  }

  /** A turn is over. */
  step(usage: Usage | undefined, name?: string): void {
    const turn = this.#turn++
    this.#attempt = 0
    this.#isShown = false
    this.#tell({
      ...{ type: 'step', turn },
      ...(name !== undefined && { name }),
      ...(usage !== undefined && { usage }),
    })
  }

  /** A tool is called; gives what shows how it ended. */
  tool(name: string, input: unknown, id = String(++this.#tools)): (end: ToolEnd) => void {
    this.#tell({ type: 'tool', phase: 'call', id, name, input })
    return ({ output, error }) => {
      const end = { ...(output !== undefined && { output }), ...(error !== undefined && { error }) }
      this.#tell({ type: 'tool', phase: 'result', id, name, ...end })
    }
  }
}

/** What a tool came to. */
export type ToolEnd = Pick<RunResult, 'output'> & { readonly error?: HookchartError }
