// A local relay that ends when it is not needed, and looks whether it is when a test says so.
import { jest } from '@jest/globals'
import { testRelay } from './relay.ts'
import type { TestRelay } from './relay.ts'

export interface EndingRelay extends TestRelay {
  /** A minute goes by, and it looks. */
  looks(): 'needed' | 'idle'
}

/** ms between the looks of a relay that ends after no time at all. */
const SHORTEST = 50

export async function endingRelay(env: NodeJS.ProcessEnv): Promise<EndingRelay> {
  let state: 'needed' | 'idle' = 'needed'
  const timers = jest.spyOn(globalThis, 'setInterval')
  const relay = await testRelay(
    { ...env, JUPYTERPOST_IDLE_MINUTES: '0.0001' },
    { onIdle: () => (state = 'idle') },
  )
  const look = timers.mock.calls.find(([, ms]) => ms === SHORTEST)?.[0]
  timers.mockRestore()
  if (look === undefined) throw new Error('the relay does not look whether it is needed')
  return {
    ...relay,
    looks() {
      relay.clock.ms += 60_000
      look()
      return state
    },
  }
}
