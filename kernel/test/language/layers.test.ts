// Declarations that are made anew: what refers to the one before keeps it, within bounds.
import { expect, test } from '@jest/globals'
import type { Declared } from '../../src/language/typescript/declarations.ts'
import { leftBy } from '../../src/language/typescript/declarations.ts'
import { NAMES, Names } from '../../src/language/typescript/names.ts'

function ran(names: Names, code: string): void {
  const { declared } = leftBy(code) ?? { declared: Array<Declared>() }
  names.add(
    declared,
    declared.filter((one) => 'offset' in one).map(() => 'number'),
  )
}

const sizeOf = ({ documents }: Names): number =>
  Object.values(documents).reduce((sum, text) => sum + text.length, 0)

test('there is one module as long as nothing refers to what is declared anew', () => {
  const names = new Names()
  for (let round = 0; round < 100; round++) ran(names, `class A { a${round} = 1 }\nlet x = 1`)
  expect(Object.keys(names.documents)).toEqual([NAMES])
  expect(names.documents[NAMES]).toContain('a99')
  expect(names.documents[NAMES]).not.toContain('a98')
})

test('the class before is kept as long as another class extends it', () => {
  const names = new Names()
  ran(names, 'class A { first = 1 }')
  ran(names, 'class B extends A {}')
  ran(names, 'class A { second = 1 }')
  const [older = '', newest = ''] = Object.values(names.documents)
  expect(older).toContain('first')
  expect(older).toContain('class B extends A')
  expect(newest).toContain('second')
  ran(names, 'class B extends A {}')
  expect(Object.keys(names.documents)).toEqual([NAMES])
  expect(names.documents[NAMES]).not.toContain('first')
})

test('however often classes are edited, few modules and few old meanings are kept', () => {
  const names = new Names()
  for (let round = 0; round < 500; round++) {
    ran(names, `class A { a${round} = 1 }`)
    ran(names, `class B${round % 50} extends A { b = 1 }`)
  }
  expect(Object.keys(names.documents).length).toBeLessThanOrEqual(7)
  expect(sizeOf(names)).toBeLessThan(20_000)
})

test('of many names the newest are kept, whatever they refer to', () => {
  const names = new Names()
  for (let count = 0; count < 2500; count++) ran(names, `class C${count} extends C${count - 1} {}`)
  expect(names.declaration('C400')).toBeUndefined()
  expect(names.declaration('C2499')).toContain('class C2499')
})
