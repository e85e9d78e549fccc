/** What gates say of themselves in the `meta` of a chart, so that whoever draws it knows what was written and what serves them. */
export interface GateMeta {
  /** The state or transition is there only for a gate, of this point. */
  readonly point?: string
  /** Of a state: the decisions that it may come to. */
  readonly routes?: readonly string[]
  /** The transition is as it was written, and these points are passed with it. */
  readonly passes?: readonly string[]
}

/** What the meta of a state or a transition says of gates; nothing where there are none. */
export function gateMetaOf(meta: unknown): GateMeta {
  const { gate } = (meta ?? {}) as { readonly gate?: unknown }
  return typeof gate === 'object' && gate !== null ? gate : {}
}
