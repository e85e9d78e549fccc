/** The options of events: the bus, subscriptions, streams, publishing. */
import type { OptionGroup } from './rows.ts'

const FILE = 'tests/behaviour/event-options.test.ts'
const HERE = 'src/events'

const BUFFER = {
  name: ['its pattern'],
  bufferSize: ['10,000'],
  highWaterMark: ['80 % of `bufferSize`, rounded up'],
  lowWaterMark: ['20 % of `bufferSize`, rounded down'],
  overflow: ['`drop_oldest`'],
  blockTimeoutMs: ['30 s'],
  signal: ['none: it stays until it is unsubscribed'],
} as const

const ALIKE = 'stream > name, bufferSize, overflow and signal: as of a subscription'
const ENVELOPE = (option: string) => `publish > ${option}: what its envelope says`

export const eventGroups: readonly OptionGroup[] = [
  {
    call: 'createEventBus(options)',
    schemas: [`${HERE}/bus-options.ts#busSchema`],
    tests: [FILE, 'createEventBus'],
    rows: {
      clock: ['the clock of the machine'],
      ids: ['ids of 32 hexadecimal digits, as `createIds` makes them'],
      hooks: ['none: no hook has a say'],
      source: ['none'],
      maxDepth: ['16'],
      rateLimit: ['none: as many as come'],
      statsIntervalMs: ['30 s; `false` is never'],
      drainTimeoutMs: ['5 s'],
    },
  },
  {
    call: 'createEventBus({ rateLimit })',
    schemas: [`${HERE}/bus-options.ts#rateLimitSchema`],
    tests: [FILE, 'createEventBus'],
    rows: {
      ratePerSecond: ['required', 'createEventBus > rateLimit.ratePerSecond: events a second in the long run'],
      burst: [
        'as many as a second, at least 1',
        'createEventBus > rateLimit.burst: events at once; as many as a second by default',
      ],
      whenExceeded: [
        '`drop`: counted, and told on the control stream',
        'createEventBus > rateLimit.whenExceeded: whether the publisher is told',
      ],
    },
  },
  {
    call: 'events.subscribe(pattern, handler, options)',
    schemas: [`${HERE}/subscription-options.ts#subscribeSchema`],
    tests: [FILE, 'subscribe'],
    rows: {
      ...BUFFER,
      delivery: ['`batched`: in a microtask'],
      concurrency: ['1: one event after another'],
      timeoutMs: ['30 s; `false` is for ever'],
      breaker: ['the defaults below; `false` is none'],
    },
  },
  {
    call: 'events.subscribe(pattern, handler, { breaker })',
    about: 'When a handler that keeps failing is cut off. Slowness never does that: a slow handler hurts only itself.',
    schemas: [`${HERE}/subscription-options.ts#breakerSchema`],
    tests: [FILE, 'subscribe'],
    rows: {
      failureThreshold: ['3', 'subscribe > breaker.failureThreshold: failures that cut it off'],
      successThreshold: ['2', 'subscribe > breaker.successThreshold: successes that let it in again'],
      windowMs: ['30 s', 'subscribe > breaker.windowMs: how far back they count'],
      openMs: ['15 s', 'subscribe > breaker.openMs: how long it is cut off'],
      openMultiplier: ['2', 'subscribe > breaker.openMultiplier: how much longer the next time'],
      maxOpenMs: ['8 times `openMs`', 'subscribe > breaker.maxOpenMs: how long at most'],
    },
  },
  {
    call: 'events.stream(pattern, options)',
    schemas: [`${HERE}/subscription-options.ts#streamSchema`],
    tests: [FILE, 'subscribe'],
    rows: {
      ...BUFFER,
      name: ['its pattern', ALIKE],
      bufferSize: ['10,000', ALIKE],
      overflow: ['`drop_oldest`', ALIKE],
      signal: ['none: it stays until it is left', ALIKE],
    },
  },
  {
    call: 'events.control.stream(options)',
    schemas: [`${HERE}/stream/control-stream.ts#controlSchema`],
    tests: [FILE, 'stream'],
    rows: { signal: ['none: it stays until it is left', 'stream > control.stream: its signal'] },
  },
  {
    call: 'processParallel(stream, workers, fn, options)',
    schemas: [`${HERE}/stream/process-parallel.ts#schema`],
    tests: [FILE, 'stream'],
    rows: { signal: ['none: until the stream ends', 'stream > processParallel: its signal'] },
  },
  {
    call: 'events.publish(type, data, options)',
    schemas: [`${HERE}/publish-options.ts#schema`],
    tests: [FILE, 'publish'],
    rows: {
      correlationId: ['that of the cause or parent, or else the id of the event'],
      cause: ['the event whose handler publishes, where that is known'],
      parent: ['none'],
      source: ['that of the bus', ENVELOPE('source')],
      target: ['none', ENVELOPE('target')],
      tags: ['none', ENVELOPE('tags')],
      priority: ['0', ENVELOPE('priority')],
      ttlMs: ['none: it never expires', ENVELOPE('ttlMs')],
      language: ['`native`'],
      signal: ['none'],
      timeoutMs: ['that of the subscription'],
    },
  },
]
