// Ten trivial steps as a graph of LangGraph.
import { Annotation, END, START, StateGraph } from '@langchain/langgraph'

let graph = new StateGraph(Annotation.Root({ n: Annotation() }))
for (let i = 0; i < 10; i++) graph = graph.addNode(`step${i}`, async ({ n }) => ({ n: n + 1 }))
graph = graph.addEdge(START, 'step0')
for (let i = 1; i < 10; i++) graph = graph.addEdge(`step${i - 1}`, `step${i}`)
const compiled = graph.addEdge('step9', END).compile()

export async function run(n) {
  const { n: result } = await compiled.invoke({ n })
  if (result !== n + 10) throw new Error(String(result))
}
