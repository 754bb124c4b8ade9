// Does what Electron's own default application does: runs the application named on the command line. Copied into the evaluation runtime.
const fs = require('node:fs');
const Module = require('node:module');
const path = require('node:path');
const { app } = require('electron');

const redirect = path.join(__dirname, 'redirect.js');
// Utility processes never run this file; they inherit the environment.
process.env.NODE_OPTIONS = `--require "${redirect.replaceAll('\\', '\\\\')}"`;
require(redirect);

const position = process.argv.findIndex((argument, index) => index > 0 && !argument.startsWith('-'));
if (position < 0) {
  process.stderr.write('Name the application to run.\n');
  app.exit(2);
} else {
  let file = path.resolve(process.argv[position]);
  process.argv.splice(position, 1);
  const folder = fs.statSync(file).isDirectory() ? file : findPackage(path.dirname(file));
  const description = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));
  if (file === folder) file = path.join(folder, description.main);
  app.setAppPath(folder);
  app.setName(description.productName ?? description.name);
  app.setVersion(description.version);
  Module._load(file, null, true);
}

function findPackage(folder) {
  return fs.existsSync(path.join(folder, 'package.json')) || folder === path.dirname(folder) ? folder : findPackage(path.dirname(folder));
}
