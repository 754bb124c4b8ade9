/** `back`: the exact adjoint of `forward`, not scaled. */
import { commonOptions } from '../arguments';
import { projectFiles } from '../projection';
import type { Verb } from '../verb';

export const back: Verb = {
  name: 'back',
  summary: 'the exact adjoint of forward, not scaled',
  positional: { name: 'nothing but options', least: 0, most: 0 },
  options: {
    data: commonOptions.data,
    sinogram: { value: 'FILE', help: "projections to smear back (.npy); default: the data's sinogram" },
    views: commonOptions.views,
    out: commonOptions.outVolume,
    devices: commonOptions.devices,
    'voxel-size': commonOptions['voxel-size'],
    correct: commonOptions.correct,
    json: commonOptions.json,
  },
  execute: (context) => projectFiles('backFile', 'sinogram', context),
};
