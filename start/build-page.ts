// The inbox page as browsers get it: its scripts and their packages in one file, the licences
// beside it; HTML, CSS and icon as they are; KaTeX's style sheet with its fonts.
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, extname, join } from 'node:path'
import { build } from 'esbuild'

const root = join(import.meta.dirname, '..')
const page = join(root, 'service/inbox/page')
const AS_THEY_ARE = ['.html', '.css', '.svg']

/** @param target - dist/service/inbox/page, or a test's folder. */
export async function buildPage(target: string): Promise<void> {
  rmSync(target, { recursive: true, force: true })
  mkdirSync(target, { recursive: true })
  const { metafile } = await build({
    entryPoints: [join(page, 'main.ts')],
    outfile: join(target, 'main.js'),
    absWorkingDir: root,
    bundle: true,
    minify: true,
    format: 'esm',
    // These have light-dark(), which page.css uses.
    target: ['chrome123', 'firefox120', 'safari17.5'],
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  })
  writeFileSync(join(target, 'licenses.txt'), licences(Object.keys(metafile.inputs)))
  for (const name of readdirSync(page))
    if (AS_THEY_ARE.includes(extname(name))) cpSync(join(page, name), join(target, name))
  copyKatex(join(target, 'katex'))
}

function licences(inputs: readonly string[]): string {
  const packages = inputs.map((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0])
  return [...new Set(packages)]
    .filter((folder) => folder !== undefined)
    .map((folder) => {
      const names = readdirSync(join(root, folder))
      const name = names.find((one) => one.toUpperCase().startsWith('LICENSE'))
      if (name === undefined) throw new Error(`${folder} has no licence`)
      return `${folder}\n\n${readFileSync(join(root, folder, name), 'utf8')}`
    })
    .join('\n\n')
}

function copyKatex(target: string): void {
  const katex = join(dirname(createRequire(import.meta.url).resolve('katex/package.json')), 'dist')
  cpSync(join(katex, 'katex.min.css'), join(target, 'katex.min.css'))
  // Every browser since 2016 takes woff2, the first format in the style sheet.
  for (const name of readdirSync(join(katex, 'fonts')))
    if (extname(name) === '.woff2') cpSync(join(katex, 'fonts', name), join(target, 'fonts', name))
}
