import { describe, expect, test } from 'vitest'
import { isGlob, matchesGlob } from '../../src/hooks/points/glob.ts'

test.each([
  ['*', true],
  ['a*b', true],
  ['', false],
  ['a?b', false],
  ['a.b', false],
])('isGlob(%j): %s', (text, glob) => {
  expect(isGlob(text)).toBe(glob)
})

describe('matchesGlob', () => {
  test.each([
    // without a star it is the name itself
    ['', '', true],
    ['', 'a', false],
    ['abc', 'abc', true],
    ['abc', 'abcd', false],
    ['abc', 'ab', false],
    ['abc', 'ABC', false],
    // one star
    ['*', '', true],
    ['*', 'anything at all', true],
    ['ab*', 'ab', true],
    ['ab*', 'abc', true],
    ['ab*', 'a', false],
    ['ab*', 'xab', false],
    ['*ab', 'ab', true],
    ['*ab', 'xab', true],
    ['*ab', 'abx', false],
    ['a*b', 'ab', true],
    ['a*b', 'axxb', true],
    ['a*b', 'a', false],
    ['a*b', 'b', false],
    // the part before and the part after must not overlap
    ['ab*ba', 'aba', false],
    ['ab*ba', 'abba', true],
    ['a*a', 'a', false],
    ['a*a', 'aa', true],
    // several stars
    ['**', '', true],
    ['a**b', 'ab', true],
    ['*b*', 'abc', true],
    ['*b*', 'b', true],
    ['*b*', 'ac', false],
    ['a*b*c', 'abc', true],
    ['a*b*c', 'axbxc', true],
    ['a*b*c', 'acb', false],
    ['a*b*c', 'acbc', true],
    // a middle part must end before the last begins
    ['a*bc*cd', 'abcd', false],
    ['a*bc*cd', 'abccd', true],
    ['*ab*ab*', 'abab', true],
    ['*ab*ab*', 'aba', false],
    // middle parts one after another, none twice
    ['x*a*a*y', 'xay', false],
    ['x*a*a*y', 'xaay', true],
    ['x*ab*b*y', 'xaby', false],
    ['x*ab*b*y', 'xabby', true],
    // everything else stands for itself
    ['a.c*', 'abc', false],
    ['a.c*', 'a.c', true],
    ['(a|b)*', '(a|b)c', true],
    ['[ab]*', 'a', false],
    ['Before*Execution', 'BeforeToolExecution', true],
    ['Before*Execution', 'AfterToolExecution', false],
    ['*Tool*', 'ToolError', true],
  ])('%j, %j: %s', (glob, name, matches) => {
    expect(matchesGlob(glob, name)).toBe(matches)
  })

  test('a pattern made to be slow ends', () => {
    expect(matchesGlob('*a'.repeat(200) + '*b', 'a'.repeat(20_000))).toBe(false)
  })
})
