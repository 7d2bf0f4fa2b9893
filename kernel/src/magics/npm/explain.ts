// Why a package manager failed, and what helps: a sentence for each of npm's error codes that a
// person can do something about, the manager's own last lines for all others.
import { isObject } from '../../protocol/json.ts'
import type { ManagerName, Wish } from './managers.ts'
import type { Project } from './project.ts'
import { versionsOf } from './versions.ts'

export interface Failure {
  manager: ManagerName
  wish: Wish
  project: Project
  /** How the program ended, in words. */
  failure: string
  /** npm's JSON. */
  answer: Record<string, unknown>
  stdout: string
  stderr: string
}

/** Without secrets. */
interface Shown extends Failure {
  code: string
  summary: string
  detail: string
}

/** Characters of each text that are looked at: the last. */
const KEPT = 50_000
/** Lines of another manager's, or of a script's, that are shown. */
const LINES = 12
/** Characters of a line. */
const WIDTH = 300

const UNREACHED = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'EIDLETIMEOUT',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ERR_SOCKET_TIMEOUT',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ETIMEDOUT',
])
const UNTRUSTED = new Set([
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
])

/**
 * Secrets are masked before anything is cut, since a notebook with its outputs is given to others.
 */
export async function explained(failure: Failure, env: NodeJS.ProcessEnv): Promise<string> {
  const [{ Masker }, { environmentVariables }] = await Promise.all([
    import('../../../../post/secrets/mask.ts'),
    import('../../../../post/secrets/values.ts'),
  ])
  const masker = new Masker(environmentVariables(env))
  const masked = (text: string): string => masker.text(text.slice(-KEPT))
  const error = isObject(failure.answer['error']) ? failure.answer['error'] : {}
  const shown: Shown = {
    ...failure,
    stdout: masked(failure.stdout),
    stderr: masked(failure.stderr),
    code: textIn(error, 'code'),
    summary: masked(textIn(error, 'summary')),
    detail: masked(textIn(error, 'detail')),
  }
  return failure.manager === 'npm' ? ofNpm(shown, env) : ofOthers(shown)
}

/** The code of a script that failed is a number. */
function textIn(error: Record<string, unknown>, field: string): string {
  const value = error[field]
  return typeof value === 'string' || typeof value === 'number' ? String(value).trim() : ''
}

function ofOthers({ manager, failure, stdout, stderr }: Shown): string {
  return `${manager} ${failure}:\n${lastLines(`${stdout}\n${stderr}`)}`
}

async function ofNpm(failure: Shown, env: NodeJS.ProcessEnv): Promise<string> {
  const { code, summary, detail, stderr, wish, project } = failure
  const said = [summary, detail].filter((text) => text !== '').join('\n')
  if (UNREACHED.has(code)) {
    return `The registry cannot be reached (${code}): ${firstLine(summary)}\nCheck the network, and \`registry\` and \`proxy\` in .npmrc; nothing was changed in ${project.file}`
  }
  if (UNTRUSTED.has(code)) {
    return `The registry's certificate is not trusted (${code}): ${firstLine(summary)}\nA company's authority is named by \`cafile\` in .npmrc, or by NODE_EXTRA_CA_CERTS`
  }
  switch (code) {
    case 'E404':
      return `${missing(detail, summary, wish)}\nCheck its name; a private one needs its own registry and a login, in .npmrc`
    case 'ETARGET':
    case 'ENOVERSIONS':
      return withVersions(firstLine(summary), wish, project, env)
    case 'E401':
    case 'E403':
    case 'ENEEDAUTH':
    case 'EOTP':
      return `The registry does not let you in (${code}): ${firstLine(summary)}\nLog in with \`npm login\` in a terminal, or check the token in .npmrc`
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return `Files may not be written (${code}): ${firstLine(summary)}\n${project.folder} or npm's cache belongs to somebody else; --here makes a project in the folder of the notebook`
    case 'ENOSPC':
    case 'EDQUOT':
      return `The disk is full (${code}): ${firstLine(summary)}\n\`! npm cache clean --force\` removes what npm keeps; nothing was changed in ${project.file}`
    case 'ERESOLVE':
      return `The packages need versions of each other that do not fit (${code})\n${bounded(withoutAdvice(detail))}\nName versions that fit, or let npm ignore it: --legacy-peer-deps`
    case 'EBADENGINE':
    case 'EBADPLATFORM':
      return `The package is not made for this Node (${process.version}) or system (${code}): ${firstLine(summary)}`
    case 'EINVALIDTAGNAME':
    case 'EINVALIDPACKAGENAME':
    case 'EUNSUPPORTEDPROTOCOL':
      return `npm does not know such a package (${code}): ${firstLine(summary)}`
    case 'EJSONPARSE':
      return `A package.json is no JSON (${code}):\n${bounded(said)}`
    default:
      if (/^E5\d\d$/.test(code)) {
        return `The registry has an error of its own (${code}): ${firstLine(summary)}\nTry again later`
      }
      return `npm ${failure.failure}${code === '' ? '' : ` (${code})`}:\n${said === '' ? lastLines(withoutLog(stderr)) : bounded(said)}`
  }
}

/** Names what is missing, which may be what a package of these needs. */
function missing(detail: string, summary: string, { packages }: Wish): string {
  const [, spec = ''] = detail.split("'")
  if (!detail.startsWith('The requested resource') || spec === '') {
    return `There is no such package: ${firstLine(summary)}`
  }
  const url = urlIn(summary)
  const registry = url === undefined ? '' : ` ${new URL('/', url).href}`
  const name = spec.endsWith('@*') ? spec.slice(0, -2) : spec
  const isAsked = packages.some((one) => one === name || one === spec)
  const whose = isAsked ? '' : ', which a package of these needs,'
  return `There is no package ${name}${whose} in the registry${registry}`
}

/** The versions that there are, if the registry still tells. */
async function withVersions(
  summary: string,
  { packages }: Wish,
  { folder }: Project,
  env: NodeJS.ProcessEnv,
): Promise<string> {
  const asked = packages.find((one) => summary.includes(one)) ?? packages[0] ?? ''
  const at = asked.indexOf('@', 1)
  const versions = await versionsOf(at < 0 ? asked : asked.slice(0, at), { folder, env })
  const newest = versions.slice(-10).toReversed().join(', ')
  return newest === ''
    ? summary
    : `${summary}\nThere are ${newest}${versions.length > 10 ? ', ...' : ''}`
}

function urlIn(text: string): string | undefined {
  return text.split(/\s/).find((word) => word.startsWith('http'))
}

function firstLine(text: string): string {
  return (text.split('\n').find((line) => line.trim() !== '') ?? '').trim().slice(0, WIDTH)
}

/** npm's own advice is for a command line. */
function withoutAdvice(detail: string): string {
  const at = detail.indexOf('Fix the upstream dependency conflict')
  return at < 0 ? detail : detail.slice(0, at).trimEnd()
}

function withoutLog(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => !line.startsWith('npm http '))
  return lines.map((line) => line.replace(/^npm error ?/, '')).join('\n')
}

function lastLines(text: string): string {
  return bounded(text, -LINES)
}

function bounded(text: string, from = 0): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  const shown = from < 0 ? lines.slice(from) : lines.slice(0, LINES)
  return shown.map((line) => line.slice(0, WIDTH)).join('\n')
}
