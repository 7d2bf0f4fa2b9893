// Who this kernel is: kernel_info_request and connect_request.
// https://jupyter-client.readthedocs.io/en/stable/messaging.html#kernel-info
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { IInfoReply } from '@jupyterlab/services/lib/kernel/messages.js'
import { isObject } from '../protocol/json.ts'
import { PROTOCOL_VERSION } from '../protocol/message.ts'
import type { ServiceHandler } from './services.ts'

/** Version of the language that cells are written in. */
const TYPESCRIPT = '7.0'

/** The reply as JupyterLab reads it, with fields that its type does not have yet (JEP 92). */
type InfoReply = IInfoReply & { debugger: boolean; supported_features: string[] }

export const kernelInfo: ServiceHandler = () => {
  const version = packageVersion(import.meta.dirname)
  return {
    content: {
      status: 'ok',
      protocol_version: PROTOCOL_VERSION,
      implementation: 'jupyterpost',
      implementation_version: version,
      language_info: {
        name: 'typescript',
        version: TYPESCRIPT,
        mimetype: 'application/typescript',
        file_extension: '.ts',
        pygments_lexer: 'typescript',
        // A string: JupyterLab resolves { name: 'javascript', typescript: true } to JavaScript.
        codemirror_mode: 'typescript',
        nbconvert_exporter: 'script',
      },
      banner: `jupyterpost ${version}: TypeScript ${TYPESCRIPT} on Node.js ${process.version}`,
      help_links: [
        { text: 'TypeScript', url: 'https://www.typescriptlang.org/docs/' },
        { text: 'Node.js', url: 'https://nodejs.org/api/' },
      ],
      // No debugger and no subshells yet: clients ask only for what is listed here.
      debugger: false,
      supported_features: [],
    } satisfies InfoReply,
  }
}

/** The kernel's ports. Deprecated, but old clients still ask for them. */
export const connect: ServiceHandler = (_request, { connection: { ports } }) => ({
  content: {
    status: 'ok',
    shell_port: ports.shell,
    control_port: ports.control,
    stdin_port: ports.stdin,
    iopub_port: ports.iopub,
    hb_port: ports.hb,
  },
})

/** Version in the nearest package.json above; src/ and dist/ are at different depths below it. */
function packageVersion(folder: string): string {
  try {
    const value: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    if (isObject(value) && typeof value['version'] === 'string') return value['version']
  } catch {
    // ENOENT: it is not in this folder.
  }
  return dirname(folder) === folder ? 'unknown' : packageVersion(dirname(folder))
}
