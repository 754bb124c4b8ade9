// The layering of src/, as one table (docs/architecture.md): every rule below is made from it, and test/architecture feeds each rule a bad import.

/** What each folder of src/ may import from the others; its own files and npm packages not named below are free. */
const layers = {
  shared: [],
  engine: ['shared'],
  native: ['shared'],
  worker: ['engine', 'native', 'shared'],
  main: ['engine', 'shared'],
  cli: ['main/queue', 'main/coordinator', 'main/processes', 'main/figures', 'engine', 'shared', 'worker/[^/]+/[^/]+Main\\.ts'],
  preload: ['shared'],
  renderer: ['shared', 'engine/figures', 'engine/measure', 'engine/results'],
};

/** Packages that only the named places know. */
const ownedPackages = {
  electron: ['main', 'preload'],
  '@kitware/vtk\\.js': ['renderer/viewer'],
  'plotly\\.js[^/]*': ['renderer/charts', 'renderer/figures'],
  uplot: ['renderer/charts'],
  'better-sqlite3': ['worker/store'],
  'onnxruntime-node': ['worker/adapters'],
};

/** Folders of the program's logic, which must run without Node and without Electron. */
const pure = ['shared', 'engine'];

/** Parts that work with and without a window: they are handed a launcher and never reach Electron, not even through others. */
const withoutElectron = ['main/queue', 'main/coordinator', 'cli'];

const below = (place) => `^src/${place}${place.endsWith('.ts') ? '$' : '/'}`;
const packagePath = (name) => `(^|/)node_modules/(@types/)?${name}(/|$)`;

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...Object.entries(layers).map(([folder, allowed]) => ({
      name: `layer-${folder}`,
      comment: `src/${folder} may import only ${[folder, ...allowed].join(', ')}`,
      severity: 'error',
      from: { path: below(folder) },
      to: { path: '^src/', pathNot: [folder, ...allowed].map(below) },
    })),
    ...Object.entries(ownedPackages).map(([name, places]) => ({
      name: `package-${name.replaceAll(/[^a-z0-9-]+/gi, '')}`,
      comment: `${name} is known only to ${places.join(' and ')}`,
      severity: 'error',
      from: { path: '^src/', pathNot: places.map(below) },
      to: { path: packagePath(name) },
    })),
    ...pure.map((folder) => ({
      name: `pure-${folder}`,
      comment: `src/${folder} uses no Node built-ins`,
      severity: 'error',
      from: { path: below(folder) },
      to: { dependencyTypes: ['core'] },
    })),
    {
      name: 'page-without-node',
      comment: 'the page runs in a sandbox without Node',
      severity: 'error',
      from: { path: below('renderer') },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'shared-packages',
      comment: 'src/shared knows no package but zod',
      severity: 'error',
      from: { path: below('shared') },
      to: { path: 'node_modules', pathNot: packagePath('zod') },
    },
    ...withoutElectron.map((folder) => ({
      name: `without-electron-${folder.replace('/', '-')}`,
      comment: `src/${folder} must work without Electron: nothing it imports may lead there`,
      severity: 'error',
      from: { path: below(folder) },
      to: { path: packagePath('electron'), reachable: true },
    })),
    {
      name: 'native-door',
      comment: 'only src/native/binding.ts loads the native binary',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/native/binding\\.ts$' },
      to: { path: '\\.node$' },
    },
    {
      name: 'no-cycles',
      comment: 'modules must not import each other in a circle',
      severity: 'error',
      from: { path: '^src/' },
      to: { circular: true },
    },
    {
      name: 'resolvable',
      comment: 'an import that cannot be resolved cannot be checked either',
      severity: 'error',
      from: { path: '^src/' },
      to: { couldNotResolve: true, pathNot: ['\\.css$', '\\?'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '\\.d\\.ts$' },
    tsPreCompilationDeps: true,
    combinedDependencies: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.js', '.json'],
    },
  },
};
