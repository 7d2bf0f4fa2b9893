// The end of `npm test`: counts of all stages together, and the ten slowest files.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { outcomeOf, slowest, together } from './setup/outcome.ts'

const folder = mkdtempSync(join(tmpdir(), 'outcome-'))
afterAll(() => rmSync(folder, { recursive: true }))

function report(content: object): string {
  const path = join(folder, 'report.json')
  writeFileSync(path, JSON.stringify(content))
  return path
}

const REPORT = {
  numPassedTests: 5,
  numFailedTests: 1,
  numRuntimeErrorTestSuites: 2,
  testResults: [{ name: '/clone/test/a.test.ts', startTime: 1000, endTime: 3500 }],
}

test('a file that failed before its first test counts as a failure, and each file has its time', () => {
  expect(outcomeOf(report(REPORT), 1, '/clone', ' on Node 26')).toEqual({
    passed: 5,
    failed: 3,
    files: [{ name: 'test/a.test.ts on Node 26', seconds: 2.5 }],
  })
})

test('jest that fails beside its tests, or ends without a report, is a failure', () => {
  const fine = { ...REPORT, numFailedTests: 0, numRuntimeErrorTestSuites: 0 }
  expect(outcomeOf(report(fine), 1, '/clone', '').failed).toBe(1)
  expect(outcomeOf(join(folder, 'none.json'), 0, '/clone', '').failed).toBe(1)
})

test('the ten slowest files of all stages are shown, slowest first', () => {
  const files = Array.from({ length: 12 }, (_, n) => ({ name: `${n}.test.ts`, seconds: n * 10 }))
  const all = together([
    { passed: 1, failed: 0, files },
    { passed: 2, failed: 3, files: [{ name: 'late.test.ts', seconds: 115.26 }] },
  ])
  expect([all.passed, all.failed]).toEqual([3, 3])
  const lines = slowest(all.files)
  expect(lines).toHaveLength(10)
  expect(lines.slice(0, 3)).toEqual([
    ' 115.3 s  late.test.ts',
    ' 110.0 s  11.test.ts',
    ' 100.0 s  10.test.ts',
  ])
})
