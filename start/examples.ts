// The person's own copies of the examples, so that running one changes no file of the clone; and a
// project for what they install: without it npm would take the clone's, the nearest one above.
import { copyFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { clone } from './clone.ts'

const EXAMPLES = join(clone, 'examples')

/** Keeps copies that exist already. */
export function copyExamples(folder: string): void {
  makeProject(folder)
  for (const name of readdirSync(EXAMPLES).filter((file) => file.endsWith('.ipynb'))) {
    const copy = join(folder, name)
    if (!existsSync(copy)) copyFileSync(join(EXAMPLES, name), copy)
  }
}

/** Copies one example anew. */
export function copyExample(folder: string, name: string): void {
  makeProject(folder)
  copyFileSync(join(EXAMPLES, name), join(folder, name))
}

/**
 * For `! npm install` in notebooks of the folder, which is made if missing. Git ignores the file.
 */
export function makeProject(folder: string = EXAMPLES): void {
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'package.json')
  if (existsSync(file)) return
  const project = {
    name: 'notebooks',
    private: true,
    description: 'What the notebooks of this folder install',
  }
  writeFileSync(file, `${JSON.stringify(project, null, 2)}\n`)
}
