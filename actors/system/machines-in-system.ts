/** Machines of users, run with the hooks and the clock of a system, and stopped with it. */
import * as z from 'zod'
import { createActor } from 'xstate'
import type { Actor, AnyStateMachine, InputFrom, Snapshot } from 'xstate'
import { HookchartError, nameOf, toErrorData } from '../../src/errors.ts'
import { parseOptions } from '../../src/options.ts'
import type { Hooks } from '../../src/hooks/api.ts'
import type { Kernel } from '../../src/hooks/executor/kernel.ts'
import { stopped } from '../../src/hooks/executor/run-point.ts'
import type { Inspection } from './inspection.ts'

/** Options of `system.start`. */
export interface StartMachineOptions<Machine extends AnyStateMachine = AnyStateMachine> {
  readonly input?: InputFrom<Machine>
  /** What the actor is called; default the id of the machine. */
  readonly id?: string
  /** Where it goes on: what `getPersistedSnapshot` gave. */
  readonly snapshot?: Snapshot<unknown>
}

const schema = z.strictObject({
  input: z.unknown().optional(),
  id: z.string().min(1, 'expected an id that is not empty').optional(),
  snapshot: z.unknown().optional(),
})

/** See the head of this file. */
export class MachinesInSystem {
  readonly #kernel: Kernel
  readonly #hooks: Hooks
  readonly #inspection: Inspection
  readonly #actors = new Set<{ stop(): unknown }>()

  constructor(kernel: Kernel, hooks: Hooks, inspection: Inspection) {
    this.#kernel = kernel
    this.#hooks = hooks
    this.#inspection = inspection
  }

  start<Machine extends AnyStateMachine>(machine: Machine, options: StartMachineOptions<Machine> = {}): Actor<Machine> {
    const given = machine as Partial<AnyStateMachine> | undefined
    if (typeof given?.provide !== 'function' || typeof given.id !== 'string')
      throw new HookchartError(
        'INVALID_OPTIONS',
        `system.start: the machine is ${nameOf(machine)}. Give what createMachine gave.`,
      )
    if (this.#kernel.stopped || this.#kernel.closing) throw stopped(given.id)
    const { input, id = given.id, snapshot } = parseOptions(schema, options, `system.start("${given.id}")`)
    const actor: Actor<Machine> = createActor<Machine>(
      machine.provide(this.#hooks.provide() as never) as Machine,
      {
        clock: this.#kernel.time.clock,
        id,
        ...(input !== undefined && { input }),
        ...(snapshot !== undefined && { snapshot }),
      } as never,
    )
    this.#actors.add(actor)
    const inspection = this.#inspection
    // As hooks at its gates see it.
    const component = { type: 'custom', name: machine.id, id } as const
    const forget = () => void this.#actors.delete(actor)
    let last: string | undefined
    actor.subscribe({
      next: ({ value }) => {
        const now = JSON.stringify(value)
        if (now === last) return
        last = now
        inspection.machine(component, { type: 'machine_changed', value })
      },
      // Without an observer of errors XState would throw what it fails with where nobody can catch it.
      error: (error) => {
        forget()
        inspection.machine(component, { type: 'machine_failed', error: toErrorData(error) })
      },
      complete: () => {
        forget()
        const status = (actor.getSnapshot() as Snapshot<unknown>).status === 'done' ? 'done' : 'stopped'
        inspection.machine(component, { type: 'machine_ended', status })
      },
    })
    return actor.start()
  }

  stop(): void {
    for (const actor of this.#actors) actor.stop()
    this.#actors.clear()
  }
}
