/** Keeping results alive: a compiler may leave out work whose result nobody could see. */
const last: { value: unknown } = { value: undefined }

export function keep(value: unknown): void {
  last.value = value
}
