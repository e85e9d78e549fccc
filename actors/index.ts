/** `hookchart/actors`: what runs. */
export { createSystem } from './system/create-system.ts'
export type { CreateSystemOptions, System } from './system/create-system.ts'
export type { Tools } from './system/tools.ts'
export type { StartOptions, WorkflowRun, Workflows } from './system/workflows.ts'
