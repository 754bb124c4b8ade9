// Finds a Node that is new enough for the tools, the running one or else one from the npm registry kept in the user's cache.
import { dirname, join } from 'node:path';
import { cached } from './cache.mjs';
import { fetchPackage } from './npmPackage.mjs';
import { step } from './report.mjs';

const fetchedVersion = '24.21.0';

/** Digests of the npm packages that hold Node, by platform and architecture. */
const pinned = {
  'linux-x64': 'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
  'linux-arm64': 'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
  'win32-x64': 'sha512-0ddSuAi9KnmYzfjJwKfFUO5YfljMVfa9smiGRQXmp5QGhm8KXk7xbqkFNeaPXVaL6sfZ5oGfCD7q8wWY/TnypA==',
};

/**
 * Whether a Node version runs the tools of package.json (they want 22.14 or newer).
 * @param {string} version like 24.21.0
 */
export function isNewEnough(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 22 || (major === 22 && minor >= 14);
}

/** @returns {Promise<string>} absolute path of a node executable >= 22.14 */
export async function findNode() {
  if (isNewEnough(process.versions.node)) return process.execPath;
  const platform = `${process.platform}-${process.arch}`;
  const integrity = Object.entries(pinned).find(([name]) => name === platform)?.[1];
  // Where this version is not published for a platform, the newest 24 is taken and npm checks it.
  const version = integrity ? fetchedVersion : '24';
  const packageName = `node-${platform.replace('win32', 'win')}`;
  const advice = `Node ${version} could not be downloaded; install Node 22.14 or newer by hand or check the network, then run the same command again.`;
  const folder = await cached(`node-${version}-${platform}`, (making) =>
    step(`downloading Node ${version}, because Node ${process.versions.node} is too old for the tools`, '50 MB, under a minute', () =>
      fetchPackage(`${packageName}@${version}`, integrity, making, advice),
    ),
  );
  const path = join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  return path;
}

/**
 * Environment for the tools: the given Node first on PATH, so that every script's first line finds it.
 * @param {string} node
 * @param {NodeJS.ProcessEnv} [env]
 */
export function environmentFor(node, env = process.env) {
  const pathKey = Object.keys(env).find((key) => key.toUpperCase() === 'PATH') ?? 'PATH';
  const separator = process.platform === 'win32' ? ';' : ':';
  const first = dirname(node);
  const rest = (env[pathKey] ?? '').split(separator).filter((folder) => folder !== first);
  return { ...env, [pathKey]: [first, ...rest].join(separator) };
}
