// Missing in Node's types: giving a permission up for good. Not every Node 24 has it.
declare namespace NodeJS {
  interface ProcessPermission {
    drop?(scope: 'addon' | 'worker'): void
  }
}
