/** The environment every worker process starts with. */

/** What this process has (Electron wants all of it handed on), and no word to anybody: ONNX Runtime would otherwise send usage reports. */
export function workerEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, ORT_DISABLE_TELEMETRY: '1' };
}
