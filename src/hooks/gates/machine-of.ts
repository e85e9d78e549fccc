/** Which machine an actor runs, by its shape: compiled logic and flat runs have it inside. */

/** A machine, as far as gates ask it. */
export interface KnownMachine {
  readonly id?: string
  readonly implementations?: { readonly actors?: Readonly<Record<string, unknown>> }
}

/** An actor or a run of a machine. */
export interface MachineHolder {
  readonly id: string
  readonly logic?: KnownMachine & { readonly machine?: KnownMachine }
}

/** The machine with its implementations; undefined for an actor of something else. */
export function machineOf({ logic }: MachineHolder): KnownMachine | undefined {
  return logic?.machine ?? logic
}

/** What hooks know a machine by that was given no other name. */
export function machineName(holder: MachineHolder): string {
  return machineOf(holder)?.id ?? holder.id
}
