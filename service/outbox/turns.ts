// Whose job comes next at one chat service: start-time fair queueing (Goyal, Vin and Cheng 1996)
// over people. A job gets a turn, a virtual time: at least the turn that is being served, and one
// more than that person's last. So somebody with 10,000 posts waits behind the first post of
// everybody else, and nobody waits for more than one job of each other person.

/** People remembered per service before those are forgotten whose turns are over. */
const SWEEP = 10_000

interface Clock {
  /** The turn served last. */
  served: number
  /** Person -> the turn given last. */
  given: Map<string, number>
}

export class Turns {
  readonly #clocks = new Map<string, Clock>()

  /** A turn that was given before a restart. */
  known(service: string, person: string, turn: number): void {
    const { given } = this.#clock(service)
    given.set(person, Math.max(turn, given.get(person) ?? 0))
  }

  /** Turns begin here after a restart, so that new jobs do not overtake those that waited. */
  begin(service: string, turn: number): void {
    this.#clock(service).served = turn
  }

  /** The turn of a new job. */
  give(service: string, person: string): number {
    const { served, given } = this.#clock(service)
    const turn = Math.max(served, given.get(person) ?? 0) + 1
    given.set(person, turn)
    if (given.size > SWEEP) {
      for (const [one, last] of given) if (last <= served) given.delete(one)
    }
    return turn
  }

  /** A job of this turn has begun. */
  serve(service: string, turn: number): void {
    const clock = this.#clock(service)
    clock.served = Math.max(clock.served, turn)
  }

  #clock(service: string): Clock {
    const known = this.#clocks.get(service)
    if (known) return known
    const made = { served: 0, given: new Map<string, number>() }
    this.#clocks.set(service, made)
    return made
  }
}
