// Only old TypeScript has decorators on parameters; the standard's are on classes and members.
import { Array, Object } from '../../api/primordials.ts'

/** The offset of the first one in a syntax tree. */
export function parameterDecorator(program: object): number | undefined {
  const pending: object[] = [program]
  for (let node = pending.pop(); node; node = pending.pop()) {
    if ('params' in node && Array.isArray(node.params)) {
      for (const parameter of node.params) {
        const start = decoratorOf(parameter)
        if (start !== undefined) return start
      }
    }
    const children: unknown[] = Object.values(node)
    for (const child of children) {
      if (typeof child === 'object' && child !== null) pending.push(child)
    }
  }
  return undefined
}

function decoratorOf(parameter: unknown): number | undefined {
  if (typeof parameter !== 'object' || parameter === null) return undefined
  const list: unknown = 'decorators' in parameter ? parameter.decorators : undefined
  const first: unknown = Array.isArray(list) ? list[0] : undefined
  if (typeof first !== 'object' || first === null || !('start' in first)) return undefined
  return typeof first.start === 'number' ? first.start : undefined
}
