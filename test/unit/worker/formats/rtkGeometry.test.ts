// RTK's geometry: conventions pinned by hand-made views, any geometry there and back, matrix against parameters, and files that must be refused.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UserError } from '../../../../src/shared/errors';
import type { ScanGeometry } from '../../../../src/shared/geometry';
import { writeGeometry } from '../../../../src/worker/formats/geometryWriter';
import { frameOfMatrix, frameOfView, matrixOfView, type RtkView } from '../../../../src/worker/formats/rtkFrame';
import { parseRtkXml, rtkXmlOf } from '../../../../src/worker/formats/rtkXml';
import { openScan } from '../../../../src/worker/formats/scanData';
import { placeOfProjections } from '../../../../src/worker/formats/volumePlace';
import { writeVolume } from '../../../../src/worker/formats/volumeWriter';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rtk-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const close = (actual: readonly number[], expected: readonly number[], digits = 9) =>
  expected.forEach((value, index) => {
    expect(actual[index], `number ${index}`).toBeCloseTo(value, digits);
  });

const straight: RtkView = {
  sourceToIsocenterMm: 100,
  sourceToDetectorMm: 300,
  gantryDegrees: 0,
  outOfPlaneDegrees: 0,
  inPlaneDegrees: 0,
  sourceOffsetMm: [0, 0],
  projectionOffsetMm: [0, 0],
};
const circle = (type: ScanGeometry['type'], views: readonly (readonly number[])[]): ScanGeometry => ({
  type,
  volumeShape: [8, 8, 8],
  voxelSizeMm: [1, 1, 1],
  volumeCentreMm: [0, 0, 0],
  detectorRows: 5,
  detectorColumns: 7,
  vectors: Float64Array.from(views.flat()),
});

describe('the conventions', () => {
  it('gantry 0: source at -y, detector at +y, columns along x, rows along z; RTK has its source on +Z', () => {
    const { source, origin, u, v } = frameOfView(straight);
    close(source, [0, -100, 0]);
    close(origin, [0, 200, 0]);
    close(u, [1, 0, 0]);
    close(v, [0, 0, 1]);
  });

  it('gantry 90 turns the source to RTK +X; offsets go along columns and rows', () => {
    close(frameOfView({ ...straight, gantryDegrees: 90 }).source, [100, 0, 0]);
    const shifted = frameOfView({ ...straight, sourceOffsetMm: [3, 4], projectionOffsetMm: [5, -6] });
    close(shifted.source, [3, -100, 4]);
    close(shifted.origin, [5, 200, -6]);
  });

  it('in plane 90 turns the columns; out of plane tilts the source along the axis', () => {
    close(frameOfView({ ...straight, inPlaneDegrees: 90 }).u, [0, 0, 1]);
    const tilted = frameOfView({ ...straight, outOfPlaneDegrees: 30 });
    close(tilted.source, [0, -100 * Math.cos(Math.PI / 6), -50]);
  });

  it('the matrix projects a point to where its ray meets the detector', () => {
    const view = {
      ...straight,
      gantryDegrees: 20,
      outOfPlaneDegrees: -7,
      inPlaneDegrees: 11,
      sourceOffsetMm: [2, 1],
      projectionOffsetMm: [-3, 5],
    } as const;
    const { source, origin, u, v } = frameOfView(view);
    const point = [4, -6, 9];
    // In our coordinates: source + t (point - source) = origin + a u + b v.
    const d = point.map((value, axis) => value - (source[axis] ?? 0));
    const n = [
      (u[1] ?? 0) * (v[2] ?? 0) - (u[2] ?? 0) * (v[1] ?? 0),
      (u[2] ?? 0) * (v[0] ?? 0) - (u[0] ?? 0) * (v[2] ?? 0),
      (u[0] ?? 0) * (v[1] ?? 0) - (u[1] ?? 0) * (v[0] ?? 0),
    ];
    const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, axis) => sum + value * (b[axis] ?? 0), 0);
    const away = origin.map((value, axis) => value - (source[axis] ?? 0));
    const t = dot(away, n) / dot(d, n);
    const onDetector = d.map((value, axis) => value * t - (away[axis] ?? 0));
    const matrix = matrixOfView(view);
    const homogeneous = [point[0] ?? 0, point[2] ?? 0, -(point[1] ?? 0), 1];
    const [p, q, w] = [0, 4, 8].map((row) => dot(matrix.slice(row, row + 4), homogeneous)) as [number, number, number];
    close([p / w, q / w], [dot(onDetector, u), dot(onDetector, v)]);
  });
});

