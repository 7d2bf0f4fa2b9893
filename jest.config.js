import { join } from 'node:path'

// The programs of the tests compile each source once and not at each start: that would be half the
// work of starting a kernel.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, '.state/compile-cache')

// ESM all the way: swc only strips types, so that import.meta, `using` and real ESM packages work.
export default {
  testEnvironment: 'node',
  // Only a test that hangs takes so long: programs start slowly on a machine that has other work.
  testTimeout: 60_000,
  extensionsToTreatAsEsm: ['.ts'],
  testMatch: ['**/test/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/', '/fixtures/'],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.state/', '<rootDir>/\\.venv'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          parser: { syntax: 'typescript' },
          target: 'es2024',
          // JSON is imported with `with { type: 'json' }`.
          experimental: { keepImportAttributes: true },
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
}
