import {
  formatBaggage,
  formatTraceparent,
  formatTracestate,
  parseBaggage,
  parseTraceparent,
  parseTracestate,
} from 'hookchart/hooks'
import { describe, expect, test } from 'vitest'
import { errorOf } from '../support/refusal.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const SPAN = 'b7ad6b7169203331'

describe('traceparent', () => {
  test('is read and written', () => {
    const header = `00-${TRACE}-${SPAN}-01`
    expect(parseTraceparent(header)).toEqual({ traceId: TRACE, spanId: SPAN, sampled: true, random: false })
    expect(formatTraceparent(parseTraceparent(header))).toBe(header)
  })

  test.each([
    ['00', false, false],
    ['01', true, false],
    ['02', false, true],
    ['03', true, true],
    ['fc', false, false],
    ['ff', true, true],
  ])('flags %s: sampled %s, random %s', (flags, sampled, random) => {
    expect(parseTraceparent(`00-${TRACE}-${SPAN}-${flags}`)).toMatchObject({ sampled, random })
  })

  test('reserved flags are not written again', () => {
    expect(formatTraceparent(parseTraceparent(`00-${TRACE}-${SPAN}-ff`))).toBe(`00-${TRACE}-${SPAN}-03`)
  })

  test.each([`01-${TRACE}-${SPAN}-01`, `cc-${TRACE}-${SPAN}-03-what-the-future-brings`, `fe-${TRACE}-${SPAN}-ff-`])(
    'a later version is read as far as it is known, and written as 00: %s',
    (header) => {
      expect(parseTraceparent(header)).toEqual({ traceId: TRACE, spanId: SPAN, sampled: true, random: false })
      expect(formatTraceparent(parseTraceparent(header))).toBe(`00-${TRACE}-${SPAN}-01`)
    },
  )

  test.each([
    ['nothing', ''],
    ['version ff', `ff-${TRACE}-${SPAN}-01`],
    ['more than version 00 has', `00-${TRACE}-${SPAN}-01-more`],
    ['a dash behind version 00', `00-${TRACE}-${SPAN}-01-`],
    ['more without a dash', `cc-${TRACE}-${SPAN}-01.what`],
    ['a line end in what a later version has', `cc-${TRACE}-${SPAN}-01-a\nb: c`],
    ['too short for a later version', `cc-${TRACE}-${SPAN}`],
    ['a trace id of zeros', `00-${'0'.repeat(32)}-${SPAN}-01`],
    ['a span id of zeros', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['upper case', `00-${TRACE.toUpperCase()}-${SPAN}-01`],
    ['a short trace id', `00-${TRACE.slice(1)}-${SPAN}-01`],
    ['a short span id', `00-${TRACE}-${SPAN.slice(1)}-01`],
    ['one flag digit', `00-${TRACE}-${SPAN}-1`],
    ['white space', ` 00-${TRACE}-${SPAN}-01`],
    ['a line end', `00-${TRACE}-${SPAN}-01\n`],
    ['underscores', `00_${TRACE}_${SPAN}_01`],
  ])('refuses %s', (_, header) => {
    expect(errorOf(() => parseTraceparent(header))).toMatchObject({
      code: 'CONTEXT_INVALID',
      message: expect.stringMatching(/^The traceparent is malformed: .*start a new trace\.$/s),
    })
  })

  test('only text is a header', () => {
    expect(errorOf(() => parseTraceparent(['00'] as never)).code).toBe('CONTEXT_INVALID')
  })

  test.each([
    [{ traceId: TRACE, spanId: '0'.repeat(16), sampled: true, random: true }, 'spanId'],
    [{ traceId: 'X', spanId: SPAN, sampled: true, random: true }, 'traceId'],
    [{ traceId: TRACE, spanId: SPAN, sampled: 1, random: true }, 'sampled'],
    [{ traceId: TRACE, spanId: SPAN, sampled: true, random: true, version: 1 }, 'version'],
  ])('does not write what it would not read: %o', (traceparent, path) => {
    const error = errorOf(() => formatTraceparent(traceparent as never))
    expect(error.code).toBe('CONTEXT_INVALID')
    expect(error.message).toContain(`"${path}"`)
  })
})

describe('tracestate', () => {
  test('is read in its order, without blanks around and empty members', () => {
    expect(parseTracestate('rojo=00f0,, \t congo=t61 \t,')).toEqual([
      { key: 'rojo', value: '00f0' },
      { key: 'congo', value: 't61' },
    ])
    expect(parseTracestate('')).toEqual([])
    expect(parseTracestate(' \t')).toEqual([])
  })

  test('leading spaces belong to a value', () => {
    expect(parseTracestate('a=  b ')).toEqual([{ key: 'a', value: '  b' }])
  })

  test('takes all characters that the standard allows', () => {
    const printable = Array.from({ length: 0x7f - 0x20 }, (_, i) => String.fromCharCode(0x20 + i)).filter(
      (character) => !',='.includes(character),
    )
    const header = `abcdefghijklmnopqrstuvwxyz0123456789_-*/@=${printable.join('')}`
    expect(formatTracestate(parseTracestate(header))).toBe(header)
    expect(parseTracestate('1a@b@c=x')).toHaveLength(1)
  })

  test('bounds are exact', () => {
    const longest = `${'k'.repeat(256)}=${'v'.repeat(256)}`
    expect(formatTracestate(parseTracestate(longest))).toBe(longest)
    const full = Array.from({ length: 32 }, (_, i) => `k${String(i)}=v`).join(',')
    expect(parseTracestate(full)).toHaveLength(32)
  })

  test.each([
    ['33 members', Array.from({ length: 33 }, (_, i) => `k${String(i)}=v`).join(',')],
    ['33 members of which most are empty', `a=b${','.repeat(32)}`],
    ['a key twice', 'a=1,b=2,a=3'],
    ['a long key', `${'k'.repeat(257)}=v`],
    ['a long value', `k=${'v'.repeat(257)}`],
    ['no value', 'a='],
    ['a value of spaces', 'a=   '],
    ['no =', 'a'],
    ['no = behind a longer key', 'abc'],
    ['no key', '=1'],
    ['an upper-case key', 'A=1'],
    ['a key that begins with a sign', '@a=1'],
    ['a dot in a key', 'a.b=1'],
    ['a space before =', 'a =1'],
    ['= in a value', 'a=b=c'],
    ['a tab in a value', 'a=b\tc'],
    ['a line end', 'a=b\n'],
    ['what is not ASCII', 'a=é'],
  ])('refuses %s', (_, header) => {
    expect(errorOf(() => parseTracestate(header))).toMatchObject({
      code: 'CONTEXT_INVALID',
      message: expect.stringContaining('The tracestate is malformed'),
    })
  })

  test('does not write what it would not read', () => {
    for (const entries of [
      [{ key: 'a', value: 'b,c=d' }],
      [{ key: 'a', value: 'b ' }],
      [{ key: 'A', value: 'b' }],
      [
        { key: 'a', value: 'b' },
        { key: 'a', value: 'c' },
      ],
      Array.from({ length: 33 }, (_, i) => ({ key: `k${String(i)}`, value: 'v' })),
      [{ key: 'a', value: 'b', more: 1 }],
      'a=b',
    ]) {
      expect(errorOf(() => formatTracestate(entries as never)).code).toBe('CONTEXT_INVALID')
    }
    expect(formatTracestate([])).toBe('')
    const entries = [
      { key: 'a', value: 'b' },
      { key: 'c', value: 'd' },
    ]
    expect(formatTracestate(entries)).toBe('a=b,c=d')
  })

  test('the error names the entry', () => {
    expect(errorOf(() => parseTracestate('a=1,b=2,a=3')).message).toContain('"2.key": this key has an entry already')
  })
})

describe('baggage', () => {
  test('the example of the standard is read', () => {
    expect(
      parseBaggage('key1=value1;property1;property2, key2 = value2, key3=value3; propertyKey=propertyValue'),
    ).toEqual([
      { key: 'key1', value: 'value1', properties: [{ key: 'property1' }, { key: 'property2' }] },
      { key: 'key2', value: 'value2', properties: [] },
      { key: 'key3', value: 'value3', properties: [{ key: 'propertyKey', value: 'propertyValue' }] },
    ])
  })

  test('blanks around everything go', () => {
    expect(parseBaggage('\t k \t = \t v \t ; \t p \t = \t w \t , a=')).toEqual([
      { key: 'k', value: 'v', properties: [{ key: 'p', value: 'w' }] },
      { key: 'a', value: '', properties: [] },
    ])
    expect(parseBaggage('')).toEqual([])
    expect(parseBaggage(' \t ')).toEqual([])
  })

  test('a value may have =, and a key may come twice', () => {
    expect(parseBaggage('a=b=c=,a=d').map(({ value }) => value)).toEqual(['b=c=', 'd'])
  })

  test('values are percent-decoded as UTF-8', () => {
    expect(parseBaggage('a=DF%2028;p=%c3%A9')[0]).toEqual({
      key: 'a',
      value: 'DF 28',
      properties: [{ key: 'p', value: 'é' }],
    })
    expect(parseBaggage('a=%EF%BB%BFx')[0]?.value).toBe('\uFEFFx')
    expect(parseBaggage('a=%F0%9F%98%80')[0]?.value).toBe('😀')
  })

  test('octets that are no UTF-8 become the replacement character', () => {
    expect(parseBaggage('a=x%FFy%C3')[0]?.value).toBe('x\uFFFDy\uFFFD')
  })

  test('only what must be is encoded', () => {
    expect(formatBaggage([{ key: 'a', value: '\t "\';=asdf!@#$%^&*(),\\é\u007f' }])).toBe(
      "a=%09%20%22'%3B=asdf!@#$%25^&*()%2C%5C%C3%A9%7F",
    )
  })

  test('properties are written, with and without a value', () => {
    const properties = [{ key: 'p' }, { key: 'q', value: '' }, { key: 'r', value: 'a;b' }]
    expect(formatBaggage([{ key: 'k', value: 'v', properties }])).toBe('k=v;p;q=;r=a%3Bb')
    expect(formatBaggage([])).toBe('')
  })

  test('bounds are exact', () => {
    const many = Array.from({ length: 180 }, (_, i) => `k${String(i)}=v`).join(',')
    expect(parseBaggage(many)).toHaveLength(180)
    const long = `k=${'v'.repeat(8_190)}`
    expect(formatBaggage(parseBaggage(long))).toBe(long)
  })

  test.each([
    ['181 entries', Array.from({ length: 181 }, (_, i) => `k${String(i)}=v`).join(',')],
    ['8,193 bytes', `k=${'v'.repeat(8_191)}`],
    ['an empty member', 'a=1,,b=2'],
    ['an empty property', 'a=1;'],
    ['no =', 'a'],
    ['no key', '=1'],
    ['a space in a key', 'a b=1'],
    ['a key that is no token', 'a(b)=1'],
    ['a property key that is no token', 'a=1;p@=2'],
    ['a space in a value', 'a=b c'],
    ['quotes', 'a="b"'],
    ['a backslash', 'a=b\\c'],
    ['a line end', 'a=b\n'],
    ['what is not ASCII', 'a=é'],
    ['a bare %', 'a=100%'],
    ['half an encoded octet', 'a=%2'],
    ['% without hexadecimal digits', 'a=%zz'],
  ])('refuses %s', (_, header) => {
    expect(errorOf(() => parseBaggage(header))).toMatchObject({
      code: 'CONTEXT_INVALID',
      message: expect.stringContaining('The baggage is malformed'),
    })
  })

  test('does not write what it would not read', () => {
    for (const entries of [
      [{ key: 'a b', value: '' }],
      [{ key: '', value: '' }],
      [{ key: 'a', value: '\uD800' }],
      [{ key: 'a', value: 'b', properties: [{ key: 'p', value: '\uDC00x' }] }],
      [{ key: 'a' }],
      [{ key: 'a', value: 1 }],
      [{ key: 'a', value: 'b', ttl: 1 }],
      // Three bytes and 9 characters a character.
      [{ key: 'a', value: '€'.repeat(911) }],
      Array.from({ length: 181 }, (_, i) => ({ key: `k${String(i)}`, value: '' })),
    ]) {
      expect(errorOf(() => formatBaggage(entries as never)).code).toBe('CONTEXT_INVALID')
    }
    expect(formatBaggage([{ key: 'a', value: '€'.repeat(910) }])).toHaveLength(8_192)
  })

  test('the error names the entry, not the value', () => {
    const { message } = errorOf(() => parseBaggage('a=1,token=se cret'))
    expect(message).toContain('"1.value"')
    expect(message).not.toContain('cret')
  })
})
