/** What a model agent does when it is executed: the loop of its model, with what it may spend. */
import { HookchartError, toHookchartError } from '../../src/errors.ts'
import { PointFirer } from '../../src/hooks/executor/run-point.ts'
import { compile } from '../../machines/compiled/compile.ts'
import type { ModelAgentDefinition } from '../../machines/agent/definition.ts'
import { limitHit } from '../../machines/agent/model-loop-context.ts'
import type { ModelLoopContext } from '../../machines/agent/model-loop-context.ts'
import { modelLoopMachine } from '../../machines/agent/model-loop-machine.ts'
import { firstMessages } from '../../machines/agent/model-messages.ts'
import type { Host } from '../system/host.ts'
import type { AgentEffect } from './agent-operation.ts'
import type { Agent } from './agent.ts'
import { Conversation } from './conversation.ts'
import { revived } from './errors.ts'
import type { Prepared } from './prepare.ts'
import { Spending } from './spending.ts'

const loop = compile(modelLoopMachine)

/** Makes the effect of a model agent. */
export function modelEffect(host: Host, agent: Agent, definition: ModelAgentDefinition): AgentEffect {
  const firer = new PointFirer(host.kernel)
  const slot = host.kernel.registry.points.slot('ResourceLimitExceeded')
  return async (input, call) => {
    const spending = Spending.of(call.operation, definition)
    const conversation = new Conversation(host, definition, agent.prepared as Prepared, call, spending)
    const context = await looped(conversation, firstMessages(definition.instructions, input), spending)
    const { error } = context
    const hit = spending.hit ?? (error?.code === 'RESOURCE_LIMIT_EXCEEDED' ? limitHit(context) : undefined)
    if (hit !== undefined)
      void firer.fire(slot, { ...hit }, { component: agent.component, correlationId: call.call.correlationId })
    if (error !== null) throw conversation.failure ?? revived(error)
    return definition.output === undefined ? context.text : parsedAnswer(agent.component.name, context.text)
  }
}

function looped(
  conversation: Conversation,
  messages: readonly object[],
  { limits }: Spending,
): Promise<ModelLoopContext> {
  return new Promise((resolve, reject) => {
    loop.run({
      input: { messages, limits },
      effects: {
        think: ({ input: context }) => conversation.think(context as ModelLoopContext),
        act: ({ input: context }) => conversation.act(context as ModelLoopContext),
      },
      onEnd: ({ context, error }) => {
        if (error === undefined) resolve(context)
        else reject(toHookchartError(error))
      },
    })
  })
}

/** The text of a model whose output has a schema is JSON. */
function parsedAnswer(name: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    throw new HookchartError(
      'INVALID_OUTPUT',
      `The output of ${name} does not fit its schema: the model wrote no JSON: ${(error as Error).message}.`,
      { retryable: true, details: { component: name, text } },
    )
  }
}
