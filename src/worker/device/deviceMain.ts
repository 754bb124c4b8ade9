/** Process entry of a device worker: serves one DeviceSession to the coordinator. */
import type { DeviceMethods } from '../../shared/workerMessages';
import { serve } from '../serve';
import { describeMachine } from './describeMachine';
import { DeviceSession } from './deviceSession';

const session = new DeviceSession((name, payload) => server.notice(name, payload));

const server = serve<DeviceMethods>(
  {
    describe: () => describeMachine(),
    prepare: (argument) => session.prepare(argument),
    attach: (argument) => session.attach(argument),
    unlink: (argument) => session.unlink(argument),
    loadReference: () => session.loadReference(),
    loadMeasurements: () => session.loadMeasurements(),
    warmUp: (argument) => session.warmUp(argument),
    project: (argument) => session.project(argument),
    reduce: (argument) => session.reduce(argument),
    combine: (argument) => session.combine(argument),
    clamp: (argument) => session.clamp(argument),
    fillRandom: (argument) => session.fillRandom(argument),
    dot: (argument) => session.dot(argument),
    minMax: (argument) => session.minMax(argument),
    percentiles: (argument) => session.percentiles(argument),
    denoise: (argument) => session.denoise(argument),
    score: (argument) => session.score(argument),
    save: (argument) => session.save(argument),
    memory: () => session.memory(),
    cancel: () => session.cancel(),
  },
  () => session.close(),
  ['cancel'],
);
