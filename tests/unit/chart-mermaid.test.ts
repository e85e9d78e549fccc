import { toGraph, toMermaid } from 'hookchart/chart'
import { createMachine } from 'xstate'
import { expect, test } from 'vitest'

test('states, transitions and the start', () => {
  const lamp = createMachine({
    initial: 'off',
    states: {
      off: { on: { FLIP: { target: 'on', guard: 'hasPower', actions: ['click', 'count'] } } },
      on: { after: { 9: 'off' } },
    },
  })
  expect(toMermaid(lamp)).toBe(`stateDiagram-v2
  [*] --> off
  state "off" as off
  state "on" as on
  off --> on: FLIP [hasPower] / click, count
  on --> off: after 9
`)
  expect(toMermaid(toGraph(lamp))).toBe(toMermaid(lamp))
})

test('states in states, regions, history and ends', () => {
  const machine = createMachine({
    initial: 'work',
    states: {
      work: {
        type: 'parallel',
        states: { left: { initial: 'x', states: { x: {}, was: { type: 'history' } } }, right: {} },
      },
      done: { type: 'final' },
    },
  })
  expect(toMermaid(machine)).toBe(`stateDiagram-v2
  [*] --> work
  state "work" as work
  state work {
    state "left" as work_left
    state work_left {
      [*] --> work_left_x
      state "x" as work_left_x
      state "H" as work_left_was
    }
    --
    state "right" as work_right
  }
  state "done" as done
  done --> [*]
`)
})

test('what a state does stands in its note', () => {
  const machine = createMachine({
    initial: 'a',
    states: { a: { entry: 'open', exit: 'close', invoke: { src: 'load' }, on: { TICK: { actions: 'count' } } } },
  })
  expect(toMermaid(machine)).toContain(`  note right of a
    entry / open
    exit / close
    invoke / load
    TICK / count
  end note`)
})

test('what any state may do starts in each at the top', () => {
  const machine = createMachine({ initial: 'a', on: { STOP: '.b' }, states: { a: {}, b: {} } })
  expect(toMermaid(machine)).toContain('a --> b: STOP\n  b --> b: STOP')
})

test('names and labels that Mermaid would read as its own', () => {
  const machine = createMachine({
    initial: 'end',
    states: { end: { on: { 'a;b: "c" #1': 'x-y' } }, 'x-y': {}, x_y: {} },
  })
  expect(toMermaid(machine)).toBe(`stateDiagram-v2
  [*] --> end_
  state "end" as end_
  state "x-y" as x_y
  state "x_y" as x_y_2
  end_ --> x_y: a#59;b#58; #quot;c#quot; #35;1
`)
})
