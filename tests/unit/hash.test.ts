import { describe, expect, test } from 'vitest'
import { nodeHash } from '../../src/ports/node/hash.ts'

test('sha256 is that of FIPS 180-4', () => {
  expect(nodeHash.sha256('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  expect(nodeHash.sha256('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
})

test('the HMAC is that of RFC 4231, with the key as text or as bytes', () => {
  const expected = '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843'
  const text = 'what do ya want for nothing?'
  expect(nodeHash.hmacSha256('Jefe', text)).toBe(expected)
  expect(nodeHash.hmacSha256(new TextEncoder().encode('Jefe'), text)).toBe(expected)
})

test('text is hashed as UTF-8', () => {
  expect(nodeHash.sha256('ä')).toBe('33e6d73fee82904c8d7afb78de1154d1e8dc2a0edb08120e63df5b9385c2d9cc')
})

describe('equal', () => {
  test.each([
    ['', '', true],
    ['abc', 'abc', true],
    ['abc', 'abd', false],
    ['abc', 'ab', false],
    ['', 'a', false],
    ['ä', 'ab', false],
  ])('%j and %j: %s', (left, right, equal) => {
    expect(nodeHash.equal(left, right)).toBe(equal)
  })
})
