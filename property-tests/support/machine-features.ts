/** What a machine has of what statecharts can do, and what a run of it comes to use. */
import { createTestClock } from 'hookchart/testing'
import { createActor } from 'xstate'
import type { AnyStateMachine, AnyTransitionDefinition, StateNode } from 'xstate'

type Node = StateNode<never, never>

/** What a transition answers to: events of the outside by how they are matched, those of XState by their kind. */
function kindOf(transition: AnyTransitionDefinition): string {
  const eventType = transition.eventType as string
  if (eventType === '') return 'always'
  if (!eventType.startsWith('xstate.')) return eventType.includes('*') ? 'wildcard' : 'event'
  const kinds = ['after', 'done.state', 'done.actor', 'error.actor', 'snapshot']
  return kinds.find((kind) => eventType.startsWith(`xstate.${kind}.`)) ?? eventType
}

const featuresOf = (transition: AnyTransitionDefinition): readonly string[] => [
  kindOf(transition),
  ...(transition.guard === undefined ? [] : ['guard']),
  ...(transition.reenter ? ['reenter'] : []),
  ...((transition.target?.length ?? 0) > 1 ? ['several targets'] : []),
]

/** The features that stand in a machine. */
export function featuresIn(machine: AnyStateMachine): ReadonlySet<string> {
  const found = new Set<string>()
  const look = (node: Node, depth: number): void => {
    found.add(node.type)
    if (node.type === 'history') found.add(`${String(node.history)} history`)
    if (depth > 2) found.add('nesting')
    if (node.invoke.length > 0) found.add('invoke')
    const { entry, exit } = node.config as { readonly entry?: readonly unknown[]; readonly exit?: readonly unknown[] }
    // Each writes down that it was entered and left.
    if ((entry?.length ?? 0) > 1) found.add('entry')
    if ((exit?.length ?? 0) > 1) found.add('exit')
    for (const transition of [...[...node.transitions.values()].flat(), ...(node.always ?? [])])
      for (const each of featuresOf(transition)) found.add(each)
    for (const child of Object.values(node.states)) look(child, depth + 1)
  }
  look(machine.root as unknown as Node, 0)
  return found
}

/** The features of the transitions that a run takes, and how it ends. Undefined stands for time that passes. */
export async function featuresTaken(
  machine: AnyStateMachine,
  events: readonly (string | undefined)[],
): Promise<ReadonlySet<string>> {
  const found = new Set<string>()
  const clock = createTestClock()
  const actor = createActor(machine, {
    clock,
    logger: () => undefined,
    inspect: (event) => {
      if (event.type !== '@xstate.microstep') return
      const { historyValue } = event.snapshot as unknown as { readonly historyValue: Readonly<Record<string, unknown>> }
      for (const transition of event._transitions) {
        for (const each of featuresOf(transition)) found.add(each)
        for (const target of transition.target ?? []) {
          if (target.type !== 'history') continue
          found.add(`${String(target.history)} history`)
          if (historyValue[target.id] !== undefined) found.add(`${String(target.history)} history that remembers`)
        }
      }
    },
  })
  actor.subscribe({ error: () => undefined })
  actor.start()
  await clock.settle()
  for (const type of events) {
    if (actor.getSnapshot().status !== 'active') break
    if (type === undefined) void clock.advance(10)
    else actor.send({ type })
    await clock.settle()
  }
  found.add(`ends ${actor.getSnapshot().status}`)
  actor.stop()
  return found
}
