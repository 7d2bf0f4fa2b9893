// A place in a list of posts, which goes from the newest to the oldest: what a reader continues
// from. It names no row, so it stays where it is while posts come and go.

export interface Place {
  /** ms since 1970. */
  accepted: number
  id: string
}

/** Before the first of a list, however many there are. */
export const NEWEST: Place = { accepted: Date.UTC(9999, 11, 31), id: '' }

/** What one source of a list found. */
export interface Found {
  /** Newest first. */
  places: Place[]
  /** The source was read down to here; undefined if it has nothing older. */
  end: Place | undefined
}

/** Negative if `a` is the newer one. */
export function compare(a: Place, b: Place): number {
  if (a.accepted !== b.accepted) return b.accepted - a.accepted
  if (a.id === b.id) return 0
  return a.id > b.id ? -1 : 1
}

/**
 * Puts sources together. A post that several of them have is listed once.
 * @param sources - Each was asked for at least `limit` places.
 */
export function merged(sources: readonly Found[], limit: number): Found {
  const ends = sources.flatMap(({ end }) => end ?? []).toSorted(compare)
  // Below the newest end, another source may have what this one was not asked for.
  const floor = ends[0]
  const known = new Map(sources.flatMap(({ places }) => places).map((place) => [place.id, place]))
  const above = [...known.values()]
    .filter((place) => floor === undefined || compare(place, floor) <= 0)
    .toSorted(compare)
  const places = above.slice(0, limit)
  return { places, end: above.length > limit ? places.at(-1) : floor }
}
