// The last step of the build. Copies into dist what tsc does not: the inbox page's HTML and CSS, and KaTeX's style sheet with the fonts
// that it names. Makes the project of the examples.
import { cpSync, existsSync, mkdirSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, extname, join } from 'node:path'
import { markBuilt } from './build.ts'
import { makeProject } from './examples.ts'

const root = join(import.meta.dirname, '..')
const page = join(root, 'service/inbox/page')
const target = join(root, 'dist/service/inbox/page')

mkdirSync(target, { recursive: true })
if (existsSync(page))
  for (const name of readdirSync(page, { recursive: true, encoding: 'utf8' }))
    if (['.html', '.css', '.svg', '.png', '.ico'].includes(extname(name)))
      cpSync(join(page, name), join(target, name))

const katex = join(dirname(createRequire(import.meta.url).resolve('katex/package.json')), 'dist')
cpSync(join(katex, 'katex.min.css'), join(target, 'katex/katex.min.css'))
// Every browser since 2016 takes woff2, the first that the style sheet offers.
for (const name of readdirSync(join(katex, 'fonts')))
  if (extname(name) === '.woff2')
    cpSync(join(katex, 'fonts', name), join(target, 'katex/fonts', name))

makeProject()
markBuilt()
