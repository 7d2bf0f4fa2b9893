// Who somebody is, and what they may do: the gate, the people of the Hub, the admin's policy.
import { Holders } from './hub/holders.ts'
import type { Person } from './chat/chat.ts'
import type { Config } from './config.ts'
import { ChatError, RelayError } from './errors.ts'
import { HubGate } from './hub/hub-gate.ts'
import type { HubCheck } from './hub/hub-gate.ts'
import { HubPeople } from './hub/hub-people.ts'
import { HubUsers } from './hub/hub-users.ts'
import { LocalGate } from './hub/local-gate.ts'
import type { PageKeys } from './hub/page-keys.ts'
import { PolicyError } from './policy/policy-file.ts'
import { Policy } from './policy/policy.ts'
import type { Database } from './storage/database.ts'

export interface Governing {
  gate: { kind: 'hub'; gate: HubGate } | { kind: 'local'; gate: LocalGate }
  /** On a Hub. */
  people: HubPeople | undefined
  policy: Policy
  /** The person with the groups of now. @throws {ChatError} if the Hub does not tell them. */
  today: (person: Person) => Promise<Person>
}

export interface GoverningDeps {
  db: Database
  pageKeys: PageKeys
  now: () => number
  monotonic: () => number
  checked: HubCheck
}

/** @throws {PolicyError} in local mode, if the policy's file is wrong */
export function governing(config: Config, deps: GoverningDeps): Governing {
  const policy = new Policy({
    path: config.policyFile,
    chats: [...config.chats.map(({ name }) => name), ...config.brokenChats, 'inbox'],
    unmasked: config.unmasked,
  })
  if (config.mode === 'local' && policy.trouble !== undefined) throw new PolicyError(policy.trouble)
  const { db, pageKeys, now, monotonic, checked } = deps
  if (!config.hub) {
    const gate = new LocalGate(config.person, pageKeys, monotonic)
    return { gate: { kind: 'local', gate }, people: undefined, policy, today: async (one) => one }
  }
  const users = new HubUsers(config.hub, config.hub.token, monotonic)
  const people = new HubPeople(new Holders(db, (name) => oldestPost(db, name), now), users)
  const admit = (person: Person) => policy.admit(person)
  const isAdmin = (person: Person) => policy.isAdmin(person)
  const gate = new HubGate(config.hub, { people, monotonic, admit, isAdmin, checked })
  return { gate: { kind: 'hub', gate }, people, policy, today: (one) => today(people, one) }
}

function oldestPost(db: Database, name: string): number | undefined {
  const sql = 'SELECT accepted FROM outbox_post WHERE person = $name ORDER BY seq LIMIT 1'
  const accepted = db.get(sql, { $name: name })?.accepted
  return typeof accepted === 'number' ? accepted : undefined
}

/** A post waits while the Hub is away: it is not known whether it may still be sent. */
async function today(people: HubPeople, person: Person): Promise<Person> {
  try {
    return await people.today(person)
  } catch (error) {
    if (!(error instanceof RelayError)) throw error
    throw new ChatError(error.message, { status: 500, retryable: true, cause: error })
  }
}

/** Tells on a Hub who is an admin while the relay's own database cannot be used. */
export function gateWithoutStores({ hub }: Config, monotonic: () => number): HubGate | undefined {
  const people = { met: async (person: Person) => person, isNow: () => true }
  const nobody = { admit: () => undefined, isAdmin: () => false }
  return hub && new HubGate(hub, { people, monotonic, ...nobody })
}
