// What the kernel asks of the compiler, loaded as one; the door is compiler.ts.
export { compileSafely, judgeSafely } from './canary.ts'
export { compileCell, compileExpression } from './compile.ts'
