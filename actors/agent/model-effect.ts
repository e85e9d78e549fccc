/** What a model agent does when it is executed: the loop, whose model calls and tools have their own gates. */
import { HookchartError, toHookchartError } from '../../src/errors.ts'
import { execute } from '../../src/hooks/operation/start.ts'
import { PointFirer } from '../../src/hooks/executor/run-point.ts'
import { compile } from '../../machines/compiled/compile.ts'
import type { ModelAgentDefinition } from '../../machines/agent/definition.ts'
import { answerSchema } from '../../machines/agent/model-call.ts'
import type { CallTokens } from '../../machines/agent/model-call.ts'
import { beginLoop, limitHit } from '../../machines/agent/model-loop-context.ts'
import type { ModelLoopContext, ModelSpending, ToolRequest } from '../../machines/agent/model-loop-context.ts'
import { modelLoopMachine } from '../../machines/agent/model-loop-machine.ts'
import type { LoopOutcome } from '../../machines/agent/model-loop-machine.ts'
import {
  assistantMessage,
  firstMessages,
  parsedInput,
  responseFormat,
  toolFailure,
  toolMessage,
  toolOutput,
} from '../../machines/agent/model-messages.ts'
import type { Host } from '../system/host.ts'
import type { AgentEffect, AgentEffectCall } from './agent-operation.ts'
import type { Agent } from './agent.ts'
import { revived } from './errors.ts'
import { heldCallers } from './held-callers.ts'
import { modelNameOf } from './model-runner.ts'
import type { Prepared } from './prepare.ts'

const loop = compile(modelLoopMachine)

/** Makes the effect of a model agent. */
export function modelEffect(host: Host, agent: Agent, definition: ModelAgentDefinition): AgentEffect {
  const firer = new PointFirer(host.kernel)
  const slot = host.kernel.registry.points.slot('ResourceLimitExceeded')
  return async (input, call) => {
    const context = await new Conversation(host, definition, agent.prepared as Prepared, call).run(input)
    const hit = context.error?.code === 'RESOURCE_LIMIT_EXCEEDED' ? limitHit(context) : undefined
    if (hit !== undefined)
      void firer.fire(slot, { ...hit }, { component: agent.component, correlationId: call.call.correlationId })
    if (context.error !== null) throw revived(context.error)
    return definition.output === undefined ? context.text : parsedAnswer(agent.component.name, context.text)
  }
}

/** One execution. */
class Conversation {
  readonly #host: Host
  readonly #definition: ModelAgentDefinition
  readonly #prepared: Prepared
  readonly #call: AgentEffectCall
  #spent: ModelSpending

  constructor(host: Host, definition: ModelAgentDefinition, prepared: Prepared, call: AgentEffectCall) {
    this.#host = host
    this.#definition = definition
    this.#prepared = prepared
    this.#call = call
    this.#spent = beginLoop({ messages: [], limits: { maxTurns: 0 } }).spent
  }

  run(input: unknown): Promise<ModelLoopContext> {
    const { instructions, maxTurns, budget = {} } = this.#definition
    const { costOf: _, ...limits } = budget
    return new Promise((resolve, reject) => {
      loop.run({
        input: { messages: firstMessages(instructions, input), limits: { ...limits, maxTurns } },
        effects: {
          think: ({ input: context }) => this.#settling(() => this.#think(context as ModelLoopContext)),
          act: ({ input: context }) => this.#settling(() => this.#act(context as ModelLoopContext)),
        },
        onEnd: ({ context, error }) => {
          if (error === undefined) resolve(context)
          else reject(toHookchartError(error))
        },
      })
    })
  }

  /** Whatever is thrown, an abort for one, ends the loop. */
  async #settling(work: () => Promise<LoopOutcome>): Promise<LoopOutcome> {
    try {
      await this.#call.boundary()
      return await work()
    } catch (error) {
      return { type: 'failed', note: { error: toHookchartError(error).toJSON() } }
    }
  }

  async #think({ messages }: ModelLoopContext): Promise<LoopOutcome> {
    const { call } = this.#call
    const { specs, runModel } = this.#prepared
    const { name, output } = this.#definition
    const format = responseFormat(name, output)
    const request = {
      prompt: messages,
      ...(specs.length > 0 && { tools: specs, toolChoice: { type: 'auto' } }),
      ...(format !== undefined && { responseFormat: format }),
    }
    const startable = (runModel as NonNullable<typeof runModel>)((tokens) => {
      this.#count(tokens)
    })
    this.#spend({ turns: this.#spent.turns + 1 })
    const result = await execute(this.#host.kernel, startable, request, { parent: call })
    if (result.error !== undefined)
      return { type: 'failed', note: { error: result.error.toJSON(), spent: this.#spent } }
    // What a hook has put in its place is as the hook wrote it.
    const { content } = answerSchema.parse(result.output)
    const requests = content.flatMap((part): ToolRequest[] =>
      part.type === 'tool-call' && part.providerExecuted !== true
        ? [{ id: part.toolCallId, name: part.toolName, input: part.input }]
        : [],
    )
    const text = content.map((part) => (part.type === 'text' ? part.text : '')).join('')
    const said = [...messages, assistantMessage(content)]
    return { type: 'thought', note: { messages: said, requests, text, spent: this.#spent } }
  }

  async #act({ messages, requests }: ModelLoopContext): Promise<LoopOutcome> {
    this.#spend({ toolCalls: this.#spent.toolCalls + requests.length })
    const results = await Promise.all(requests.map((request) => this.#callTool(request)))
    return { type: 'acted', note: { messages: [...messages, toolMessage(results)], requests: [], spent: this.#spent } }
  }

  async #callTool(request: ToolRequest): Promise<object> {
    const { call, boundary } = this.#call
    const { tools } = this.#prepared
    const tool = tools.get(request.name)
    if (tool === undefined) {
      return toolFailure(request, `There is no tool "${request.name}". There are: ${[...tools.keys()].join(', ')}.`)
    }
    const { value, problem } = parsedInput(request.input)
    if (problem !== undefined) return toolFailure(request, problem)
    const callers = heldCallers(this.#host.callersFor(call), async () => boundary())
    return toolOutput(request, await callers.tools.execute(tool, value))
  }

  #count({ inputTokens, outputTokens, totalTokens }: CallTokens): void {
    const { budget } = this.#definition
    const { model } = this.#prepared
    const usage = { model: model === undefined ? '' : modelNameOf(model), inputTokens, outputTokens }
    const spent = this.#spent
    this.#spend({
      inputTokens: spent.inputTokens + inputTokens,
      outputTokens: spent.outputTokens + outputTokens,
      totalTokens: spent.totalTokens + totalTokens,
      cost: spent.cost + (budget?.costOf?.(usage) ?? 0),
    })
  }

  #spend(more: Partial<ModelSpending>): void {
    this.#spent = { ...this.#spent, ...more }
    const { cost, ...counts } = this.#spent
    this.#call.used({ ...counts, ...(this.#definition.budget?.costOf !== undefined && { cost }) })
  }
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
