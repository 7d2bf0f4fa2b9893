// Lists in the documentation that say what holds and which tests show it: below each claim, one
// item for each test, `[name](path): title`.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './clone.ts'

export interface Claim {
  /** The first line of the claim. */
  words: string
  tests: Array<{ path: string; title: string }>
}

/** @param folder - Folder of the page: the links are relative to it. */
export function claimsOf(markdown: string, folder = ''): Claim[] {
  const claims: Claim[] = []
  for (const line of markdown.split('\n')) {
    if (line.startsWith('- ')) claims.push({ words: line.slice(2), tests: [] })
    const [, path, title] = /^ {2}- \[[^\]]+\]\(([^)]+)\): (.+)$/.exec(line) ?? []
    if (path !== undefined && title !== undefined)
      claims.at(-1)?.tests.push({ path: join(root, folder, path), title })
  }
  return claims
}

/** What is wrong with the claims: no test, or a test that does not exist. */
export function unproven(claims: readonly Claim[]): string[] {
  return claims.flatMap(({ words, tests }) =>
    tests.length === 0
      ? [`no test: ${words}`]
      : tests
          .filter(({ path, title }) => !existsSync(path) || !hasTitle(path, title))
          .map(({ title }) => `no such test: ${title}`),
  )
}

function hasTitle(path: string, title: string): boolean {
  return readFileSync(path, 'utf8').includes(title)
}
