// What the adapter knows about the server: the bot itself, its team, the limits in the server's
// configuration. Read when first needed, and again after a while, because an admin can change them.
import { z } from 'zod'
import type { Capabilities } from '../chat.ts'
import { ChatError } from '../../errors.ts'
import { apiPath } from './api.ts'
import type { MattermostApi } from './api.ts'
import { refusalId, trouble } from './refusal.ts'

const FRESH_MS = 10 * 60_000

/** Defaults of a Mattermost server (facts of version 5.37 to 11). */
const STANDARD: Capabilities = {
  edit: true,
  // Each edit leaves a row of history on the server.
  minEditGapMs: 5000,
  thread: true,
  tables: true,
  math: false,
  inlineMath: false,
  text: { max: 16383, unit: 'runes' },
  files: { perMessage: 10, bytes: 100 * 1024 * 1024 },
  // Older servers refuse larger ones; since 11 the default is 7680 x 4320 (`MaxImageResolution`).
  images: { pixels: 6048 * 4032 },
}

const User = z.object({ id: z.string(), username: z.string() })
const Team = z.object({ id: z.string(), name: z.string() })
/** All values are strings. */
const ClientConfig = z.object({
  MaxPostSize: z.string().optional(),
  MaxFileSize: z.string().optional(),
  EnableLatex: z.string().optional(),
  EnableInlineLatex: z.string().optional(),
  SiteURL: z.string().optional(),
  Version: z.string().optional(),
})

export interface SiteFacts {
  bot: z.infer<typeof User>
  team: z.infer<typeof Team>
  version: string
  /** Address for people, without a slash at the end. */
  address: string
  capabilities: Capabilities
}

export class MattermostSite {
  readonly #api: MattermostApi
  readonly #team: string
  readonly #monotonic: () => number
  #known: { facts: SiteFacts; at: number } | undefined

  constructor(api: MattermostApi, team: string, monotonic: () => number) {
    this.#api = api
    this.#team = team
    this.#monotonic = monotonic
  }

  /** The next question is asked anew. */
  forget(): void {
    if (this.#known) this.#known = { ...this.#known, at: -Infinity }
  }

  capabilities(): Capabilities {
    return this.#known?.facts.capabilities ?? STANDARD
  }

  /**
   * Whether links into the team begin like this, as `chat.example.org/team`: by the address in the
   * settings, and once the server was reached also by its own for people.
   */
  isAt(at: string): boolean {
    const addresses = [this.#api.site, this.#known?.facts.address ?? this.#api.site]
    return addresses.some((address) => {
      const url = URL.parse(address)
      const start = url ? (url.host + url.pathname).replace(/\/$/, '') : ''
      return at.toLowerCase() === `${start}/${this.#team}`.toLowerCase()
    })
  }

  async facts(signal: AbortSignal): Promise<SiteFacts> {
    if (this.#known && this.#monotonic() - this.#known.at < FRESH_MS) return this.#known.facts
    return this.read(signal)
  }

  /** Asks the server anew. @throws {ChatError}, always retryable: no post is refused here. */
  async read(signal: AbortSignal): Promise<SiteFacts> {
    const [bot, team, config] = await Promise.all([
      this.#api.get(apiPath(['users', 'me']), User, signal),
      this.#api.get(apiPath(['teams', 'name', this.#team]), Team, signal),
      this.#api.get(apiPath(['config', 'client'], { format: 'old' }), ClientConfig, signal),
    ]).catch((error: unknown) => {
      throw isFinal(error) ? trouble(this.#words(error)) : error
    })
    const facts = {
      bot,
      team,
      version: /^[\w.-]{1,40}$/.exec(config.Version ?? '')?.[0] ?? 'unknown',
      address: (config.SiteURL || this.#api.site).replace(/(?<!\/)\/+$/, ''),
      capabilities: {
        ...STANDARD,
        math: config.EnableLatex === 'true',
        inlineMath: config.EnableLatex === 'true' && config.EnableInlineLatex === 'true',
        text: { ...STANDARD.text, max: positive(config.MaxPostSize) ?? STANDARD.text.max },
        files: { ...STANDARD.files, bytes: positive(config.MaxFileSize) ?? STANDARD.files.bytes },
      },
    }
    this.#known = { facts, at: this.#monotonic() }
    return facts
  }

  #words(error: ChatError): string {
    const isTeam = /^api\.team\.|^app\.team\./.test(refusalId(error))
    if (!isTeam && error.status !== 403) return error.message
    return `The bot sees no team "${this.#team}" at ${this.#api.site}: check ${this.#api.settings.team} and that the bot is a member`
  }
}

function isFinal(error: unknown): error is ChatError {
  return error instanceof ChatError && !error.retryable
}

function positive(text: string | undefined): number | undefined {
  const number = Number(text)
  return Number.isSafeInteger(number) && number > 0 ? number : undefined
}
