// The last step of the build: everything that tsc does not do.
import { join } from 'node:path'
import { buildPage } from './build-page.ts'
import { markBuilt } from './build.ts'
import { makeProject } from './examples.ts'

await buildPage(join(import.meta.dirname, '../dist/service/inbox/page'))
makeProject()
markBuilt()
