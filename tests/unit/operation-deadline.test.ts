/** Deadlines of operations and the life of the process. */
import { expect, test } from 'vitest'
import { Deadlines } from '../../src/hooks/executor/deadlines.ts'
import type { Kernel } from '../../src/hooks/executor/kernel.ts'
import type { Operation } from '../../src/hooks/executor/operation.ts'
import { Time } from '../../src/hooks/executor/time.ts'
import { OperationDeadline } from '../../src/hooks/operation/operation-deadline.ts'

test('a deadline that is cancelled twice, as by what ends after it was given up, lets go of the process once', () => {
  let isAlive = false
  const timer = { ref: () => (isAlive = true), unref: () => (isAlive = false) }
  const time = new Time({ now: () => 0, setTimeout: () => timer, clearTimeout: () => undefined })
  const deadlines = new Deadlines(time)
  const kernel = { deadlines, time } as unknown as Kernel
  const operation = { countDown: () => () => undefined } as unknown as Operation
  const first = new OperationDeadline(kernel, operation, 10, () => undefined)
  first.cancel()
  first.cancel()
  expect(isAlive).toBe(false)
  const second = new OperationDeadline(kernel, operation, 5, () => undefined)
  expect(isAlive).toBe(true)
  second.cancel()
  expect(isAlive).toBe(false)
})
