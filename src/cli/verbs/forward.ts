/** `forward`: projections of a volume along the rays of a scan. */
import { commonOptions } from '../arguments';
import { projectFiles } from '../projection';
import type { Verb } from '../verb';

export const forward: Verb = {
  name: 'forward',
  summary: 'projections (views, rows, columns) of a volume',
  positional: { name: 'nothing but options', least: 0, most: 0 },
  options: {
    data: commonOptions.data,
    volume: { value: 'FILE', help: "volume to project (.npy); default: the data's reference" },
    views: commonOptions.views,
    out: commonOptions.outVolume,
    devices: commonOptions.devices,
    'voxel-size': commonOptions['voxel-size'],
    correct: commonOptions.correct,
    json: commonOptions.json,
  },
  execute: (context) => projectFiles('forwardFile', 'volume', context),
};
