// What `/ready` asks: the database, each chat service, the configuration, the Hub.
import type { ChatService } from './chat/chat.ts'
import type { Config } from './config.ts'
import type { HubGate } from './hub/hub-gate.ts'
import type { Policy } from './policy/policy.ts'
import type { Check } from './routes/status.ts'
import type { Database } from './storage/database.ts'

export interface CheckDeps {
  config: Pick<Config, 'warnings' | 'problems' | 'policyFile'>
  db: Database
  services: ReadonlyMap<string, ChatService>
  policy: Pick<Policy, 'trouble'>
  /** On a Hub. */
  hub: HubGate | undefined
}

export function readyChecks({ config, db, services, policy, hub }: CheckDeps): Check[] {
  const all: Check[] = [
    async () => {
      const problem = await db.problem()
      const detail = [problem ?? 'The database works', ...config.warnings].join('. ')
      return { name: 'storage', ready: problem === undefined, detail }
    },
  ]
  for (const [name, service] of services) {
    all.push(async (signal) => ({ name, ...(await service.ready(signal)) }))
  }
  for (const detail of config.problems) {
    all.push(async () => ({ name: 'configuration', ready: false, detail }))
  }
  if (config.policyFile !== undefined) {
    all.push(async () => {
      const { trouble } = policy
      const detail = trouble ?? 'The policy is in force'
      return { name: 'policy', ready: trouble === undefined, detail }
    })
  }
  if (hub) {
    all.push(async (signal) => {
      const problem = await hub.reach(signal)
      return { name: 'hub', ready: problem === undefined, detail: problem ?? 'The Hub answers' }
    })
  }
  return all
}
