/** One attempt of a model agent: what its loop asks the model, and the tools that the model wants. */
import { HookchartError, toHookchartError } from '../../src/errors.ts'
import { execute } from '../../src/hooks/operation/start.ts'
import type { ModelAgentDefinition } from '../../machines/agent/definition.ts'
import { answerSchema } from '../../machines/agent/model-call.ts'
import type { ModelLoopContext, ToolRequest } from '../../machines/agent/model-loop-context.ts'
import type { LoopOutcome } from '../../machines/agent/model-loop-machine.ts'
import {
  assistantMessage,
  parsedInput,
  responseFormat,
  toolFailure,
  toolMessage,
  toolOutput,
} from '../../machines/agent/model-messages.ts'
import type { Host } from '../system/host.ts'
import type { AgentEffectCall } from './agent-operation.ts'
import { modelNameOf } from './model-runner.ts'
import type { ModelWatch } from './model-runner.ts'
import type { Prepared } from './prepare.ts'
import { assertAffordable, countCall } from './spending.ts'
import type { Spending } from './spending.ts'

/** See the head of this file. */
export class Conversation {
  readonly #host: Host
  readonly #definition: ModelAgentDefinition
  readonly #prepared: Prepared
  readonly #call: AgentEffectCall
  readonly #spending: Spending
  /** What has ended it; the loop keeps errors as data. */
  failure: HookchartError | undefined

  constructor(
    host: Host,
    definition: ModelAgentDefinition,
    prepared: Prepared,
    call: AgentEffectCall,
    spending: Spending,
  ) {
    this.#host = host
    this.#definition = definition
    this.#prepared = prepared
    this.#call = call
    this.#spending = spending
  }

  think(context: ModelLoopContext): Promise<LoopOutcome> {
    return this.#settling(() => this.#think(context))
  }

  act(context: ModelLoopContext): Promise<LoopOutcome> {
    return this.#settling(() => this.#act(context))
  }

  /** Whatever is thrown, an abort for one, ends the loop. */
  async #settling(work: () => Promise<LoopOutcome>): Promise<LoopOutcome> {
    try {
      await this.#call.boundary()
      return await work()
    } catch (error) {
      this.failure = toHookchartError(error)
      return { type: 'failed', note: { error: this.failure.toJSON(), spent: this.#spending.spent } }
    }
  }

  async #think({ messages }: ModelLoopContext): Promise<LoopOutcome> {
    const { call, show } = this.#call
    const { offers, runModel } = this.#prepared
    const { name, output } = this.#definition
    const spending = this.#spending
    spending.assertTurn()
    spending.countTurn()
    const format = responseFormat(name, output)
    const tools = [...offers.values()].map(({ spec }) => spec)
    const request = {
      prompt: messages,
      ...(tools.length > 0 && { tools, toolChoice: { type: 'auto' } }),
      ...(format !== undefined && { responseFormat: format }),
    }
    const startable = (runModel as NonNullable<typeof runModel>)(this.#watch())
    const result = await execute(this.#host.kernel, startable, request, { parent: call, signal: call.signal })
    if (result.error !== undefined) throw result.error
    // What a hook has put in its place is as the hook wrote it.
    const { content } = answerSchema.parse(result.output)
    const requests = content.flatMap((part): ToolRequest[] =>
      part.type === 'tool-call' && part.providerExecuted !== true
        ? [{ id: part.toolCallId, name: part.toolName, input: part.input }]
        : [],
    )
    const text = content.map((part) => (part.type === 'text' ? part.text : '')).join('')
    show?.answer(text)
    if (requests.length === 0) show?.step(this.#call.operation.usage)
    const said = [...messages, assistantMessage(content)]
    return { type: 'thought', note: { messages: said, requests, text, spent: spending.spent } }
  }

  async #act({ messages, requests }: ModelLoopContext): Promise<LoopOutcome> {
    const spending = this.#spending
    const { show, operation } = this.#call
    spending.countTools(requests.length)
    const results = await Promise.all(requests.map((request) => this.#callTool(request)))
    show?.step(operation.usage)
    const said = [...messages, toolMessage(results)]
    return { type: 'acted', note: { messages: said, requests: [], spent: spending.spent } }
  }

  async #callTool(request: ToolRequest): Promise<object> {
    const { call, boundary, show } = this.#call
    const { offers } = this.#prepared
    const { value = request.input, problem } = parsedInput(request.input)
    const offer = offers.get(request.name)
    const shown = show?.tool(request.name, offer === undefined ? value : offer.inputOf(value), request.id)
    const refused = (code: 'UNKNOWN_COMPONENT' | 'INVALID_INPUT', message: string) => {
      shown?.({ error: new HookchartError(code, message, { details: { tool: request.name } }) })
      return toolFailure(request, message)
    }
    if (offer === undefined) {
      const known = [...offers.keys()].join(', ')
      return refused('UNKNOWN_COMPONENT', `There is no tool "${request.name}". There are: ${known}.`)
    }
    if (problem !== undefined) return refused('INVALID_INPUT', problem)
    await boundary()
    const { tools } = this.#host.callersFor(call)
    const result = await tools.execute(offer.tool as never, offer.inputOf(value) as never, { signal: call.signal })
    shown?.(result)
    return toolOutput(request, result)
  }

  #watch(): ModelWatch {
    const { boundary, show, working } = this.#call
    const { model } = this.#prepared
    const name = model === undefined ? '' : modelNameOf(model)
    return {
      retry: this.#definition.retry,
      boundary: async () => boundary(),
      begin: assertAffordable,
      onTokens: (operation, tokens) => {
        countCall(operation, name, tokens)
      },
      onWork: working,
      show,
    }
  }
}
