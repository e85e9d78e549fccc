/** What the gates of a machine are called in its chart: `hooks.provide()` gives implementations for these names. */
export const GATE_NAMES = {
  /** Guard: no hook at a point, so that a transition is taken as it is written. */
  unhooked: 'hookchart.unhooked',
  /** Guard: the event comes from somebody else than a gate. */
  fresh: 'hookchart.fresh',
  /** Guard: the event comes from a gate, but too late. */
  stale: 'hookchart.stale',
  /** Guard: the event comes from the pass of a certain gate, which nothing has overtaken. */
  admitted: 'hookchart.admitted',
  /** Guard: a gate, as a state, has come to a certain decision, which nothing has overtaken. */
  decided: 'hookchart.decided',
  /** Action: a state is left from which events wait at gates. */
  leaveSource: 'hookchart.leave_source',
  /** Action: an event that a gate let through was taken, or a decision of one that is a state. */
  taken: 'hookchart.taken',
  /** Action: an event of a gate came too late, or from a forger. */
  ignored: 'hookchart.ignored',
  /** Actor: one pass of a gate that is a state. */
  gate: 'hookchart.gate',
  /** Actor: all gates of the transitions of a machine. */
  gates: 'hookchart.gates',
} as const

/** What the gates of transitions are sent. */
export const GATE_EVENTS = {
  /** A transition has hooks: its event waits. */
  pass: 'hookchart.pass',
  /** A transition was taken that has a gate behind it. */
  taken: 'hookchart.taken',
  /** A state was left from which events wait. */
  left: 'hookchart.left',
  /** A pass has ended; sent by the gates to themselves. */
  decided: 'hookchart.decided',
  /** The effect of a state is asked for again; sent to the machine. */
  again: 'hookchart.again',
} as const
