// What posting.ts loads, as one module.
export { RelayPoster } from '../../../post/relay/poster.ts'
export { PostCalls } from './post-call.ts'
export { postCell } from './post-cell.ts'
export { postLine } from './post-line.ts'
export { capturedPost, requiredTarget, send } from './post-parts.ts'
