/** All rows, by the names that `npm run bench` takes. Each is loaded in a process of its own. */
import type { Row } from './row.ts'

export const rows: Readonly<Record<string, () => Promise<Row>>> = {
  'no-hook': async () => (await import('./cases/no-hook.ts')).noHook(),
  'no-hook-gates': async () => (await import('./cases/no-hook.ts')).noHookGates(),
  'no-hook-allocation': async () => (await import('./cases/memory.ts')).allocation(),
  'sync-1': async () => (await import('./cases/sync-chain.ts')).syncChain(1),
  'sync-3': async () => (await import('./cases/sync-chain.ts')).syncChain(3),
  'sync-10': async () => (await import('./cases/sync-chain.ts')).syncChain(10),
  'async-1': async () => (await import('./cases/async-chain.ts')).asyncChain(1),
  'async-3': async () => (await import('./cases/async-chain.ts')).asyncChain(3),
  'async-10': async () => (await import('./cases/async-chain.ts')).asyncChain(10),
  deadline: async () => (await import('./cases/deadline.ts')).deadline(),
  breaker: async () => (await import('./cases/breaker.ts')).breaker(),
  begin: async () => (await import('./cases/begin.ts')).begin(),
  register: async () => (await import('./cases/register.ts')).registerElsewhere(),
  'register-here': async () => (await import('./cases/register.ts')).registerHere(),
  operation: async () => (await import('./cases/operation.ts')).operation(),
  'tool-call': async () => (await import('./cases/operation.ts')).toolCall(),
  transitions: async () => (await import('./cases/transitions.ts')).transitions(),
  'transitions-shipped': async () => (await import('./cases/transitions.ts')).shippedTransitions(),
  tools: async () => (await import('./cases/tools.ts')).tools(),
  workflow: async () => (await import('./cases/workflows.ts')).workflows(),
  'workflow-peers': async () => (await import('./cases/workflow-peers.ts')).workflowPeers(),
  'at-rest': async () => (await import('./cases/at-rest.ts')).atRest(),
  'in-flight': async () => (await import('./cases/memory.ts')).inFlight(),
}
