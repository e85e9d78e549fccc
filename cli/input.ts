/** The input of a run, as it is given on the command line, in a file, or on standard input. */
import { readFileSync } from 'node:fs'
import { UsageError } from './usage-error.ts'

/** Where the input comes from. */
export interface InputFlags {
  readonly input?: string
  readonly inputFile?: string
}

const STANDARD_INPUT = 0

/** The input; undefined where none is given. */
export function inputOf({ input, inputFile }: InputFlags): unknown {
  if (input !== undefined && inputFile !== undefined)
    throw new UsageError('--input and --input-file exclude each other. Give one of them.')
  if (input !== undefined) return parsed(input, '--input')
  if (inputFile === undefined) return undefined
  const where = inputFile === '-' ? 'standard input' : inputFile
  let text: string
  try {
    text = readFileSync(inputFile === '-' ? STANDARD_INPUT : inputFile, 'utf8')
  } catch (error) {
    throw new UsageError(`--input-file: ${where} cannot be read (${(error as Error).message}).`)
  }
  return parsed(text, where)
}

function parsed(text: string, where: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    const hint = where === '--input' ? ` Text is written in double quotes: --input '"text"'.` : ''
    throw new UsageError(`${where} is no JSON: ${(error as Error).message}.${hint}`)
  }
}
