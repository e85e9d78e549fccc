/** The options of contexts that travel between nodes, and of their envelopes. */
import type { OptionGroup } from './rows.ts'

const FILE = 'tests/behaviour/distributed-options.test.ts'
const HERE = 'src/hooks/distributed'

const CHANCE = 'chance of the platform'

export const travelGroups: readonly OptionGroup[] = [
  {
    call: 'createDistributedContext(options)',
    schemas: [`${HERE}/context-schema.ts#contextInputSchema`],
    tests: [FILE, 'createDistributedContext'],
    rows: {
      source: ['required'],
      targets: ['none'],
      hook: ['required'],
      trace: ['a new trace; its id is the correlation id where that can be one'],
      maxHops: ['3'],
      flags: ['the defaults below'],
      metadata: ['none: an empty object'],
    },
    beside: { random: [CHANCE] },
  },
  {
    call: 'createDistributedContext({ flags })',
    about: 'Transports read them; nothing here acts on them but `broadcast`.',
    schemas: [`${HERE}/context-schema.ts#flagsInputSchema`],
    tests: [FILE, 'createDistributedContext'],
    rows: {
      broadcast: ['false', 'createDistributedContext > flags.broadcast: whether it goes on without targets'],
      awaitRemote: ['false', 'createDistributedContext > flags.awaitRemote: what the receiver reads'],
      remoteTimeoutMs: ['30 s', 'createDistributedContext > flags.remoteTimeoutMs: what the receiver reads'],
      continueOnFailure: ['true', 'createDistributedContext > flags.continueOnFailure: what the receiver reads'],
      priority: ['`normal`', 'createDistributedContext > flags.priority: what the receiver reads'],
    },
  },
  {
    call: 'createDistributedContext({ trace })',
    schemas: [`${HERE}/context-schema.ts#traceSchema`],
    tests: [FILE, 'createDistributedContext'],
    rows: {
      traceparent: ['a new trace', 'createDistributedContext > trace.traceparent: the header that goes along'],
      tracestate: ['none', 'createDistributedContext > trace.tracestate: the header that goes along'],
      baggage: ['none', 'createDistributedContext > trace.baggage: the header that goes along'],
    },
  },
  {
    call: 'agents',
    about: 'As `source`, `targets`, `from`, `to` and `allow.agents` take them.',
    schemas: [`${HERE}/agent.ts#agentInputSchema`],
    tests: [FILE, 'an agent'],
    rows: {
      nodeId: ['required'],
      agentId: ['required'],
      address: ['none'],
      capabilities: ['none: an empty object'],
    },
  },
  {
    call: 'propagateContext(context, options)',
    schemas: [`${HERE}/propagate.ts#schema`],
    tests: [FILE, 'propagateContext'],
    rows: {
      from: ['required'],
      to: ['required, but for a broadcast'],
    },
    beside: { random: [CHANCE] },
  },
  {
    call: 'createEnvelopes(options)',
    schemas: [`${HERE}/envelope-options.ts#schema`],
    tests: [FILE, 'createEnvelopes'],
    rows: {
      key: ['required, or `keys`; its id is `default`'],
      keys: ['required, or `key`'],
      clock: ['the clock of the machine'],
      ids: ['as `createIds` makes them'],
      maxAgeMs: ['5 minutes'],
      maxSkewMs: ['30 s'],
      maxNonces: ['100,000'],
      allow: ['all are allowed'],
      hash: ['SHA-256 of `node:crypto`'],
    },
  },
  {
    call: 'createEnvelopes({ keys })',
    schemas: [`${HERE}/envelope-options.ts#keysSchema`],
    tests: [FILE, 'createEnvelopes'],
    rows: {
      '[].id': ['required', 'createEnvelopes > keys[].id: what an envelope calls its key by'],
      '[].key': ['required', 'createEnvelopes > keys[].key: the key'],
    },
  },
  {
    call: 'createEnvelopes({ allow })',
    about: 'Of each list: an absent one allows all, an empty one none.',
    schemas: [`${HERE}/allow-list.ts#allowSchema`],
    tests: [FILE, 'createEnvelopes'],
    rows: {
      agents: ['all agents', 'createEnvelopes > allow.agents: which are let in'],
      points: ['all points', 'createEnvelopes > allow.points: which are let in'],
      addresses: ['all addresses', 'createEnvelopes > allow.addresses: which are let in'],
    },
  },
  {
    call: 'envelopes.open(envelope, options)',
    schemas: [`${HERE}/envelope.ts#openSchema`],
    tests: [FILE, 'createEnvelopes'],
    rows: { address: ['none: refused where `allow.addresses` is a list'] },
  },
]
