// Loaded first by workers of notebook code: their local files are found and lowered as those of
// cells.
import { registerHooks } from 'node:module'
import process from 'node:process'
import { LocalModules } from './local-modules.ts'
import { Projects } from './project.ts'

const projects = new Projects((line) => process.stderr.write(`[${line}]\n`))
const local = new LocalModules(projects)
registerHooks({
  resolve: (specifier, context, next) => local.resolve(specifier, context, next),
  load: (url, context, next) => local.load(url, context, next),
})
