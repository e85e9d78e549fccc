/** The modes in which the kernel runs: with everything checked, as in production, and there on its fast paths. */

/** `checked`: NODE_ENV is test. `production`: with a clock of tests. `fast`: with the clock of the machine. */
export const MODES = ['checked', 'production', 'fast'] as const

export type Mode = (typeof MODES)[number]

/** Makes hooks in a mode: NODE_ENV is read when they are made. */
export function inMode<T>(mode: Mode, make: () => T): T {
  const before = process.env['NODE_ENV']
  process.env['NODE_ENV'] = mode === 'checked' ? 'test' : 'production'
  try {
    return make()
  } finally {
    process.env['NODE_ENV'] = before
  }
}
