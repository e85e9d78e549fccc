/** Buses for tests of events: a clock that stands still, ids that can be foretold, handlers that end when they are told to. */
import { createEventBus } from 'hookchart/events'
import type { ControlEvent, CreateEventBusOptions, EventHandler, UniversalEvent } from 'hookchart/events'
import { createTestClock, createTestIds } from 'hookchart/testing'

/** A bus, its clock, and what its control stream has told so far. */
export function busOf(options: CreateEventBusOptions = {}) {
  const clock = createTestClock()
  const events = createEventBus({ clock, ids: createTestIds('event'), ...options })
  const told: ControlEvent[] = []
  events.control.subscribe((event) => told.push(event))
  return { clock, events, told }
}

/** A handler that keeps what it was given. */
export function keeping() {
  const seen: UniversalEvent[] = []
  const handler: EventHandler = (event) => {
    seen.push(event)
  }
  return {
    seen,
    handler,
    get data() {
      return seen.map(({ data }) => data)
    },
  }
}

/** An async handler that ends, in the order in which it was called, when it is told to. */
export function waiting() {
  const calls: { readonly event: UniversalEvent; readonly end: (error?: Error) => void }[] = []
  const handler: EventHandler = (event) =>
    new Promise<void>((resolve, reject) => {
      calls.push({
        event,
        end: (error) => {
          if (error === undefined) resolve()
          else reject(error)
        },
      })
    })
  let ended = 0
  return {
    calls,
    handler,
    /** Ends the next that has not ended. */
    end: (error?: Error) => {
      calls[ended++]!.end(error)
    },
    get data() {
      return calls.map(({ event }) => event.data)
    },
  }
}
