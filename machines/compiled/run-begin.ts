/** Where a flat run begins: at the initial states, or where another one has been. */
import type { Snapshot } from 'xstate'
import { HookchartError } from '../../src/errors.ts'
import type { Chart } from './create-chart.ts'
import type { Effects } from './effects.ts'
import type { Host } from './host.ts'
import { Macrostep } from './macrostep.ts'
import { perform } from './perform.ts'
import { copyOf, Position } from './position.ts'
import { beginningOf } from './step.ts'
import type { Children, StockSnapshot } from './xstate-internals.ts'

/** The position after the initial macrostep. What fails there fails the run, with the context that it had. */
export function initialPosition(chart: Chart, host: Host, input: unknown): Position {
  const event = { type: 'xstate.init', input }
  const { configuration, step } = beginningOf(chart)
  const standing = {
    context: chart.context,
    children: {},
    status: 'active',
    output: undefined,
    error: undefined,
  } as const
  const at = new Position(configuration, standing, {})
  // What a failure leaves behind: the states from before, with the context if that could be made.
  let before: Position | undefined
  try {
    const macrostep = new Macrostep(chart, host, at)
    if (chart.createContext !== undefined) {
      perform(macrostep, [chart.createContext], event)
      before = copyOf(at)
    }
    macrostep.begin(step, event)
    return at
  } catch (error) {
    const failed = before ?? new Position(configuration, standing, {})
    failed.status = 'error'
    failed.error = error
    return failed
  }
}

interface PersistedChild {
  readonly src: unknown
  readonly snapshot: unknown
  readonly syncSnapshot?: boolean
}

/** The snapshot that a persisted one describes, its children made again: by the effects of the run, else by XState. */
export function restoredSnapshot(
  chart: Chart,
  host: Host,
  persisted: Snapshot<unknown>,
  effects: Effects | undefined,
): StockSnapshot {
  const { machine } = chart
  try {
    const { children, effects: counted } = persisted as Snapshot<unknown> & {
      readonly children: Readonly<Record<string, PersistedChild>>
      readonly effects?: Readonly<Record<string, number>>
    }
    for (const [id, count] of Object.entries(counted ?? {})) effects?.counts.set(id, count)
    const entries = Object.entries(children)
    const others = entries.filter(([, { src }]) => effects?.has(src) !== true)
    const restored = machine.restoreSnapshot({ ...persisted, children: Object.fromEntries(others) }, host.scope)
    const made = entries.flatMap(([id, { src, snapshot, syncSnapshot }]) => {
      const child = effects?.has(src)
        ? effects.restore(src, id, snapshot, syncSnapshot ?? false)
        : restored.children[id]
      return child === undefined ? [] : [[id, child] as const]
    })
    return { ...restored, children: Object.fromEntries(made) as Children }
  } catch (error) {
    throw new HookchartError(
      'INVALID_INPUT',
      `run of "${machine.id}": it cannot go on from this snapshot: ${String(error)}. Give what getPersistedSnapshot of the same machine gave.`,
      { details: { machine: machine.id }, cause: error },
    )
  }
}
