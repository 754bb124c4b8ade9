// The test suites, one vitest project per folder of test/; which suites run together is decided by scripts/test.mjs.
import { defineConfig } from 'vitest/config';

const minute = 60_000;

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.{ts,tsx}'], pool: 'forks', testTimeout: minute } },
      { test: { name: 'architecture', include: ['test/architecture/**/*.test.ts'], pool: 'forks', testTimeout: 3 * minute } },
      // Native code uses all cores by itself, so these suites run one file after the other, each in a process of its own.
      { test: { name: 'native', include: ['test/native/**/*.test.ts'], pool: 'forks', fileParallelism: false, testTimeout: 2 * minute } },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          pool: 'forks',
          fileParallelism: false,
          testTimeout: 5 * minute,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          pool: 'forks',
          fileParallelism: false,
          testTimeout: 5 * minute,
          hookTimeout: 2 * minute,
        },
      },
    ],
  },
});
