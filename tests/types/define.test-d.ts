/** What the types of definitions promise: inference from schemas and functions, and that what does not fit does not compile. */
import {
  conditional,
  createHooks,
  defineAgent,
  defineChain,
  defineTool,
  hook,
  loop,
  parallel,
  sequential,
  step,
} from 'hookchart'
import type { RunResult } from 'hookchart'
import type {
  AgentDefinition,
  ChainDefinition,
  ConditionalWorkflow,
  FunctionAgentDefinition,
  LoopWorkflow,
  ModelAgentDefinition,
  ParallelWorkflow,
  SequentialWorkflow,
  Step,
  ToolDefinition,
  WorkflowDefinition,
} from 'hookchart/machines'
import { describe, expectTypeOf, test } from 'vitest'
import * as z from 'zod'

interface Text {
  text: string
}
interface Words {
  words: number
}

const wordCount = defineTool({
  name: 'word_count',
  description: 'counts words',
  input: z.object({ text: z.string() }),
  output: z.object({ words: z.number() }),
  level: 'safe',
  execute: ({ input }) => ({ words: input.text.split(/\s+/).filter(Boolean).length }),
})
const reader = defineAgent({
  name: 'reader',
  input: z.object({ text: z.string() }),
  tools: [wordCount],
  execute: async ({ input, tools }) => tools.call(wordCount, input),
})
const report = sequential({
  name: 'report',
  input: z.object({ text: z.string() }),
  steps: [
    step.tool('count', wordCount),
    step.run('double', ({ input }: { input: { words: number } }) => input.words * 2),
  ],
})
const chain = defineChain('triage')
  .agent(reader)
  .workflow(report, { after: ['reader'], input: ({ input }) => input })

test('the first snippet of the documentation', () => {
  expectTypeOf(wordCount).toEqualTypeOf<ToolDefinition<Text, Words, 'word_count'>>()
  expectTypeOf(reader).toEqualTypeOf<FunctionAgentDefinition<Text, Words, 'reader'>>()
  expectTypeOf(report).toEqualTypeOf<SequentialWorkflow<Text, number, 'report'>>()
  expectTypeOf(chain).toExtend<ChainDefinition<Text, { readonly reader: Words; readonly report: number }>>()
  const hooks = createHooks()
  hooks
    .for(wordCount)
    .register('BeforeToolExecution', (ctx) => hook.modified({ input: { text: ctx.data.input.text.trim() } }), {
      name: 'trim',
    })
  hooks.for(wordCount.component).register('AfterToolExecution', (ctx) => {
    expectTypeOf(ctx.data.output.words).toEqualTypeOf<number>()
  })
  hooks.for(report).register('BeforeWorkflowStart', (ctx) => {
    expectTypeOf(ctx.data.input.text).toEqualTypeOf<string>()
  })
})

describe('tools', () => {
  test('hooks see the raw input, execute the parsed one, callers what the output schema makes', () => {
    const level = defineTool({
      name: 'level',
      description: 'x',
      input: z.object({ n: z.coerce.number<string>() }),
      output: z.object({ kind: z.enum(['low', 'high']).transform((kind) => kind.length) }),
      execute: async ({ input }) => {
        expectTypeOf(input.n).toEqualTypeOf<number>()
        return { kind: 'low' }
      },
    })
    expectTypeOf(level).toEqualTypeOf<ToolDefinition<{ n: string }, { kind: number }, 'level'>>()
  })

  test('without an output schema the output is what execute gives', () => {
    const sizes = defineTool({
      name: 'sizes',
      description: 'x',
      input: z.string(),
      execute: async ({ input }) => [input.length],
    })
    expectTypeOf(sizes).toEqualTypeOf<ToolDefinition<string, number[], 'sizes'>>()
  })

  test('what execute gives must fit the output schema', () => {
    const output = z.object({ kind: z.enum(['low', 'high']) })
    // @ts-expect-error no such kind
    defineTool({ name: 'level', description: 'x', input: z.string(), output, execute: () => ({ kind: 'medium' }) })
    // @ts-expect-error no such option
    defineTool({ name: 'level', description: 'x', input: z.string(), outputs: output, execute: () => 1 })
    // @ts-expect-error no such level
    defineTool({ name: 'level', description: 'x', input: z.string(), level: 'root', execute: () => 1 })
  })

  test('any tool is a ToolDefinition', () => {
    expectTypeOf(wordCount).toExtend<ToolDefinition>()
    expectTypeOf([wordCount]).toExtend<readonly ToolDefinition[]>()
  })
})

