/** `hookchart`: everything that the framework offers to programs. */
export * from './hooks/index.ts'
export * from '../machines/index.ts'
