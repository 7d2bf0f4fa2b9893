// The certificates of a Hub with `internal_ssl`: both sides of each connection show one.

/** In PEM. */
export interface Certificates {
  key: string
  /** Shown to the Hub, and to whoever connects. */
  cert: string
  /** The authorities of those who may connect, and of the Hub. */
  ca: string
}