describe('agents', () => {
  test('calls are typed by definition, and unknown by name', () => {
    defineAgent({
      name: 'any',
      tools: [wordCount, 'search'],
      execute: async ({ input, tools, agents, workflows, state }) => {
        expectTypeOf(input).toEqualTypeOf<unknown>()
        expectTypeOf(tools.call(wordCount, { text: '' })).toEqualTypeOf<Promise<Words>>()
        expectTypeOf(tools.execute(wordCount, { text: '' })).toEqualTypeOf<Promise<RunResult<Words>>>()
        expectTypeOf(tools.call('search', 1)).toEqualTypeOf<Promise<unknown>>()
        expectTypeOf(agents.call(reader, { text: '' })).toEqualTypeOf<Promise<Words>>()
        expectTypeOf(workflows.call(report, { text: '' }, { timeoutMs: '1s' })).toEqualTypeOf<Promise<number>>()
        state['count'] = 1
        // @ts-expect-error the text is a string
        void tools.call(wordCount, { text: 1 })
        // @ts-expect-error the text is missing
        void tools.execute(wordCount, {})
        // @ts-expect-error an agent is no tool
        void tools.call(reader, { text: '' })
        // @ts-expect-error the correlation is the caller's
        void tools.call(wordCount, { text: '' }, { correlationId: 'x' })
      },
    })
  })

  test('with an output schema execute must give what it takes', () => {
    const output = z.object({ words: z.number().transform(String) })
    const one = defineAgent({ name: 'one', output, execute: () => ({ words: 1 }) })
    expectTypeOf(one).toEqualTypeOf<FunctionAgentDefinition<unknown, { words: string }, 'one'>>()
    // @ts-expect-error the words are a number
    defineAgent({ name: 'one', output, execute: () => ({ words: '1' }) })
  })

  test('model agents', () => {
    const writer = defineAgent({ name: 'writer', model: 'openai/gpt-5', instructions: 'x', tools: [wordCount] })
    expectTypeOf(writer).toEqualTypeOf<ModelAgentDefinition<unknown, string, 'writer'>>()
    const judge = defineAgent({
      name: 'judge',
      model: 'a/b',
      instructions: 'x',
      input: z.string(),
      output: z.object({ ok: z.boolean() }),
    })
    expectTypeOf(judge).toEqualTypeOf<ModelAgentDefinition<string, { ok: boolean }, 'judge'>>()
    expectTypeOf([reader, writer]).toExtend<readonly AgentDefinition[]>()
    // @ts-expect-error a provider is missing
    defineAgent({ name: 'writer', model: 'gpt', instructions: 'x' })
    // @ts-expect-error a function has no instructions
    defineAgent({ name: 'writer', execute: () => 1, instructions: 'x' })
  })
})

describe('steps', () => {
  test('without mapInput a step takes what its component takes, with it what the function takes', () => {
    expectTypeOf(step.tool('count', wordCount)).toExtend<Step<Text, Words>>()
    const mapped = step.tool('count', wordCount, ({ input }: { input: string }) => ({ text: input }))
    expectTypeOf(mapped).toExtend<Step<string, Words>>()
    const parsed = step.agent('read', reader, ({ input }) => ({ text: String(input.n) }), {
      input: z.object({ n: z.number() }),
    })
    expectTypeOf(parsed).toExtend<Step<{ n: number }, Words>>()
    const run = step.run('half', ({ input }) => input / 2, { input: z.coerce.number<string>() })
    expectTypeOf(run).toExtend<Step<string, number>>()
    expectTypeOf(step.workflow('report', report)).toExtend<Step<Text, number>>()
    expectTypeOf(step.tool('search', 'search')).toExtend<Step>()
  })

  test('what does not fit does not compile', () => {
    // @ts-expect-error the text is a string
    step.tool('count', wordCount, () => ({ text: 1 }))
    // @ts-expect-error the text is missing
    step.agent('read', reader, ({ input }: { input: string }) => ({ words: input }))
    // @ts-expect-error an agent is no tool
    step.tool('read', reader)
    // @ts-expect-error no such option
    step.run('half', () => 1, { retries: 1 })
    // @ts-expect-error the options stand behind mapInput
    step.tool('count', wordCount, { timeoutMs: 1 })
  })
})

