// The Python environments that tests use, all inside the clone. `npm test` creates them first; a
// single test creates the one that it needs.
import { join } from 'node:path'
import { prepareVenv } from '../../start/venv.ts'
import type { Venv } from '../../start/venv.ts'

const root = join(import.meta.dirname, '../..')
const file = (name: string) => join(root, 'test/setup', name)

/** `jupyter` is the environment of `npm start`, with the conformance tests added. */
export const VENVS = {
  jupyter: {
    folder: join(root, '.venv'),
    requirements: [join(root, 'start/requirements.txt'), file('requirements-kernel.txt')],
  },
  hub5: { folder: join(root, '.venv-hub5'), requirements: [file('requirements-hub5.txt')] },
  hub6: { folder: join(root, '.venv-hub6'), requirements: [file('requirements-hub6.txt')] },
  original: {
    folder: join(root, '.venv-original'),
    requirements: [file('requirements-original.txt')],
  },
  schemathesis: {
    folder: join(root, '.venv-schemathesis'),
    requirements: [file('requirements-schemathesis.txt')],
  },
  deploy: {
    folder: join(root, '.venv-deploy'),
    requirements: [file('requirements-deploy.txt')],
  },
} satisfies Record<string, Venv>

/** Creates the environment if needed. @returns Its folder, with its programs in `bin/`. */
export async function pythonVenv(name: keyof typeof VENVS): Promise<string> {
  await prepareVenv(VENVS[name], (line) => process.stderr.write(`${line}\n`))
  return VENVS[name].folder
}
