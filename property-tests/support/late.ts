/** Journals of two runs side by side, where what comes late comes whenever it comes. */
import type { JournalRecord } from 'hookchart/hooks'

/** What came too late stands in the order in which it came, which is the scheduler's: it is put last, by hook. */
export function inOrder(records: readonly JournalRecord[]) {
  const late = records.filter(({ type }) => type === 'late').map((record) => [record['hook'], record['result']])
  return [records.filter(({ type }) => type !== 'late').map((record) => ({ ...record, index: 0 })), late.sort()]
}
