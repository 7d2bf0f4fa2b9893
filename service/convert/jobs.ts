// What the relay asks of its drawing processes and what comes back, and the limits of one job. Both sides import this and nothing
// of each other.

/** Nice value of what computes beside the relay's main thread, which has requests to answer. */
export const WORK_PRIORITY = 10
/** One job may take this long before its process is killed. */
export const JOB_MS = 10_000
/** JavaScript heap of the process, in MiB. */
export const HEAP_MB = 256
/** All memory of the process while a job runs, in MiB: about 150 are the libraries, the rest the pictures. */
export const PROCESS_MB = 512
/** A picture that claims more pixels than this is not decoded. */
export const MOST_PIXELS_IN = 100_000_000
/** Drawn pictures (SVG, formulas, plots) have at most this many pixels. */
export const MOST_PIXELS_DRAWN = 16_000_000

/** What a chat takes of one picture. */
export interface PictureLimits {
  /** Width times height. */
  pixels: number
  bytes: number
}

export type Job =
  | { kind: 'still'; bytes: Uint8Array; limits: PictureLimits }
  | { kind: 'svg'; svg: string; limits: PictureLimits }
  | { kind: 'vega'; spec: string; limits: PictureLimits }
  | { kind: 'tex'; tex: string; limits: PictureLimits }

export interface Picture {
  kind: 'picture'
  bytes: Uint8Array
  extension: 'png' | 'jpg'
  /** What differs from the original, in words: a clause about the picture. */
  notes: string[]
}

export type Outcome =
  | Picture
  /** The chat shows the original best: an animation. */
  | { kind: 'as it is' }
  /** No picture that anything here can read; it may go out as a plain file. */
  | { kind: 'unreadable'; why: string }
  /** Must not go out at all, or cannot be drawn. */
  | { kind: 'refused'; why: string }

/** A numbered job on its way to a process, and its answer. */
export interface Request {
  n: number
  job: Job
}
export interface Answer {
  n: number
  outcome: Outcome
  /** The job broke the process's library: it must get no other. */
  isBroken: boolean
}

export const MIMETYPES = { png: 'image/png', jpg: 'image/jpeg' } as const
