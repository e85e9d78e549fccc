/** What a supervisor decides: pure functions from what it knows to what it knows next. */
import type { ErrorData } from '../../src/errors.ts'
import { restartDelayMs, restartsInPeriod, startsAgain } from './restart.ts'
import type { ChildExit, ChildState, ChildStatus, SupervisorContext } from './supervisor-context.ts'

type Patch = Partial<SupervisorContext>

const later = ({ now }: SupervisorContext, at: number) => Math.max(now, at)

/** Replaces one child. */
function withChild({ children }: SupervisorContext, id: string, change: Partial<ChildState>): readonly ChildState[] {
  return children.map((child) => (child.id === id ? { ...child, ...change } : child))
}

/** A child of a supervisor. */
export function childOf({ children }: SupervisorContext, id: string): ChildState | undefined {
  return children.find((child) => child.id === id)
}

/** Whether an exit is one to deal with: who is being stopped, or is down, does not exit any more. */
export function counts(context: SupervisorContext, id: string): boolean {
  const status = childOf(context, id)?.status
  return status === 'running' || status === 'starting'
}

/** A child has ended by itself. */
export function exited(context: SupervisorContext, { id, kind, error, at, chance }: ChildExit): Patch {
  const now = later(context, at)
  const { maxRestarts, periodMs, backoff } = context
  const child = childOf(context, id) as ChildState
  const left = { startedAt: null, ...(error !== undefined && { lastError: error }) }
  if (!startsAgain(child.restart, kind)) {
    return { now, children: withChild(context, id, { ...left, status: kind === 'normal' ? 'completed' : 'failed' }) }
  }
  const restarts = [...restartsInPeriod(context.restarts, now, periodMs), now]
  if (restarts.length > maxRestarts) {
    const children = withChild(context, id, { ...left, status: 'failed' })
    return { now, cause: { child: id, error: error ?? null }, ...ended({ ...context, children }, 'failure') }
  }
  const hasHeld = child.startedAt !== null && now - child.startedAt >= periodMs
  const inARow = hasHeld ? 1 : child.inARow + 1
  const dueAt = now + restartDelayMs(backoff, inARow, chance)
  const children = withChild(context, id, { ...left, status: 'waiting', inARow, dueAt })
  return { now, restarts, children: regrouped({ ...context, children }, id, dueAt) }
}

/** Who belongs to a child that is started again is stopped, and started with it. */
function regrouped(context: SupervisorContext, id: string, dueAt: number): readonly ChildState[] {
  const { strategy, children } = context
  if (strategy === 'one_for_one') return children
  const first = strategy === 'one_for_all' ? 0 : children.findIndex((child) => child.id === id)
  const group = children.slice(first)
  // Nobody is started sooner than it was to be, and nobody before those in front of it.
  const due = Math.max(dueAt, ...group.flatMap((child) => (child.status === 'waiting' ? [child.dueAt] : [])))
  return [...children.slice(0, first), ...group.map((child) => withGroup(child, due))]
}

function withGroup(child: ChildState, dueAt: number): ChildState {
  const again = child.restart !== 'temporary'
  switch (child.status) {
    case 'running':
    case 'starting':
      return { ...child, status: 'leaving', startedAt: null, again, dueAt }
    case 'leaving':
      return { ...child, dueAt }
    case 'waiting':
      return { ...child, dueAt }
    case 'completed':
    case 'failed':
    case 'stopped':
      return again ? { ...child, status: 'waiting', dueAt } : child
  }
}

/** It ends: who runs is stopped, who waits is not started. The first reason holds. */
export function ended(context: SupervisorContext, ending: 'stop' | 'failure'): Patch {
  const statusOf = (status: ChildStatus): ChildStatus => {
    if (status === 'running' || status === 'starting') return 'leaving'
    return status === 'waiting' ? 'stopped' : status
  }
  return {
    ending: context.ending ?? ending,
    children: context.children.map((child) => ({ ...child, status: statusOf(child.status), again: false })),
  }
}

/** The child that is to be stopped next: the one that was started last. */
export function nextToStop({ children }: SupervisorContext): string | undefined {
  return children.findLast(({ status }) => status === 'leaving')?.id
}

/** The child that is to be started next: of those that are due the first of the list. */
export function nextToStart({ children, now }: SupervisorContext): string | undefined {
  return children.find(({ status, dueAt }) => status === 'waiting' && dueAt <= now)?.id
}

/** When the next child is to be started; undefined when nobody waits for that. */
export function nextDueAt({ children }: SupervisorContext): number | undefined {
  const waiting = children.filter(({ status }) => status === 'waiting')
  return waiting.length === 0 ? undefined : Math.min(...waiting.map(({ dueAt }) => dueAt))
}

/** A child is being started. */
export function starting(context: SupervisorContext): Patch {
  const id = nextToStart(context) as string
  const { starts } = childOf(context, id) as ChildState
  return { inHand: id, children: withChild(context, id, { status: 'starting', starts: starts + 1 }) }
}

/** The start of the child in hand has succeeded. */
export function started(context: SupervisorContext, at: number): Patch {
  const now = later(context, at)
  return {
    now,
    inHand: null,
    children: withChild(context, context.inHand as string, { status: 'running', startedAt: now }),
  }
}

/** The start of the child in hand has failed: an abnormal exit. */
export function notStarted(context: SupervisorContext, error: ErrorData, at: number, chance: number): Patch {
  const id = context.inHand as string
  return { inHand: null, ...exited(context, { id, kind: 'abnormal', error, at, chance }) }
}

/** The child in hand has been stopped. */
export function stopped(context: SupervisorContext, at: number): Patch {
  const id = context.inHand as string
  const { again } = childOf(context, id) as ChildState
  return {
    now: later(context, at),
    inHand: null,
    children: withChild(context, id, { status: again ? 'waiting' : 'stopped', again: false, startedAt: null }),
  }
}
