// Debian's faketime, under which tests start relays whose clocks jump. Without it they are skipped.
import { whyNoFakeTime } from '../../service/test/faults/helpers/fake-time.ts'
import { canInstallDebian, installDebian } from '../../start/debian.ts'
import type { Say } from '../../start/run.ts'

export async function prepareFakeTime(say: Say): Promise<void> {
  if (whyNoFakeTime() === undefined) return
  if (await canInstallDebian())
    await installDebian(['faketime'], 'to test relays whose clocks jump', say)
  const why = whyNoFakeTime()
  if (why !== undefined) say(`Some tests of clocks are skipped: ${why}`)
}
