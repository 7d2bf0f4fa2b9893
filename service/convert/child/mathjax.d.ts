// The parts of MathJax 4 that the relay uses; it ships no types for `import 'mathjax'`.
declare module 'mathjax' {
  interface MathJaxObject {
    /** A container element with one `<svg>`; rejects if its fonts cannot be loaded. */
    tex2svgPromise(tex: string, options: { display: boolean }): Promise<object>
    /** Forgets labels and numbers of equations. */
    texReset(): void
    startup: { adaptor: { outerHTML(node: object): string } }
  }
  const MathJax: MathJaxObject
  export function init(options: Record<string, unknown>): Promise<unknown>
  export default MathJax
}
