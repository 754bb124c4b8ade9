/** Process entry of a device worker: serves one DeviceSession to the coordinator. */
import type { DeviceMethods } from '../../shared/workerMessages';
import { importModel } from '../formats/onnxModel';
import { checkScan } from '../quality/checkScan';
import { serve } from '../serve';
import { denoiseFile, describeModel } from './denoiseJob';
import { describeMachine } from './describeMachine';
import { DeviceSession } from './deviceSession';
import { limitMemory, reportingShortage } from './memoryLimit';
import { probeNetwork } from './probeJob';
import { backFile, forwardFile } from './projectionJobs';
import { simulateFile } from './simulateJob';

const notify = (name: 'progress' | 'log', payload: unknown): void => server.notice(name, payload);
const session = new DeviceSession(notify);

type Handlers = { [N in keyof DeviceMethods]: (argument: DeviceMethods[N][0]) => Promise<DeviceMethods[N][1]> | DeviceMethods[N][1] };

/** Every request says what it was when memory runs out in it. */
function watched(handlers: Handlers): Handlers {
  const entries = Object.entries(handlers) as [string, (argument: unknown) => unknown][];
  return Object.fromEntries(
    entries.map(([step, handler]) => [step, (argument: unknown) => reportingShortage(step, () => handler(argument))]),
  ) as unknown as Handlers;
}

const server = serve<DeviceMethods>(
  watched({
    describe: () => describeMachine(),
    forwardFile: (job) => forwardFile(job, notify),
    backFile: (job) => backFile(job, notify),
    denoiseFile: (job) => denoiseFile(job, notify),
    describeModel: ({ path }) => describeModel(path),
    checkScan: (job) => checkScan(job, (fraction) => notify('progress', { step: 'check', fraction })),
    probeNetwork: (job) => probeNetwork(job),
    simulateFile: (job) => simulateFile(job, notify),
    importModel: ({ weights, out }) => importModel(weights, out),
    prepare: (argument) => session.prepare(argument),
    attach: (argument) => session.attach(argument),
    unlink: (argument) => session.unlink(argument),
    loadReference: () => session.loadReference(),
    loadMeasurements: () => session.loadMeasurements(),
    warmUp: (argument) => session.warmUp(argument),
    project: (argument) => session.project(argument),
    forward: (argument) => session.forward(argument),
    reduce: (argument) => session.reduce(argument),
    combine: (argument) => session.combine(argument),
    divide: (argument) => session.divide(argument),
    clamp: (argument) => session.clamp(argument),
    fillRandom: (argument) => session.fillRandom(argument),
    dot: (argument) => session.dot(argument),
    minMax: (argument) => session.minMax(argument),
    percentiles: (argument) => session.percentiles(argument),
    totalVariationImage: (argument) => session.totalVariationImage(argument),
    totalVariationStep: (argument) => session.totalVariationStep(argument),
    denoise: (argument) => session.denoise(argument),
    score: (argument) => session.score(argument),
    save: (argument) => session.save(argument),
    load: (argument) => session.load(argument),
    memory: () => session.memory(),
    cancel: () => session.cancel(),
    limitMemory: ({ mebibytes }) => ({ enforced: limitMemory(mebibytes) }),
  }),
  () => session.close(),
  ['cancel'],
);
