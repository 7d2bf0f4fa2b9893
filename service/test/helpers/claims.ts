// Claims as the worker makes them, of whatever service has work.
import type { Claim, Claimed, EditClaim, Outbox, Suspicion } from '../../outbox/outbox.ts'

/** A post to deliver; undefined if nothing is due. @throws if an edit comes first. */
export async function claimPost(
  outbox: Outbox,
  leaseMs: number,
  which: Suspicion = 'others',
): Promise<Claim | undefined> {
  const claimed = await claimAny(outbox, leaseMs, which)
  if (claimed?.kind === 'edit') throw new Error(`the edit of ${claimed.id} comes first`)
  return claimed
}

/** An edit; undefined if nothing is due. @throws if a post comes first. */
export async function claimEdit(outbox: Outbox, leaseMs: number): Promise<EditClaim | undefined> {
  const claimed = await claimAny(outbox, leaseMs, 'others')
  if (claimed?.kind === 'post') throw new Error(`the post ${claimed.id} comes first`)
  return claimed
}

async function claimAny(
  outbox: Outbox,
  leaseMs: number,
  which: Suspicion,
): Promise<Claimed | undefined> {
  for (const service of outbox.services()) {
    const claimed = await outbox.claim({ service, leaseMs, which })
    if (claimed) return claimed
  }
  return undefined
}
