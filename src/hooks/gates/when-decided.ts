/** What a pass of a gate ended with. */
import { isPromise } from '../flow.ts'
import type { Maybe } from '../flow.ts'
import type { Handed } from './machine-operation.ts'

/** A decision, or what was thrown on the way to it. */
export type Ended = { readonly decision: Handed } | { readonly error: unknown }

/** Tells how a pass ended: at once when it has, so that a decision of sync hooks is taken in the same turn. */
export function whenDecided(pass: () => Maybe<Handed>, end: (ended: Ended) => void): void {
  try {
    const decision = pass()
    if (!isPromise(decision)) {
      end({ decision })
      return
    }
    decision.then(
      (settled) => {
        end({ decision: settled })
      },
      (error: unknown) => {
        end({ error })
      },
    )
  } catch (error) {
    end({ error })
  }
}