const angle = fc.double({ min: -179, max: 179, noNaN: true });
const offset = fc.double({ min: -40, max: 40, noNaN: true });
const anyView = fc.record({
  sourceToIsocenterMm: fc.double({ min: 50, max: 900, noNaN: true }),
  sourceToDetectorMm: fc.double({ min: 60, max: 1900, noNaN: true }),
  gantryDegrees: angle,
  outOfPlaneDegrees: fc.double({ min: -80, max: 80, noNaN: true }),
  inPlaneDegrees: angle,
  sourceOffsetMm: fc.tuple(offset, offset),
  projectionOffsetMm: fc.tuple(offset, offset),
}) as fc.Arbitrary<RtkView>;

/** A view with pixels of 0.5 x 0.25 mm (row, column) as twelve numbers. */
function vectorsOf(view: RtkView): number[] {
  const { source, origin, u, v } = frameOfView(view);
  return [...source, ...origin, ...u.map((value) => value * 0.25), ...v.map((value) => value * 0.5)];
}

describe('there and back', () => {
  it('any geometry through the text', () => {
    fc.assert(
      fc.property(fc.array(anyView, { minLength: 1, maxLength: 4 }), (views) => {
        const rows = views.map(vectorsOf);
        const frames = parseRtkXml(rtkXmlOf(circle('conebeam', rows)).text, 'g.xml');
        frames.forEach(({ source, origin, u, v }, index) => {
          close([...source, ...origin, ...u.map((value) => value * 0.25), ...v.map((value) => value * 0.5)], rows[index] ?? [], 6);
        });
      }),
      { numRuns: 200 },
    );
  });

  it('the frame behind a matrix is the one of its parameters, whatever the scale and sign of the matrix', () => {
    fc.assert(
      fc.property(anyView, fc.constantFrom(1, -1, 2.5, -0.01), (view, factor) => {
        const frame = frameOfMatrix(matrixOfView(view).map((value) => value * factor));
        const expected = frameOfView(view);
        for (const part of ['source', 'origin', 'u', 'v'] as const) close(frame?.[part] ?? [], expected[part], 5);
      }),
      { numRuns: 200 },
    );
    expect(frameOfMatrix(new Array(12).fill(0))).toBeNull();
  });

  it('parallel rays', () => {
    const geometry = circle('parallel3d', [
      [0, 1, 0, 0, 0, 0, 0.25, 0, 0, 0, 0, 0.5],
      [-1, 0, 0, 0, 1, 2, 0, 0.25, 0, 0, 0, 0.5],
    ]);
    const frames = parseRtkXml(rtkXmlOf(geometry).text, 'g.xml');
    expect(frames.map(({ isParallel }) => isParallel)).toEqual([true, true]);
    close(frames[0]?.source ?? [], [0, 1, 0]);
    close(frames[1]?.origin ?? [], [0, 1, 2]);
    close(frames[1]?.u ?? [], [0, 1, 0]);
  });

  it('a whole scan: projections as .mhd, geometry as .xml, opened again', async () => {
    const scan = await openScan('resources/samples/walnut-tiny.pt');
    const notes = await writeGeometry(join(folder, 'geometry.xml'), scan.geometry);
    // The sample's detector is skewed a little on purpose, which RTK cannot say.
    expect(notes).toEqual([expect.stringContaining('pixels move by up to 0.0')]);
    const length = scan.geometry.detectorRows * scan.geometry.detectorColumns;
    const all = new Float32Array(scan.views * length);
    for (let view = 0; view < scan.views; view++) await scan.readSinogramView(view, all.subarray(view * length, (view + 1) * length));
    await writeVolume(join(folder, 'projections.mhd'), placeOfProjections(scan.geometry), (start, target) =>
      target.set(all.subarray(start, start + target.length)),
    );
    const again = await openScan(folder, { voxelSizeMm: 1.25 });
    expect(again.kind).toBe('MetaImage projections with RTK geometry');
    expect(again.fixedType).toBe('conebeam');
    const { vectors } = again.geometry;
    for (let view = 0; view < again.views; view++) {
      const pair = [vectors, scan.geometry.vectors].map((all) => [...all.subarray(view * 12, view * 12 + 12)]) as [number[], number[]];
      close(pair[0].slice(0, 6), pair[1].slice(0, 6), 6);
      close(pair[0].slice(6), pair[1].slice(6), 2);
    }
    const view = new Float32Array(length);
    await again.readSinogramView(7, view);
    expect(view).toEqual(all.slice(7 * length, 8 * length));
    await scan.close();
    await again.close();
  });
});

