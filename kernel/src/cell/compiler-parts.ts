// Everything the kernel needs of the compiler, loaded as one; compiler.ts is the entrance.
export { compileSafely, judgeSafely } from './canary.ts'
export { repeatedCell } from './repeated-cell.ts'
export { compileCell, compileExpression } from './compile.ts'
