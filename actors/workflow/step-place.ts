/** Where in its workflow a step runs. */

/** See the head of this file. Of a sequence nothing is to be said. */
export interface StepPlace {
  readonly branch?: string
  /** Counts from 0. */
  readonly iteration?: number
}

/** A step by its name, told apart from those of the same name in other branches and iterations. */
export function placedName(step: string, { branch, iteration }: StepPlace): string {
  if (branch !== undefined) return `${branch}/${step}`
  return iteration === undefined ? step : `iteration ${String(iteration)}/${step}`
}
