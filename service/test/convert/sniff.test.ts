import { describe, expect, test } from '@jest/globals'

import { isSvg, isVega, textOf } from '../../convert/sniff.ts'

const sniffed = (content: string | Uint8Array) =>
  isSvg({ bytes: Buffer.from(content), mimetype: '' })

describe('an SVG', () => {
  test.each([
    '<svg/>',
    '<svg>',
    '  \n<svg width="1">',
    '\uFEFF<svg>',
    '<?xml version="1.0"?>\n<svg>',
    '<!-- a > b --><?x > ?><!-- c --><svg>',
    '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/x.dtd"><svg>',
    '<!DOCTYPE svg [<!ENTITY a "]><x>"> <!-- ]>" --> ]><svg>',
    '<!doctype html><svg>',
    '<s:svg xmlns:s="http://www.w3.org/2000/svg">',
    '<SVG>',
    Buffer.from('\uFEFF<svg/>', 'utf16le'),
    Buffer.from('\uFEFF<svg/>', 'utf16le').swap16(),
    `${'<!---->'.repeat(30_000)}<svg>`,
    // Its root is beyond what is searched.
    `${' '.repeat(300_000)}<svg>`,
    `<!--${'-'.repeat(300_000)}--><svg>`,
  ])('is %j', (content) => {
    expect(sniffed(content)).toBe(true)
  })

  test.each([
    '',
    'text',
    '<html><svg>',
    '<svgx>',
    '<!-- <svg> -->',
    '<!-- <svg>',
    '<!DOCTYPE html [',
    '<',
    '<?xml',
    `{"$schema": "<svg>"}`,
    '<!---->'.repeat(28),
    'x'.repeat(300_000),
  ])('is not %j', (content) => {
    expect(sniffed(content)).toBe(false)
  })
})

test('a Vega plot is known by its schema', () => {
  const schema = '"$schema": "https://vega.github.io/schema/vega/v5.json"'
  expect(isVega({ bytes: Buffer.from(`\uFEFF {${schema}}`) })).toBe(true)
  expect(isVega({ bytes: Buffer.from(`[${schema}]`) })).toBe(false)
})

test('text has no byte order mark', () => {
  expect(textOf(Buffer.from('\uFEFFa'))).toBe('a')
})
