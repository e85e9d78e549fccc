/** `hookchart`: everything that the framework offers to programs. */
export * from './hooks/index.ts'
