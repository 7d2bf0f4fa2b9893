// `\require{cancel}` asks MathJax to load an extension. All that the relay has are loaded, and
// KaTeX has no such command.

export function withoutRequire(tex: string): string {
  return tex.replaceAll(/\\require ?\{[A-Za-z]{1,40}\}/g, '')
}
