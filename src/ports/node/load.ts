/** The load of this process, as Node tells it. */
import { availableParallelism, totalmem } from 'node:os'
import { getHeapStatistics } from 'node:v8'
import type { LoadSampler } from '../load.ts'
import type { Clock } from '../clock.ts'

/** Memory is the heap against its limit or, where that is more, all of the process against the machine. */
export function createNodeLoad(clock: Clock): LoadSampler {
  let used = process.cpuUsage()
  let at = clock.now()
  return {
    sample: () => {
      const { used_heap_size, heap_size_limit } = getHeapStatistics()
      const spent = process.cpuUsage(used)
      const now = clock.now()
      const elapsedMs = now - at
      used = process.cpuUsage()
      at = now
      const spentMs = (spent.user + spent.system) / 1_000
      return {
        memoryRatio: Math.max(used_heap_size / heap_size_limit, process.memoryUsage.rss() / totalmem()),
        cpuRatio: elapsedMs <= 0 ? 0 : Math.min(1, spentMs / elapsedMs / availableParallelism()),
      }
    },
  }
}