describe('the table of vectors', () => {
  it.each(['vecs.txt', 'vecs.npy'])('comes back bit for bit from %s', async (name) => {
    const scan = await openScan('resources/samples/walnut-tiny.pt');
    await writeGeometry(join(folder, name), scan.geometry);
    await writeVolume(join(folder, 'p.tif'), placeOfProjections(scan.geometry), () => {});
    const again = await openScan(folder);
    // Text has no minus zero.
    expect(again.geometry.vectors.map((value) => value + 0)).toEqual(scan.geometry.vectors.map((value) => value + 0));
    await scan.close();
    await again.close();
  });

  it('refuses other endings, and geometries RTK has no words for, without writing a file', async () => {
    const skewed = circle('conebeam', [[0, -10, 0, 0, 20, 0, 1, 0, 0, 0.4, 0, 1]]);
    const mirrored = circle('conebeam', [[0, -10, 0, 0, 20, 0, -1, 0, 0, 0, 0, 1]]);
    const slanted = circle('parallel3d', [[0.2, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]]);
    const uneven = circle('conebeam', [
      [0, -10, 0, 0, 20, 0, 1, 0, 0, 0, 0, 1],
      [0, -10, 0, 0, 20, 0, 2, 0, 0, 0, 0, 1],
    ]);
    for (const [geometry, message] of [
      [skewed, 'view 0 rows and columns of the detector are not at right angles'],
      [mirrored, 'seen from behind'],
      [slanted, 'the rays do not meet the detector at a right angle'],
      [uneven, 'another size'],
    ] as const) {
      await expect(writeGeometry(join(folder, 'g.xml'), geometry)).rejects.toThrow(message);
      await writeGeometry(join(folder, 'vecs.txt'), geometry);
    }
    await expect(writeGeometry(join(folder, 'g.json'), skewed)).rejects.toThrow('Use .xml (RTK), .txt or .npy');
    expect(existsSync(join(folder, 'g.xml'))).toBe(false);
  });
});

const header = '<?xml version="1.0"?>\n<!DOCTYPE RTKGEOMETRY>\n';
const file = (inside: string, version = '3') =>
  `${header}<RTKThreeDCircularGeometry version="${version}">${inside}</RTKThreeDCircularGeometry>`;
const distances = '<SourceToIsocenterDistance>100</SourceToIsocenterDistance><SourceToDetectorDistance>300</SourceToDetectorDistance>';

