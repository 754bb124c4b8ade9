// Bundles bench/NAME.ts into out/bench/NAME.cjs with Vite; run by scripts/bench.mjs once the packages are there.
import { join } from 'node:path';
import { build } from 'vite';

const name = process.argv[2] ?? '';
const root = process.cwd();

await build({
  configFile: false,
  root,
  logLevel: 'warn',
  build: {
    ssr: join(root, 'bench', `${name}.ts`),
    outDir: join(root, 'out', 'bench'),
    emptyOutDir: false,
    target: 'node22',
    minify: false,
    rollupOptions: { output: { format: 'cjs', entryFileNames: `${name}.cjs`, chunkFileNames: `${name}-[hash].cjs` } },
  },
});
