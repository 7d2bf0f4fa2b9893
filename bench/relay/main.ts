import { accepting } from './accept.ts'
import { delivering, restarting } from './deliver.ts'
console.error(0); const which = process.argv[2]
if (which === 'deliver') console.log(await delivering())
if (which === 'restart') console.log(await restarting())
if (which === 'accept') console.log(JSON.stringify(await accepting()))
import { uploading } from './uploads.ts'
import { flat } from './flat.ts'
if (which === 'uploads') console.log(await uploading())
if (which === 'flat') console.log(JSON.stringify(await flat(), null, 1))
