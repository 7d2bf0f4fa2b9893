// Debian's faketime for a program that a test starts: its clocks jump when the test says so.
import { globSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The library of libfaketime, for threads. */
const library = () => globSync('/usr/lib/*/faketime/libfaketimeMT.so.1')[0]

/** Why clocks cannot jump here; undefined if they can. */
export function whyNoFakeTime(): string | undefined {
  if (library() !== undefined) return undefined
  return "it needs Debian's package faketime, as by `sudo apt install faketime`"
}

export interface FakeTime {
  env: NodeJS.ProcessEnv
  /** From now on the program's clocks are that far ahead of the real ones. */
  ahead(seconds: number): void
}

/** @param clocks - Whether the clock that only counts jumps too, as when an hour goes by. */
export function fakeTime(folder: string, clocks: 'wall' | 'all'): FakeTime {
  const file = join(folder, 'faketime')
  const ahead = (seconds: number) => writeFileSync(file, `${seconds < 0 ? '' : '+'}${seconds}\n`)
  ahead(0)
  return {
    env: {
      LD_PRELOAD: library(),
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: '1',
      DONT_FAKE_MONOTONIC: clocks === 'wall' ? '1' : '0',
    },
    ahead,
  }
}
