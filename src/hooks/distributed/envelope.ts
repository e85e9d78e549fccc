/** Envelopes: contexts that are signed, dated and good for one opening. */
import * as z from 'zod'
import { HookchartError, nameOf } from '../../errors.ts'
import { canonicalJson } from '../../json.ts'
import { parseOptions } from '../../options.ts'
import { systemClock } from '../../ports/clock.ts'
import { createIds } from '../../ports/ids.ts'
import { nodeHash } from '../../ports/node/hash.ts'
import { nameSchema } from '../points/point.ts'
import { allowLists } from './allow-list.ts'
import { contextSchema, PROTOCOL_VERSION, versionSchema } from './context-schema.ts'
import { requireVersion } from './distributed-context.ts'
import type { DistributedContext } from './distributed-context.ts'
import { parseEnvelopeOptions } from './envelope-options.ts'
import type { CreateEnvelopesOptions } from './envelope-options.ts'
import { Freshness } from './freshness.ts'
import { parsePart, readPlainJson, toPlainJson } from './malformed.ts'
import type { Subject } from './malformed.ts'

/** A signed context; plain JSON, to be sent as it is. */
export interface Envelope {
  /** Of the form, not of the package. */
  readonly version: typeof PROTOCOL_VERSION
  /** Which key signed it. */
  readonly keyId: string
  /** When it was sealed, in milliseconds since the epoch, by the sender's clock. */
  readonly timestamp: number
  /** Good for one opening. */
  readonly nonce: string
  readonly context: DistributedContext
  /** HMAC-SHA-256 over the canonical JSON of everything else; lower-case hexadecimal. */
  readonly signature: string
}

/** Options of {@link Envelopes.open}. */
export interface OpenOptions {
  /** Where the envelope came from, as the transport saw it; for `allow.addresses`. */
  readonly address?: string
}

/** See {@link createEnvelopes}. */
export interface Envelopes {
  /**
   * Signs a context, with the first key and a fresh nonce.
   *
   * @throws CONTEXT_INVALID
   */
  seal(context: DistributedContext): Envelope
  /**
   * The context of an envelope, given as JSON text or as what `JSON.parse` gave.
   *
   * Checked in this order: form, version, signature, age, nonce, and the lists of agents, points and addresses. A nonce
   * is spent only by an envelope that passes all of them, so nobody can spend another's. Nonces are held until their
   * envelopes are too old anyhow. When `maxNonces` are held, further envelopes are refused with CONTEXT_REPLAYED,
   * `retryable`, rather than a nonce forgotten; `details.retryAfterMs` says when there is room.
   *
   * @throws CONTEXT_INVALID, CONTEXT_SIGNATURE, CONTEXT_EXPIRED, CONTEXT_REPLAYED, CONTEXT_NOT_ALLOWED;
   * INVALID_OPTIONS for its own options
   */
  open(envelope: unknown, options?: OpenOptions): DistributedContext
}

type Unsigned = Omit<Envelope, 'signature'>

const unsignedSchema = z.strictObject({
  version: versionSchema,
  keyId: nameSchema,
  timestamp: z.number().nonnegative(),
  nonce: nameSchema,
  context: contextSchema,
})

/** A missing signature is a matter of the signature, not of the form. */
const receivedSchema = unsignedSchema.extend({ signature: z.string().optional() })

const openSchema = z.strictObject({ address: z.string().optional() })

const SEALING: Subject = {
  what: 'What was given to seal',
  advice: 'Seal what createDistributedContext, parseDistributedContext or propagateContext gave.',
}

const RECEIVED: Subject = {
  what: 'The envelope',
  advice: 'Hand envelopes on as they were sealed.',
}

