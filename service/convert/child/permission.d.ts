// What Node's types lack yet: a permission that is given up for good (not every Node 24 has it).
declare namespace NodeJS {
  interface ProcessPermission {
    drop?(scope: 'addon' | 'worker'): void
  }
}
