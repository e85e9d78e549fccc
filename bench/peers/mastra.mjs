// Ten trivial steps as a workflow of Mastra.
import { createStep, createWorkflow } from '@mastra/core/workflows'
import { z } from 'zod'

const schema = z.object({ n: z.number() })
let workflow = createWorkflow({ id: 'ten', inputSchema: schema, outputSchema: schema })
for (let i = 0; i < 10; i++) {
  workflow = workflow.then(
    createStep({
      id: `step${i}`,
      inputSchema: schema,
      outputSchema: schema,
      execute: async ({ inputData }) => ({ n: inputData.n + 1 }),
    }),
  )
}
workflow.commit()

export async function run(n) {
  const made = await (workflow.createRunAsync ?? workflow.createRun).call(workflow)
  const { status, result } = await made.start({ inputData: { n } })
  if (status !== 'success' || result.n !== n + 10) throw new Error(`${status} ${JSON.stringify(result)}`)
}
