/** `system.config`: settings that can be changed while a system runs, and that tell of their changes. */
import * as z from 'zod'
import { assertJson, copyJson, equalJson, freezeJson } from '../../src/json.ts'
import { parseOptions } from '../../src/options.ts'
import type { Kernel } from '../../src/hooks/executor/kernel.ts'
import { PointFirer, stopped } from '../../src/hooks/executor/run-point.ts'
import type { SecurityLevel } from '../../machines/tool/define-tool.ts'

/** The settings that the system itself obeys. */
export interface SystemSettings {
  /** The highest level of tools that run. Holds for whatever starts from then on. */
  readonly maxSecurityLevel: SecurityLevel
  /** How many commands may wait for an agent that does not say itself. Holds for agents made from then on. */
  readonly maxQueue: number
}

/** Settings by their names: those of the system, and any others of yours, such as feature flags. */
export interface SystemConfig {
  get<Key extends keyof SystemSettings>(key: Key): SystemSettings[Key]
  /** Undefined when it was never set. */
  get(key: string): unknown
  /**
   * Sets a setting and fires ConfigurationChange, unless it has that value already. Values are JSON; `undefined` takes one of yours away.
   * Throws INVALID_OPTIONS for a setting of the system that is out of range, DATA_NOT_JSON, HOOKS_STOPPED.
   */
  set<Key extends keyof SystemSettings>(key: Key, value: SystemSettings[Key]): void
  set(key: string, value: unknown): void
}

/** What the system's own settings may be. */
export const settingSchemas = {
  maxSecurityLevel: z.enum(['safe', 'restricted', 'privileged']),
  maxQueue: z.int().positive(),
} as const

const keySchema = z.string({ error: 'expected a text' }).min(1, 'expected a name that is not empty').max(200)

/** See the head of this file. */
export function configOf(kernel: Kernel, settings: SystemSettings): SystemConfig {
  const values = new Map<string, unknown>(Object.entries(settings))
  const firer = new PointFirer(kernel)
  return {
    get: (key: string) => copyJson(values.get(key)) as never,
    set: (given: string, value: unknown) => {
      if (kernel.stopped) throw stopped('config.set')
      const key = parseOptions(keySchema, given, 'config.set')
      const where = `config.set("${key}")`
      assertJson(value, `The value of ${where}`)
      if (Object.hasOwn(settingSchemas, key)) parseOptions(settingSchemas[key as keyof SystemSettings], value, where)
      const previous = values.get(key)
      if (equalJson(previous, value) && values.has(key) === (value !== undefined)) return
      if (value === undefined) values.delete(key)
      else values.set(key, freezeJson(copyJson(value)))
      // The point takes observers only, and nobody waits for those.
      void firer.fire(
        kernel.registry.points.slot('ConfigurationChange'),
        { key, value: value ?? null, ...(previous !== undefined && { previous }) },
        undefined,
      )
    },
  }
}
