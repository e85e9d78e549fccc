/** The guards that charts share whose effects tell outcomes; each machine's `setup` has them by these names. */

/** What was invoked told this. */
export const told = (type: string) => ({ type: 'told', params: { type } })

/** Somebody is hooked to a point. */
export const hooked = (point: string) => ({ type: 'hooked', params: { point } })
