import { accepting } from './accept.ts'

console.log(JSON.stringify(await accepting(), null, 2))
