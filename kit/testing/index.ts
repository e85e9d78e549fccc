/** `hookchart/testing`: what tests of hooks need. */
export { createTestClock } from './test-clock.ts'
export type { TestClock } from './test-clock.ts'
export { createTestIds } from './test-ids.ts'
export { seededRandom } from './seeded-random.ts'
export { recorder } from './recorder.ts'
export type { RecordedCall, RecordedHandler, Recorder, Script } from './recorder.ts'
