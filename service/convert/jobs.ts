// What the relay asks of its drawing processes, what they answer, and the limits of one job. Both
// sides import this file, and nothing else of each other.

/** Nice value of work beside the relay's main thread, which must answer requests. */
export const WORK_PRIORITY = 10
/** One job may take this long before its process is killed. */
export const JOB_MS = 10_000
/** JavaScript heap of the process, in MiB. */
export const HEAP_MB = 256
/** All memory of the process during a job, in MiB. The libraries take about 150 of it. */
export const PROCESS_MB = 512
/** A picture that claims more pixels than this is not decoded. */
export const MOST_PIXELS_IN = 100_000_000
/** Drawn pictures (SVG, PDF, formulas, plots) have at most this many pixels. */
export const MOST_PIXELS_DRAWN = 16_000_000

/** The largest picture that a chat accepts. */
export interface PictureLimits {
  /** Width times height. */
  pixels: number
  bytes: number
}

export type Job =
  | { kind: 'still'; bytes: Uint8Array; limits: PictureLimits }
  | { kind: 'svg'; svg: string; limits: PictureLimits }
  | { kind: 'pdf'; bytes: Uint8Array; limits: PictureLimits }
  | { kind: 'vega'; spec: string; limits: PictureLimits }
  | { kind: 'tex'; tex: string; limits: PictureLimits }
  /** Which formulas KaTeX reads. */
  | { kind: 'formulas'; formulas: readonly Formula[] }

export interface Formula {
  /** Without what is around it. */
  tex: string
  /** Definitions that it needs, as TeX. */
  macros: string
}

export interface Picture {
  kind: 'picture'
  bytes: Uint8Array
  extension: 'png' | 'jpg'
  /** What differs from the original: clauses about the picture. */
  notes: string[]
}

export type Outcome =
  | Picture
  /** For each formula the TeX that KaTeX reads; null if there is none. */
  | { kind: 'formulas'; forms: (string | null)[] }
  /** The original is better than any conversion: it is an animation. */
  | { kind: 'as it is' }
  /** Nothing here can read it as a picture; it may go out as a plain file. */
  | { kind: 'unreadable'; why: string }
  /** It must not go out at all, or cannot be drawn. */
  | { kind: 'refused'; why: string }

/** A numbered job on its way to a process, and its answer. */
export interface Request {
  n: number
  job: Job
}
export interface Answer {
  n: number
  outcome: Outcome
  /** The job broke a library in the process, so the process must get no other job. */
  isBroken: boolean
}

export const MIMETYPES = { png: 'image/png', jpg: 'image/jpeg' } as const
