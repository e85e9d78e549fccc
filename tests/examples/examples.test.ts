/** Every example runs by itself and prints what the file beside it says. */
import { expect, test } from 'vitest'
import { listExamples, listGroups, problemOf, runExample } from '../../scripts/examples/run.ts'

const examples = listExamples()

test('the examples can be listed, each in a group', () => {
  const groups = new Set(listGroups())
  expect(examples.filter(({ name }) => !groups.has(name.split('/')[0]!))).toEqual([])
})

for (const example of examples) {
  test(example.name, async () => {
    expect(problemOf(example, await runExample(example))).toBeUndefined()
  })
}
