// How src/ becomes out/: every process entry is named here, because set-up, launcher and command line refer to the built files by these names.
import { resolve } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';

const at = (path: string): string => resolve(__dirname, path);

// Packages with binaries of their own must be loaded from node_modules as they are.
const external = [
  'electron',
  'onnxruntime-node',
  'better-sqlite3',
  '@resvg/resvg-wasm',
  'pdfkit',
  'svg-to-pdfkit',
  'h5wasm',
  /^h5wasm\//,
  /\.node$/,
];

export default defineConfig({
  main: {
    build: {
      outDir: 'out/main',
      minify: false,
      sourcemap: true,
      externalizeDeps: false,
      rollupOptions: {
        external,
        input: {
          index: at('src/main/index.ts'),
          cli: at('src/cli/index.ts'),
          deviceMain: at('src/worker/device/deviceMain.ts'),
          storeMain: at('src/worker/store/storeMain.ts'),
          dataMain: at('src/worker/data/dataMain.ts'),
        },
        output: { format: 'cjs', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      outDir: 'out/preload',
      minify: false,
      externalizeDeps: false,
      rollupOptions: {
        external: ['electron'],
        input: { index: at('src/preload/index.ts') },
        output: { format: 'cjs', entryFileNames: '[name].js' },
      },
    },
  },
  renderer: {
    root: at('src/renderer'),
    define: { global: 'globalThis' },
    plugins: [react()],
    build: {
      outDir: at('out/renderer'),
      emptyOutDir: true,
      minify: true,
      // The page's policy allows fonts from files only, not from data: addresses.
      assetsInlineLimit: 0,
      rollupOptions: { input: at('src/renderer/index.html') },
    },
  },
});
