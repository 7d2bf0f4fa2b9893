// Copies what both languages agree on into the Python package, which must be complete when it is
// installed alone.
import { copyFileSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { clone } from './clone.ts'

const FROM = join(clone, 'post/contract')
const TO = join(clone, 'python/jupyterpost/contract')

const documentsIn = (folder: string) => readdirSync(folder).filter((name) => name.endsWith('.json'))

const names = documentsIn(FROM)
for (const name of documentsIn(TO)) if (!names.includes(name)) rmSync(join(TO, name))
for (const name of names) copyFileSync(join(FROM, name), join(TO, name))