describe('reading', () => {
  it('values hold until they are given again, also across projections; Angle is the older name of GantryAngle', () => {
    const frames = parseRtkXml(
      file(
        `${distances}<Projection><Angle>90</Angle><ProjectionOffsetX>2</ProjectionOffsetX></Projection><Projection><CollimationUInf>9</CollimationUInf></Projection><Projection><GantryAngle>0</GantryAngle></Projection>`,
        '2',
      ),
      'g.xml',
    );
    close(frames[1]?.source ?? [], [100, 0, 0]);
    close(frames[2]?.source ?? [], [0, -100, 0]);
    close(frames[2]?.origin ?? [], [2, 200, 0]);
  });

  it('takes a matrix alone', () => {
    const matrix = matrixOfView({ ...straight, gantryDegrees: 40 }).join(' ');
    const [frame] = parseRtkXml(file(`<Projection><Matrix>${matrix}</Matrix></Projection>`), 'g.xml');
    close(frame?.source ?? [], frameOfView({ ...straight, gantryDegrees: 40 }).source);
  });

  it.each<[string, string, string]>([
    ['no XML', 'sid = 1000', 'is no XML'],
    ['another document', '<html></html>', 'begins with <html>'],
    ['an old version', file('<Projection/>', '1'), 'its version is "1"'],
    ['no view', file(distances), 'has no <Projection>'],
    ['a tag of no meaning', file('<Spline>1</Spline>'), '<Spline> is no part'],
    ['text in place of a number', file('<GantryAngle>north</GantryAngle>'), '<GantryAngle> is "north"'],
    ['NaN', file('<GantryAngle>NaN</GantryAngle>'), 'no finite number'],
    ['an empty number', file('<GantryAngle></GantryAngle>'), 'no finite number'],
    ['a short matrix', file('<Projection><Matrix>1 2 3</Matrix></Projection>'), '<Matrix> has 3 numbers'],
    ['a matrix of nothing', file(`<Projection><Matrix>${'0 '.repeat(12)}</Matrix></Projection>`), 'no projection from a source'],
    [
      'a matrix against its parameters',
      file(`${distances}<Projection><Matrix>${matrixOfView({ ...straight, gantryDegrees: 1 }).join(' ')}</Matrix></Projection>`),
      'describe different geometries',
    ],
    ['a curved detector', file('<RadiusCylindricalDetector>500</RadiusCylindricalDetector>'), 'curved'],
    ['a negative distance', file('<Projection><SourceToDetectorDistance>-3</SourceToDetectorDistance></Projection>'), 'is negative'],
    [
      'two kinds of rays',
      file(`${distances}<Projection/><Projection><SourceToDetectorDistance>0</SourceToDetectorDistance></Projection>`),
      'mixes parallel rays',
    ],
    ['an end too early', file(distances).slice(0, -20), 'is no XML'],
    [
      'entities that grow',
      `<!DOCTYPE a [<!ENTITY b "xxxx"><!ENTITY c "&b;&b;&b;">]>${file('<GantryAngle>&c;</GantryAngle>')}`,
      'declares entities',
    ],
    ['a reference to another file', file('<GantryAngle>&file;</GantryAngle>'), 'is no XML'],
    ['endless depth', `<RTKThreeDCircularGeometry version="3">${'<Projection>'.repeat(100_000)}`, 'nested deeper'],
    ['an endless value', file(`<GantryAngle>${'1'.repeat(20_000)}</GantryAngle>`), 'longer than 10,000'],
  ])('refuses %s', (_name, text, message) => {
    expect(() => parseRtkXml(text, 'g.xml')).toThrow(UserError);
    expect(() => parseRtkXml(text, 'g.xml')).toThrow(message);
    expect(() => parseRtkXml(text, 'g.xml')).toThrow('g.xml');
  });

  it('answers any damage with a geometry or a sentence', () => {
    const { text } = rtkXmlOf(circle('conebeam', [vectorsOf(straight), vectorsOf({ ...straight, gantryDegrees: 30 })]));
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.nat(40), fc.string({ maxLength: 6 }), (at, cut, put) => {
        try {
          parseRtkXml(text.slice(0, at) + put + text.slice(at + cut), 'g.xml');
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('wants pixel sizes from the projections', async () => {
    writeFileSync(join(folder, 'geometry.xml'), file(`${distances}<Projection/>`));
    await writeVolume(join(folder, 'p.tif'), { shape: [1, 2, 2], voxelSizeMm: [1, 0.5, 0.5], centreMm: [0, 0, 0] }, () => {});
    const scan = await openScan(folder);
    close([...scan.geometry.vectors], [0, -100, 0, 0, 200, 0, 0.5, 0, 0, 0, 0, 0.5]);
    await scan.close();
    const silent = readFileSync(join(folder, 'p.tif')).toString('latin1').replace('unit=mm', 'unit=ft');
    writeFileSync(join(folder, 'p.tif'), silent, 'latin1');
    await expect(openScan(folder)).rejects.toThrow(
      'geometry.xml leaves the size of the pixels to the projections, but p.tif does not say it',
    );
  });
});
