/** Questions that come up while something is done: it is done again and again, until each way to answer them was gone. */

/** One way to answer. */
export interface Way<T> {
  readonly result: T
  /** What was answered with yes. */
  readonly yes: readonly string[]
}

/** See the head of this file. */
export class Choices {
  #answers: Map<string, boolean> | undefined

  /** The answer of this way; no where nothing is gone through. The same question has the same answer within a way. */
  ask(question: string): boolean {
    const answers = this.#answers
    const known = answers?.get(question)
    if (known === undefined) answers?.set(question, false)
    return known ?? false
  }

  /** All ways to do something; the first one answers everything with no. What is asked may depend on the answers before. */
  ways<T>(act: () => T): readonly Way<T>[] {
    const ways: Way<T>[] = []
    const ahead = [new Map<string, boolean>()]
    // What a way leaves open is put behind, and gets its turn.
    for (const given of ahead) {
      const answers = new Map(given)
      this.#answers = answers
      try {
        ways.push({ result: act(), yes: [...answers].flatMap(([question, yes]) => (yes ? [question] : [])) })
      } finally {
        this.#answers = undefined
      }
      const asked = [...answers]
      for (let i = given.size; i < asked.length; i++) {
        const [question] = asked[i] as [string, boolean]
        ahead.push(new Map([...asked.slice(0, i), [question, true]]))
      }
    }
    return ways
  }
}
