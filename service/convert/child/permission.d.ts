// What Node's types lack yet: a permission that is given up for good (Node 24.14 and later; earlier ones have none to call).
declare namespace NodeJS {
  interface ProcessPermission {
    drop?(scope: 'addon' | 'worker'): void
  }
}
