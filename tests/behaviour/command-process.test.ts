/** The command as a process: signals, terminals, pipes, and what is left open. */
import { describe, expect, test } from 'vitest'
import { fixture, started } from '../support/command.ts'

describe('interrupted', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s: what runs is told to end, and the result is shown', async (signal, code) => {
    using run = started(['run', fixture('waits.ts')])
    await run.until('✔ step:begin')
    run.signal(signal)
    expect(await run.ended).toBe(code)
    expect(run.text).toContain('Stopping. Press Ctrl-C again to end at once.')
    expect(run.text).toMatch(/status +cancelled/)
  })

  test('Ctrl-C on a terminal', async () => {
    using run = started(['run', fixture('waits.ts')], { pty: true })
    await run.until('✔ step:begin')
    run.type('\u0003')
    await run.until('cancelled')
    expect(await run.ended).toBe(130)
  })

  test('a second time it ends at once, whatever does not', async () => {
    using run = started(['run', fixture('deaf.ts')])
    await run.until('✔ step:charge')
    run.signal('SIGINT')
    await run.until('Stopping.')
    run.signal('SIGINT')
    expect(await run.ended).toBe(130)
    expect(run.text).not.toContain('status')
  })
})

test('on a terminal what runs is shown while it does', async () => {
  using run = started(['run', fixture('waits.ts')], { pty: true })
  await run.until('⠙ step:go on')
  run.type('\u0003')
  await run.ended
})

test('a pipe that is closed at the other end is no error', async () => {
  using run = started(['run', fixture('report.ts'), '--input', '{"text":"a"}'])
  run.closeOutput()
  expect(await run.ended).toBe(0)
  expect(run.text).not.toContain('EPIPE')
})

test('what waits for what never comes is told so', async () => {
  using run = started(['run', fixture('never.ts')])
  expect(await run.ended).toBe(1)
  expect(run.text).toContain('it waits for something that never comes')
})

test('what a file leaves open does not keep the command', async () => {
  using run = started(['run', fixture('function.ts'), '--input', '1'])
  expect(await run.ended).toBe(0)
})
