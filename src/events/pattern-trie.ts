/** Many patterns at once: a trie over their segments, so that a type costs the same with one pattern and with ten thousand. */
import type { Pattern } from './pattern.ts'

interface Node<T> {
  readonly children: Map<string, Node<T>>
  /** It is the end of a `**`: any segment leads back to it. */
  readonly stays: boolean
  readonly values: Set<T>
}

/** Values by pattern. */
export class PatternTrie<T> {
  readonly #root: Node<T> = emptyNode(false)
  #size = 0

  /** How many values are in it. */
  get size(): number {
    return this.#size
  }

  add({ segments }: Pattern, value: T): void {
    let node = this.#root
    for (const segment of segments) {
      let child = node.children.get(segment)
      if (child === undefined) node.children.set(segment, (child = emptyNode(segment === '**')))
      node = child
    }
    if (node.values.has(value)) return
    node.values.add(value)
    this.#size++
  }

  /** Takes a value away, and the nodes that nothing is left under. */
  remove({ segments }: Pattern, value: T): void {
    const path = [this.#root]
    for (const segment of segments) {
      const child = (path[path.length - 1] as Node<T>).children.get(segment)
      if (child === undefined) return
      path.push(child)
    }
    if (!(path[path.length - 1] as Node<T>).values.delete(value)) return
    this.#size--
    for (let i = segments.length; i > 0 && isEmpty(path[i] as Node<T>); i--) {
      ;(path[i - 1] as Node<T>).children.delete(segments[i - 1] as string)
    }
  }

  /** The values whose patterns a type matches, each once, in no order. */
  match(type: string): Set<T> {
    let reached = skipAny(new Set([this.#root]))
    for (const segment of type.split('.')) {
      const next = new Set<Node<T>>()
      for (const node of reached) {
        if (node.stays) next.add(node)
        const literal = node.children.get(segment)
        if (literal !== undefined) next.add(literal)
        const one = node.children.get('*')
        if (one !== undefined) next.add(one)
      }
      if (next.size === 0) return new Set()
      reached = skipAny(next)
    }
    const found = new Set<T>()
    for (const { values } of reached) for (const value of values) found.add(value)
    return found
  }
}

/** `**` may stand for nothing. */
function skipAny<T>(reached: Set<Node<T>>): Set<Node<T>> {
  for (const { children } of reached) {
    const any = children.get('**')
    if (any !== undefined) reached.add(any)
  }
  return reached
}

function emptyNode<T>(stays: boolean): Node<T> {
  return { children: new Map(), stays, values: new Set() }
}

function isEmpty<T>({ children, values }: Node<T>): boolean {
  return children.size === 0 && values.size === 0
}