describe('workflows', () => {
  test('steps that do not fit each other do not compile', () => {
    sequential({
      name: 'bad',
      // @ts-expect-error the count gives words, not a text
      steps: [step.tool('count', wordCount), step.tool('again', wordCount)],
    })
    sequential({
      name: 'bad',
      input: z.object({ n: z.number() }),
      // @ts-expect-error the input has no text
      steps: [step.tool('count', wordCount)],
    })
    // What is not known fits.
    sequential({ name: 'good', steps: [step.tool('search', 'search'), step.tool('count', wordCount)] })
    const dynamic: Step[] = [step.tool('count', wordCount)]
    expectTypeOf(sequential({ name: 'dynamic', steps: dynamic })).toEqualTypeOf<
      SequentialWorkflow<unknown, unknown, 'dynamic'>
    >()
  })

  test('the input comes from the first step where there is no schema, the output from the last', () => {
    const flow = sequential({ name: 'flow', steps: [step.tool('count', wordCount)] })
    expectTypeOf(flow).toEqualTypeOf<SequentialWorkflow<Text, Words, 'flow'>>()
    const output = z.object({ words: z.number().transform(String) })
    expectTypeOf(sequential({ name: 'flow', steps: [step.tool('count', wordCount)], output })).toEqualTypeOf<
      SequentialWorkflow<Text, { words: string }, 'flow'>
    >()
  })

  test('conditional gives what its branches give', () => {
    const flow = conditional({
      name: 'flow',
      input: z.object({ text: z.string() }),
      branches: [
        {
          name: 'count',
          condition: ({ input, state }) => {
            expectTypeOf(input).toEqualTypeOf<Text>()
            return input.text !== '' && state['on'] === true
          },
          steps: [step.tool('count', wordCount)],
        },
        { name: 'none', isDefault: true, steps: [step.run('none', () => 'none')] },
      ],
    })
    expectTypeOf(flow).toEqualTypeOf<ConditionalWorkflow<Text, Words | string, 'flow'>>()
    const open = conditional({
      name: 'open',
      branches: [{ name: 'a', condition: { type: 'never' }, steps: [step.run('a', () => 1)] }],
    })
    expectTypeOf(open).toEqualTypeOf<ConditionalWorkflow<unknown, number | undefined, 'open'>>()
    const all = conditional({
      name: 'all',
      executeAllMatching: true,
      branches: [{ name: 'a', condition: { type: 'always' }, steps: [step.run('a', () => 1)] }],
    })
    expectTypeOf(all).toExtend<ConditionalWorkflow<unknown, { readonly a?: number }>>()
    expectTypeOf([all, open]).toExtend<readonly WorkflowDefinition[]>()
    conditional({
      name: 'bad',
      input: z.object({ n: z.number() }),
      // @ts-expect-error the input has no text
      branches: [{ name: 'a', condition: { type: 'always' }, steps: [step.tool('count', wordCount)] }],
    })
    conditional({
      name: 'bad',
      // @ts-expect-error no such condition
      branches: [{ name: 'a', condition: { type: 'sometimes' }, steps: [step.run('a', () => 1)] }],
    })
  })

  test('loop gives its body the values and keeps what aggregation says', () => {
    const half = step.run('half', ({ input }: { input: number }) => input / 2)
    const all = loop({
      name: 'all',
      iterator: { range: { start: 0, end: 5 } },
      body: [half],
      breakConditions: ['$iteration >= 5', ({ value }) => value > 3],
    })
    expectTypeOf(all).toEqualTypeOf<LoopWorkflow<unknown, number[], 'all'>>()
    const last = loop({ name: 'last', iterator: { collection: [1, 2] }, body: [half], aggregation: 'last_only' })
    expectTypeOf(last).toEqualTypeOf<LoopWorkflow<unknown, number | undefined, 'last'>>()
    const some = loop({
      name: 'some',
      input: z.object({ lines: z.array(z.string()) }),
      iterator: { collection: ({ input }) => input.lines },
      body: [step.tool('count', wordCount, ({ input }: { input: string }) => ({ text: input }))],
      aggregation: { type: 'first_n', n: 2 },
    })
    expectTypeOf(some).toEqualTypeOf<LoopWorkflow<{ lines: string[] }, Words[], 'some'>>()
    const none = loop({
      name: 'none',
      iterator: { while: '$iteration < 3' },
      body: [step.run('a', () => 1)],
      aggregation: 'none',
    })
    expectTypeOf(none).toEqualTypeOf<LoopWorkflow<unknown, undefined, 'none'>>()
    // @ts-expect-error the body is given texts
    loop({ name: 'bad', iterator: { collection: ['a'] }, body: [half] })
  })

  test('parallel gives the output of each branch by its name', () => {
    const flow = parallel({
      name: 'flow',
      branches: [
        { name: 'count', steps: [step.tool('count', wordCount)] },
        { name: 'note', optional: true, steps: [step.run('note', () => 'x')] },
      ],
    })
    expectTypeOf(flow).toExtend<ParallelWorkflow<Text, { readonly count: Words; readonly note?: string }>>()
    const any = parallel({
      name: 'any',
      join: 'any',
      branches: [{ name: 'count', steps: [step.tool('count', wordCount)] }],
    })
    expectTypeOf(any).toExtend<ParallelWorkflow<Text, { readonly count?: Words }>>()
  })
})

describe('chains', () => {
  test('an input function sees the input and the results by id', () => {
    const two = defineChain('two', { input: z.object({ n: z.coerce.number<string>() }) })
      .tool(wordCount, {
        id: 'first',
        input: ({ input }) => ({ text: input.n.toFixed() }),
        onError: { fallback: { words: 0 } },
      })
      .agent(reader, { after: ['first'], input: ({ results }) => ({ text: String(results.first?.words) }) })
    expectTypeOf(two).toExtend<
      ChainDefinition<{ n: string }, { readonly first: Words; readonly reader: Words }, { n: number }, 'two'>
    >()
    // @ts-expect-error the text is a string
    defineChain('bad').tool(wordCount, { input: () => ({ text: 1 }) })
    // @ts-expect-error the fallback is no output
    defineChain('bad').tool(wordCount, { onError: { fallback: { letters: 1 } } })
    // @ts-expect-error an agent is no tool
    defineChain('bad').tool(reader)
  })

  test('the object form', () => {
    const form = defineChain('form', {
      components: [
        { agent: reader },
        { tool: wordCount, after: ['reader'], input: ({ results }) => results['reader'] },
      ],
    })
    expectTypeOf(form).toExtend<ChainDefinition>()
  })
})
