/** What shedding counts in a window, and what it makes of a full one. */
import * as z from 'zod'
import { judgeWindow } from '../../src/hooks/shedding.ts'
import type { SheddingRecord, SheddingSettings as Judging } from '../../src/hooks/shedding.ts'
import { parseOptions } from '../../src/options.ts'

/** By what optional work is shed. */
export interface SheddingSettings extends Judging {
  /** Operations that are judged together. */
  readonly windowOperations: number
  /** Operations that take less themselves are not counted: anything is a large share of nothing. */
  readonly shortestMs: number
}

/** A piece of work that operations carry with them. */
export interface SheddingMember {
  readonly id: string
  /** The lowest is shed first. */
  readonly criticality: number
  /** Counts, and is never shed. */
  readonly isKept: boolean
  /** Its number in the order of coming; among equals the last is shed first. */
  readonly registered: number
  /** What it took in this window. */
  readonly spentMs: number
}

/** What is counted, what is left out, and since when; JSON. */
export interface SheddingContext extends SheddingRecord<string> {
  readonly settings: SheddingSettings
  readonly members: readonly SheddingMember[]
  /** How many members there ever were. */
  readonly registered: number
  /** Operations in the window so far, and what they took themselves. */
  readonly operations: number
  readonly ownMs: number
  /** What members took in this window that are gone. */
  readonly goneMs: number
  /** The ratio of the last full window; 0 before there was one. */
  readonly share: number
}

/**
 * What the machine is told. `spentMs`: what each member took, by its id; of one that is removed what it took in this
 * window and the machine was not told.
 */
export type SheddingEvent =
  | { readonly type: 'ADD'; readonly id: string; readonly criticality: number; readonly isKept: boolean }
  | { readonly type: 'REMOVE'; readonly id: string; readonly spentMs?: number | undefined }
  | { readonly type: 'OPERATION'; readonly ownMs: number; readonly spentMs: Readonly<Record<string, number>> }
  | { readonly type: 'WINDOW'; readonly ownMs: number; readonly spentMs: Readonly<Record<string, number>> }

const nothing = { operations: 0, ownMs: 0, goneMs: 0 }

const settingsSchema = z.strictObject({
  budget: z.number().nonnegative(),
  restoreRatio: z.number().min(0).max(1),
  firstTrialWindows: z.int().positive(),
  lastTrialWindows: z.int().positive(),
  windowOperations: z.int().positive(),
  shortestMs: z.number().positive(),
})

/** Settings of which each may be left out. */
export const someSettingsSchema = settingsSchema.partial()

/** Nothing is counted or left out yet. Throws INVALID_OPTIONS. */
export function beginShedding(input: SheddingSettings): SheddingContext {
  const settings = parseOptions(settingsSchema, input, 'input of shedding')
  return { settings, members: [], registered: 0, ...nothing, share: 0, shed: [], trials: [] }
}

/** A time in ms; nothing where it is none. */
export function timeOf(ms: unknown): number {
  return typeof ms === 'number' && ms > 0 && Number.isFinite(ms) ? ms : 0
}

/** What a member took, by what was told; nothing when that is no time. */
export function spentBy(id: string, spentMs: Readonly<Record<string, number>>): number {
  return Object.hasOwn(spentMs, id) ? timeOf(spentMs[id]) : 0
}

export function counted(context: SheddingContext, event: SheddingEvent): SheddingContext {
  if (event.type !== 'OPERATION' && event.type !== 'WINDOW') return context
  const members = context.members.map((member) => ({
    ...member,
    spentMs: member.spentMs + spentBy(member.id, event.spentMs),
  }))
  return { ...context, members, operations: context.operations + 1, ownMs: context.ownMs + event.ownMs }
}

/** The end of a window: what it came to, and the next begins. */
export function judged(context: SheddingContext): SheddingContext {
  const { members, settings, ownMs, goneMs } = context
  const isShed = (id: string) => context.shed.some((entry) => entry.id === id)
  const window = {
    spentMs: members.reduce((sum, { spentMs }) => sum + spentMs, goneMs),
    ownMs,
    candidates: () =>
      members.filter(({ id, isKept }) => !isKept && !isShed(id)).map((each) => ({ ...each, costMs: each.spentMs })),
  }
  const { changed: _, ...verdict } = judgeWindow(context, window, settings)
  return { ...context, ...verdict, ...nothing, members: members.map((member) => ({ ...member, spentMs: 0 })) }
}
