// Workers start with the whole environment and with ONNX Runtime's usage reports off.
import { expect, test } from 'vitest';
import { workerEnvironment } from '../../../../src/main/processes/workerEnvironment';

test('hands the environment on and turns usage reports off', () => {
  const environment = workerEnvironment();
  expect(environment.PATH).toBe(process.env.PATH);
  expect(environment.ORT_DISABLE_TELEMETRY).toBe('1');
});
