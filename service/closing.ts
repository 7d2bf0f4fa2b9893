// How long a relay that was asked to end may take: 5 s, whatever happened before.

/** ms for requests and deliveries to end by themselves, all together; then they are cut off. */
const GRACE_MS = 4000
/** ms until the process ends, even if something still hangs. */
export const END_MS = 4500

/** Aborted when what still runs is to be cut off. */
export function closingTime(): AbortSignal {
  return AbortSignal.timeout(GRACE_MS)
}
