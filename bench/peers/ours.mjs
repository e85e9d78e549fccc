// Ten trivial steps as a sequence of hookchart, with two sync hooks on both sides of each.
import { createSystem, sequential, step } from '../../dist/src/index.js'

const add = ({ input }) => input + 1
const ten = sequential({ name: 'ten', steps: Array.from({ length: 10 }, (_, i) => step.run(`step${i}`, add)) })
const system = createSystem({ trace: 'off' })
let calls = 0
const count = () => {
  calls++
}
for (let i = 0; i < 2; i++)
  system.hooks.register(['BeforeWorkflowStage', 'AfterWorkflowStage'], count, { name: `h${i}` })

export async function run(n) {
  const { status, output } = await system.workflows.execute(ten, n)
  if (status !== 'completed' || output !== n + 10) throw new Error(`${status} ${output}`)
}
