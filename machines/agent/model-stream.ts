/** An answer that comes in parts: put together to what the same call would have given at once. */

/** A text or a reasoning that grows. */
interface Growing {
  readonly type: 'text' | 'reasoning'
  text: string
  providerMetadata?: unknown
}

/** A part of a stream, as far as anything is made of it. */
interface StreamPart {
  readonly type: string
  readonly id: string
  readonly delta?: unknown
  readonly providerMetadata?: unknown
  readonly finishReason?: unknown
  readonly usage?: unknown
}

/** Collects the parts of one stream; see `parseResult` for what it comes to. */
export class AnswerInParts {
  readonly #content: object[] = []
  /** What goes on, by kind and id; an id may be used again once its part has ended. */
  readonly #growing = new Map<string, Growing>()
  #finish: Pick<StreamPart, 'finishReason' | 'usage'> | undefined

  /** Whether the model has said all. */
  get isFinished(): boolean {
    return this.#finish !== undefined
  }

  /** What `doGenerate` would have given. */
  get result(): object {
    return { content: this.#content, ...this.#finish }
  }

  /** Takes a part; gives the text that it brings, which may be empty. */
  take(given: unknown): string {
    const part = given as StreamPart
    switch (part.type) {
      case 'text-start':
      case 'reasoning-start':
        this.#begin(part)
        return ''
      case 'text-delta':
        return this.#grow(part)
      case 'reasoning-delta':
        this.#grow(part)
        return ''
      case 'text-end':
      case 'reasoning-end':
        this.#note(this.#growing.get(keyOf(part)), part)
        this.#growing.delete(keyOf(part))
        return ''
      case 'finish':
        this.#finish = { finishReason: part.finishReason, usage: part.usage }
        return ''
      case 'tool-call':
        this.#content.push(part)
        return ''
      default:
        return ''
    }
  }

  #begin(part: StreamPart): Growing {
    const begun: Growing = { type: part.type.startsWith('text') ? 'text' : 'reasoning', text: '' }
    this.#note(begun, part)
    this.#content.push(begun)
    this.#growing.set(keyOf(part), begun)
    return begun
  }

  #grow(part: StreamPart): string {
    const growing = this.#growing.get(keyOf(part)) ?? this.#begin(part)
    const text = typeof part.delta === 'string' ? part.delta : ''
    growing.text += text
    this.#note(growing, part)
    return text
  }

  /** What a provider says of a part, a signature for one, it may say at any time; the last holds. */
  #note(growing: Growing | undefined, { providerMetadata }: StreamPart): void {
    if (growing !== undefined && providerMetadata !== undefined) growing.providerMetadata = providerMetadata
  }
}

function keyOf({ type, id }: StreamPart): string {
  return `${type.slice(0, type.indexOf('-'))} ${id}`
}
