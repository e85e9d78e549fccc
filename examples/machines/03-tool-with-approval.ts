/**
 * A tool that sends money. Its input is validated, big sums wait for a person, its level is checked, and a slow bank meets
 * its deadline. What hooks see at each of its points is shown as it happens.
 */
import { createSystem, defineTool, hook } from 'hookchart'
import type { HookContext } from 'hookchart'
import { createTestClock, createTestIds } from 'hookchart/testing'
import * as z from 'zod'

const clock = createTestClock()

const sendMoney = defineTool({
  name: 'send_money',
  description: 'sends money to an account',
  level: 'privileged',
  input: z.object({ to: z.string().min(1), euros: z.coerce.number().positive() }),
  output: z.object({ receipt: z.string() }),
  limits: { timeoutMs: '2s', maxConcurrent: 1 },
  execute: async ({ input, signal }) => {
    if (input.to === 'slow bank')
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('hung up'))))
    return { receipt: `${input.euros} € to ${input.to}` }
  },
})

const system = createSystem({ clock, ids: createTestIds(), tools: [sendMoney] })
const hooks = system.hooks.for(sendMoney)

// A transform at ToolValidation: what it changes is parsed again.
hooks.register(
  'ToolValidation',
  (ctx) => hook.modified({ input: { ...ctx.data.input, to: ctx.data.input.to.trim() } }),
  { name: 'trim' },
)
// A guard: big sums wait for a person. While it waits, deadlines stand still and no slot is held.
hooks.register(
  'ToolSecurityCheck',
  ({ data }) =>
    Number(data.input.euros) > 1_000
      ? hook.suspend({ question: `Send ${String(data.input.euros)} € to ${data.input.to}?` })
      : undefined,
  { name: 'ask_a_person', kind: 'guard' },
)
system.hooks.register(['Tool*', 'BeforeToolExecution', 'AfterToolExecution', 'OperationSettled'], show, {
  name: 'show',
  kind: 'observe',
})

function show({ point, data }: HookContext) {
  const { status, output, error } = data as { status?: string; output?: unknown; error?: { code: string } }
  const what = [status, error?.code, output === undefined ? undefined : JSON.stringify(output)].filter(Boolean)
  console.log(`   ${point.padEnd(22)} ${what.join(' ')}`.trimEnd())
}

async function send(title: string, input: object, meanwhile: () => Promise<unknown> = async () => undefined) {
  console.log(`\n${title}`)
  const running = system.tools.execute(sendMoney, input as never)
  await clock.settle()
  await meanwhile()
  const { status, error } = await running
  console.log(` → ${status}${error === undefined ? '' : `: ${error.message}`}`)
}

console.log('A TOOL THAT SENDS MONEY')
await send('A small sum', { to: '  Ann ', euros: '20' })
await send('Input that does not fit: no gate in front of the tool is passed', { to: 'Ann', euros: 'much' })
await send('A big sum, and a person who says yes', { to: 'Bob', euros: 5_000 }, () => {
  const [pending] = system.approvals.pending()
  console.log(` ? ${pending!.request.question}`)
  return system.approvals.resume(pending!.id)
})
await send('A big sum, and a person who says no', { to: 'Bob', euros: 9_000 }, () => {
  const [pending] = system.approvals.pending()
  console.log(` ? ${pending!.request.question}`)
  return system.approvals.reject(pending!.id, 'not before Friday')
})
await send('A bank that hangs', { to: 'slow bank', euros: 5 }, () => clock.advanceSteps(2_000))

const careful = createSystem({ maxSecurityLevel: 'restricted' })
const { error } = await careful.tools.execute(sendMoney, { to: 'Ann', euros: 1 })
console.log(`\nIn a system that is more careful:\n → ${error!.message}`)

await Promise.all([system.stop(), careful.stop()])

console.log('\nLesson: validation, security, limits and approvals are points of every tool. A hook')
console.log('that refuses leaves nothing behind: the resources are released on every ending.')