/**
 * Seals contexts for the network and opens what comes from there.
 *
 * Who has the key can seal for any agent: a signature says that a holder of the key made the envelope and that nothing
 * was changed since. Nothing is encrypted. Nonces are remembered by this object alone: make one per process, and after
 * a restart expect that envelopes younger than `maxAgeMs` could be opened once more.
 *
 * Of the allow lists, an absent one allows all and an empty one allows none.
 *
 * @throws INVALID_OPTIONS
 * @example
 * ```ts
 * import { createDistributedContext, createEnvelopes, isHookchartError } from 'hookchart/hooks'
 * const context = createDistributedContext({
 *   source: { nodeId: 'berlin-1', agentId: 'planner' },
 *   targets: [{ nodeId: 'oslo-2', agentId: 'auditor' }],
 *   hook: {
 *     point: 'BeforeToolExecution',
 *     component: { type: 'tool', name: 'add', id: 'tool-1' },
 *     data: { input: 1 },
 *     metadata: {},
 *     correlationId: 'order-17',
 *     operation: { id: 'op-1', attempt: 1, gatePass: 1 },
 *     language: 'native',
 *     timestamp: 0,
 *   },
 * })
 * const key = 'a key that both nodes know and nobody else'
 * const sent = JSON.stringify(createEnvelopes({ key }).seal(context))
 * const oslo = createEnvelopes({ key, allow: { points: ['Before*'] } })
 * console.assert(oslo.open(sent).hook.correlationId === 'order-17')
 * try {
 *   oslo.open(sent)
 *   console.assert(false)
 * } catch (error) {
 *   console.assert(isHookchartError(error, 'CONTEXT_REPLAYED'))
 * }
 * ```
 */
export function createEnvelopes(options: CreateEnvelopesOptions): Envelopes {
  const {
    keys,
    clock = systemClock,
    ids = createIds(),
    hash = nodeHash,
    allow,
    ...bounds
  } = parseEnvelopeOptions(options)
  const freshness = new Freshness(bounds)
  const checkAllowed = allowLists(allow)
  const [sealing = ''] = keys.keys()

  /** The signature that an envelope must have; undefined when its key is not known here. */
  const sign = ({ version, keyId, timestamp, nonce, context }: Unsigned): string | undefined => {
    const key = keys.get(keyId)
    return key && hash.hmacSha256(key, canonicalJson({ version, keyId, timestamp, nonce, context }))
  }

  const checkSignature = ({ signature, ...unsigned }: Unsigned & { readonly signature?: string }) => {
    const expected = sign(unsigned)
    if (expected === undefined) throw badSignature(`its key id ${nameOf(unsigned.keyId)} is not known here`)
    if (signature === undefined) throw badSignature('it has no signature')
    if (!hash.equal(signature, expected)) throw badSignature('its signature does not match the rest of it')
  }

  return {
    seal(context) {
      const draft = { version: PROTOCOL_VERSION, keyId: sealing, timestamp: clock.now(), nonce: ids.next(), context }
      const unsigned = checkForm(unsignedSchema, toPlainJson(draft, SEALING), SEALING)
      return Object.freeze({ ...unsigned, signature: sign(unsigned) as string })
    },
    open(envelope, openOptions = {}) {
      const { address } = parseOptions(openSchema, openOptions, 'open')
      const received = checkForm(receivedSchema, readPlainJson(envelope, RECEIVED), RECEIVED)
      checkSignature(received)
      freshness.check(received, clock.now())
      checkAllowed(received.context, address)
      freshness.spend(received)
      return received.context
    },
  }
}

/** Checks the form and then the versions, of the envelope and of its context. */
function checkForm(
  schema: typeof unsignedSchema | typeof receivedSchema,
  plain: unknown,
  subject: Subject,
): Unsigned & { readonly signature?: string } {
  const { version, context } = parsePart(schema, plain, subject)
  requireVersion(version, 'version', subject)
  requireVersion(context.version, 'context.version', subject)
  // The copy, not what the schema gave: its text is what was sent.
  return plain as Unsigned
}

function badSignature(problem: string): HookchartError<'CONTEXT_SIGNATURE'> {
  return new HookchartError(
    'CONTEXT_SIGNATURE',
    `The envelope was refused: ${problem}. Seal and open with the same key, and hand envelopes on as they were sealed.`,
  )
}
