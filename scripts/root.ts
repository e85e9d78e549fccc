/** Where the repository stands. */
import { resolve } from 'node:path'

/** The folder of package.json. */
export const packageRoot = resolve(import.meta.dirname, '..')
