#!/usr/bin/env node
/** The `hookchart` command as a process: its arguments, its streams, its signals, its exit code. */
import process from 'node:process'
import { command } from './command.ts'
import { Interrupts } from './interrupts.ts'
import { Output } from './output.ts'

const output = new Output(process.stdout, process.stderr, process.env)
const interrupts = new Interrupts(process, output)

let isOver = false
// When nothing is left that could happen, whatever is still waited for never comes.
process.once('beforeExit', () => {
  if (isOver) return
  output.note(
    'error: it waits for something that never comes: a promise that nobody settles, or an approval that nobody gives.',
  )
  process.exit(interrupts.code ?? 1)
})

void command(process.argv.slice(2), { output, interrupts }).then(async (code) => {
  isOver = true
  await output.flush()
  // A file that was run may have left something open; its run is over, and so is the command.
  process.exit(interrupts.code ?? code)
})
