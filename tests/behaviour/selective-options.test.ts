/** The options of selective hooks: of each, two values that come to two outcomes. */
import { createHooks, createSelectiveHooks } from 'hookchart/hooks'
import type { FeatureOptions, SelectiveHooksOptions } from 'hookchart/hooks'
import { createTestClock, createTestIds } from 'hookchart/testing'
import { expect, test } from 'vitest'
import { outcomesOf } from '../support/outcomes.ts'

const POINTS = ['BeforeToolExecution', 'BeforeAgentExecution'] as const

/** Selective hooks at two points, which tell when they are made and called. */
function bench(options: SelectiveHooksOptions = {}, features?: readonly string[]) {
  const hooks = createHooks({ clock: createTestClock(), ids: createTestIds() })
  const selective = createSelectiveHooks(hooks, options)
  const made: string[] = []
  const called: string[] = []
  for (const point of POINTS) {
    const factory = () => {
      made.push(point)
      return () => void called.push(point)
    }
    selective.register(point, factory, { name: point, ...(features !== undefined && { features }) })
  }
  const fire = async () => {
    for (const point of POINTS) await hooks.run<string>(point, { input: 1 })
  }
  return { selective, made, called, fire }
}

const on = (features: Readonly<Record<string, FeatureOptions>>) =>
  bench({ features })
    .selective.features.list()
    .filter(({ enabled }) => enabled)
    .map(({ name }) => name)

test('features: which there are', async () => {
  const names = (features: Readonly<Record<string, FeatureOptions>>) =>
    bench({ features })
      .selective.features.list()
      .map(({ name }) => name)
  expect(await outcomesOf(names, { a: {} }, { b: {}, c: {} })).toEqual([
    ['core', 'a'],
    ['core', 'b', 'c'],
  ])
})

test('features.*.dependsOn: what comes on with it', async () => {
  const enabled = (dependsOn: string[]) =>
    bench({ features: { a: {}, b: { dependsOn } } }).selective.features.enable('b')
  expect(await outcomesOf(enabled, ['a'], [])).toEqual([['a', 'b'], ['b']])
})

test('features.*.enabled: whether it is on from the start', async () => {
  expect(await outcomesOf((enabled: boolean) => on({ a: { enabled } }), true, false)).toEqual([['core', 'a'], ['core']])
})

test('defaultFeatures: what hooks need that name no features', async () => {
  const called = async (defaultFeatures: string[]) => {
    const all = bench({ features: { a: {}, b: { enabled: false } }, defaultFeatures })
    await all.fire()
    return all.called.length
  }
  expect(await outcomesOf(called, ['a'], ['b'])).toEqual([2, 0])
})

test('maxInstances: how many live', async () => {
  const live = async (maxInstances: number) => {
    const { selective, fire } = bench({ maxInstances })
    await fire()
    return selective.stats().instances
  }
  expect(await outcomesOf(live, 1, 2)).toEqual([1, 2])
})

test('preloadPoints: whose hooks are made at once', async () => {
  const made = (preloadPoints: (typeof POINTS)[number][]) => bench({ preloadPoints }).made
  expect(await outcomesOf(made, [POINTS[0]], [])).toEqual([[POINTS[0]], []])
})

test('onDispose: who is told of instances that are gone', async () => {
  const told: string[] = []
  const outcome = async (name: string) => {
    const { selective, fire } = bench({ onDispose: ({ reason }) => told.push(`${name} ${reason}`) })
    await fire()
    selective.clear()
    return told.at(-1)
  }
  expect(await outcomesOf(outcome, 'a', 'b')).toEqual(['a cleared', 'b cleared'])
})

test('features of a hook: it is called only while all of them are on', async () => {
  const called = async (features: string[]) => {
    const all = bench({ features: { a: { enabled: true }, b: {} } }, features)
    await all.fire()
    return all.called.length
  }
  expect(await outcomesOf(called, ['a'], ['a', 'b'])).toEqual([2, 0])
})
