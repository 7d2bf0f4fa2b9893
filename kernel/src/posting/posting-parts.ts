// What stands behind the door of posting.ts, loaded as one.
export { RelayPoster } from '../../../post/relay/poster.ts'
export { PostCalls } from './post-call.ts'
export { postCell } from './post-cell.ts'
export { postLine } from './post-line.ts'
export { capturedPost, requiredTarget, send } from './post-parts.ts'
