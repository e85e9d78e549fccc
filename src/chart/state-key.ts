/** Texts that tell states and events apart. */
import { configure } from 'safe-stable-stringify'

/** JSON with sorted keys; what is no JSON is left out, as in any JSON. */
export const canonicalJson = configure({ deterministic: true }) as (value: unknown) => string
