/** `hookchart/machines`: the statecharts, and what runs them. */
export { breakerMachine } from './breaker/breaker-machine.ts'
export { createBreaker } from './breaker/create-breaker.ts'
export { breakerPresets } from '../src/hooks/breaker.ts'
export type { BreakerContext, BreakerEvent } from './breaker/breaker-machine.ts'
export type { CircuitBreaker, CreateBreakerOptions } from './breaker/create-breaker.ts'
export { compile } from './compiled/compile.ts'
export type { CompiledLogic } from './compiled/compile.ts'
