// The same interface as today's; 0.11 shipped no types.
declare module 'katex-oldest' {
  import katex from 'katex'
  export default katex
}
