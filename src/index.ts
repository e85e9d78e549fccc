/** `hookchart`: everything that the framework offers to programs. */
export * from './hooks/index.ts'
export { breakerMachine, compile, createBreaker, gate, gates, hooked } from '../machines/index.ts'
export type {
  BreakerContext,
  BreakerEvent,
  CircuitBreaker,
  CompiledLogic,
  CreateBreakerOptions,
  GateEvent,
  GateOptions,
  GateRoute,
  GateRoutes,
  GateState,
  HookedEvent,
  HookedMachine,
  HookedSpec,
  Run,
  RunArguments,
  RunOptions,
  ToActorOptions,
} from '../machines/index.ts'
