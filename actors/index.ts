/** `hookchart/actors`: what runs. */
export { createSystem } from './system/create-system.ts'
export type { CreateSystemOptions, System, Tools } from './system/create-system.ts'
