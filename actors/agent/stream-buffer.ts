/** The parts of a stream that nobody has read yet; bounded. */
import type { AgentStreamPart, DonePart, TextPart } from './stream-part.ts'

type Read = IteratorResult<AgentStreamPart, undefined>

/** As many parts besides texts are kept; texts join. */
const MOST_WAITING = 1_024

const OVER: Read = { done: true, value: undefined }

/** See the head of this file. */
export class StreamBuffer {
  /** Parts besides texts that nobody can read any more. */
  dropped = 0
  hasEnded = false
  #parts: AgentStreamPart[] = []
  /** How many of them are no texts. */
  #others = 0
  #readers: { readonly resolve: (read: Read) => void; readonly reject: (error: unknown) => void }[] = []
  #failure: { readonly error: unknown } | undefined

  push(part: Exclude<AgentStreamPart, DonePart>): void {
    if (this.hasEnded) return
    const reader = this.#readers.shift()
    if (reader !== undefined) {
      reader.resolve({ done: false, value: part })
      return
    }
    const last = this.#parts.at(-1)
    if (part.type === 'text' && last?.type === 'text' && goesOn(last, part)) {
      this.#parts[this.#parts.length - 1] = { ...last, text: last.text + part.text }
      return
    }
    this.#parts.push(part)
    if (part.type !== 'text' && ++this.#others > MOST_WAITING) this.#drop()
  }

  end(part: DonePart): void {
    if (this.hasEnded) return
    const reader = this.#readers.shift()
    if (reader === undefined) this.#parts.push(part)
    else reader.resolve({ done: false, value: part })
    this.#close()
  }

  /** What must not happen. */
  fail(error: unknown): void {
    this.#failure = { error }
    this.#close()
  }

  /** Nobody reads any more. */
  leave(): void {
    this.#parts = []
    this.#close()
  }

  next(): Promise<Read> {
    const part = this.#parts.shift()
    if (part !== undefined) {
      if (isCounted(part)) this.#others--
      return Promise.resolve({ done: false, value: part })
    }
    if (this.#failure !== undefined) return Promise.reject(this.#failure.error)
    if (this.hasEnded) return Promise.resolve(OVER)
    return new Promise((resolve, reject) => {
      this.#readers.push({ resolve, reject })
    })
  }

  /** Nothing more comes. */
  #close(): void {
    this.hasEnded = true
    for (const { resolve, reject } of this.#readers.splice(0)) {
      if (this.#failure === undefined) resolve(OVER)
      else reject(this.#failure.error)
    }
  }

  #drop(): void {
    const oldest = this.#parts.findIndex(isCounted)
    this.#parts.splice(oldest, 1)
    this.#others--
    this.dropped++
  }
}

function isCounted({ type }: AgentStreamPart): boolean {
  return type === 'tool' || type === 'step'
}

function goesOn(last: TextPart, next: TextPart): boolean {
  return last.turn === next.turn && last.attempt === next.attempt
}
