// `api/v1/targets?q=`: what completion offers. It lists only targets that the person may post to,
// so that a forbidden channel looks the same as one that does not exist.
import type { RequestHandler } from 'express'

import { TargetsQuery } from '../api/parameters.ts'
import type { Services } from '../policy/resolve.ts'
import { personOf } from './guard.ts'
import { readQuery } from './query.ts'

const MOST = 50
/** A later completion would be of no use. */
const CHAT_MS = 2000

export function targetsRoute(services: Services): RequestHandler {
  return async (request, response) => {
    const { q: query = '' } = readQuery(TargetsQuery, request)
    const person = personOf(response)
    const signal = AbortSignal.timeout(CHAT_MS)
    const lists = await Promise.allSettled(
      [...services.all].map(async ([service, chat]) => {
        const names = await chat.targets(query.replace(/^[a-z0-9-]+:/, ''), person, signal)
        if (service === services.standard) return names
        return names.map((name) => `${service}:${name}`)
      }),
    )
    // A chat that does not answer in time adds nothing.
    const targets = lists.flatMap((list) => (list.status === 'fulfilled' ? list.value : []))
    response.json({ targets: targets.slice(0, MOST) })
  }
}
