// The lease on a piece of work: who lost it records nothing.

/** Another worker has the work now; what this one did is recorded by nobody. */
export class LeaseLost extends Error {
  override name = 'LeaseLost'
}

/** So many attempts in a row may end with the relay itself, killed or out of memory, before the work is given up. */
const MOST_DEATHS = 3

/** Why this work is not tried again, undefined if it may be. @param deaths - A row's column. */
export function tooDeadly(deaths: unknown): string | undefined {
  if (typeof deaths !== 'number' || deaths < MOST_DEATHS) return undefined
  return `The relay ended ${deaths} times in a row while it worked on this, killed or out of memory, so it is not tried again; send less at once, or a file instead of text`
}
