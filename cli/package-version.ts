/** The version in the package's own package.json. */
import { readFileSync } from 'node:fs'

export function packageVersion(): string {
  // Two folders up in the package, one from its sources.
  for (const path of ['../../package.json', '../package.json']) {
    try {
      const { name, version } = JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as {
        readonly name: string
        readonly version: string
      }
      if (name === 'hookchart') return version
    } catch {
      // Not there.
    }
  }
  return 'unknown'
}
