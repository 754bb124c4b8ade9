// Answers better-sqlite3 with the release built for Electron 25; does nothing in any other program.
const Module = require('node:module');
const path = require('node:path');

if (process.versions.electron?.startsWith('25.')) {
  const load = Module._load;
  Module._load = function (request, ...rest) {
    if (request === 'better-sqlite3') return load.call(this, path.join(__dirname, 'better-sqlite3'), ...rest);
    if (request === 'bindings') return () => load.call(this, path.join(__dirname, 'better-sqlite3', 'better_sqlite3.node'), ...rest);
    return load.call(this, request, ...rest);
  };
}
