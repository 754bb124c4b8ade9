/** Numbers into findings: what is worth telling, in which words, and which correction is offered. */
import { formatCorrections } from '../../shared/corrections';
import type { Finding } from '../../shared/quality';
import type { AxisOffset } from './axisOffset';
import type { Residual } from './reprojection';
import { judgePairing } from './reprojection';
import type { Clipping, Edge, Truncation } from './viewChecks';

function percent(share: number): string {
  return share > 0 && share < 0.001 ? 'less than 0.1 %' : `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

function inOrder(check: Finding['check'], message: string, amount: number | null = 0, unit = ''): Finding {
  return { check, severity: 'ok', amount, unit, message, correction: null };
}

export function notChecked(check: Finding['check'], message: string): Finding {
  return { check, severity: 'note', amount: null, unit: '', message, correction: null };
}

export function nonFiniteFinding(count: number, views: number): Finding {
  if (count === 0) return inOrder('non-finite', 'All values are finite numbers.', 0, 'values');
  return {
    check: 'non-finite',
    severity: 'error',
    amount: count,
    unit: 'values',
    message: `${counted(count, 'value is', 'values are')} NaN or infinite, in ${counted(views, 'view', 'views')}; runs on such data are refused.`,
    correction: { kind: 'non-finite' },
  };
}

/** `dead` (rows, columns); columns and rows that are dead over most of their length are told as such. */
export function deadPixelsFinding(dead: Uint8Array, rows: number, columns: number): Finding {
  const count = dead.reduce((sum, flag) => sum + flag, 0);
  if (count === 0) return inOrder('dead-pixels', 'No dead pixels.', 0, 'pixels');
  const deadColumns = Array.from({ length: columns }, (_, column) => column).filter(
    (column) => Array.from({ length: rows }, (_, row) => dead[row * columns + column] ?? 0).reduce((a, b) => a + b, 0) > 0.8 * rows,
  );
  const where =
    deadColumns.length > 0 ? `, among them ${deadColumns.length === 1 ? 'column' : 'columns'} ${deadColumns.slice(0, 6).join(', ')}` : '';
  return {
    check: 'dead-pixels',
    severity: 'warning',
    amount: count,
    unit: 'pixels',
    message: `${counted(count, 'pixel always gives', 'pixels always give')} the same value (dead or stuck)${where}; rings will show in the volume.`,
    correction: { kind: 'dead-pixels' },
  };
}

export function blankViewsFinding(views: readonly number[]): Finding {
  if (views.length === 0) return inOrder('blank-views', 'Every view shows something.', 0, 'views');
  const named = views.slice(0, 6).join(', ');
  return {
    check: 'blank-views',
    severity: 'warning',
    amount: views.length,
    unit: 'views',
    message: `${counted(views.length, 'view is', 'views are')} empty (view ${named}${views.length > 6 ? ', ...' : ''}); choose others with num_projections, or repair the data.`,
    correction: null,
  };
}

export function clippingFinding(clipping: Clipping | null): Finding {
  if (clipping === null) return inOrder('clipped', 'No values are cut off at the top.', 0, '% of pixels');
  return {
    check: 'clipped',
    severity: 'warning',
    amount: 100 * clipping.share,
    unit: '% of pixels',
    message: `${percent(clipping.share)} of the pixels are cut off at a line integral of ${Number(clipping.value.toPrecision(4))}: too little light came through, and dense parts will look thinner than they are. Only a longer exposure helps.`,
    correction: null,
  };
}

const edgeNames: Record<Edge, string> = { left: 'left', right: 'right', 'first row': 'lower (row 0)', 'last row': 'upper (last row)' };

export function truncationFinding(found: readonly Truncation[]): Finding {
  if (found.length === 0) return inOrder('truncation', "The object stays clear of the detector's edges.", 0, '% of views');
  const sides = found.filter(({ edge }) => edge === 'left' || edge === 'right');
  const share = Math.max(...found.map(({ shareOfViews }) => shareOfViews));
  const level = Math.max(...found.map((truncation) => truncation.level));
  const names = found.map(({ edge }) => edgeNames[edge]).join(' and ');
  const seen = `The object reaches the ${names} edge of the detector in ${percent(share)} of the views, with up to ${percent(level)} of its highest line integral`;
  return {
    check: 'truncation',
    severity: sides.length > 0 ? 'warning' : 'note',
    amount: 100 * share,
    unit: '% of views',
    message:
      sides.length > 0 ? `${seen}; the volume will be too bright towards its rim.` : `${seen}; slices near that end are less certain.`,
    correction: null,
  };
}

/** `offset` null: there was nothing to see. Told from a quarter of a pixel on, and when it is beyond doubt. */
export function axisOffsetFinding(offset: AxisOffset | null, pixelMm: number): Finding {
  if (offset === null) return notChecked('axis-offset', 'The place of the rotation axis could not be measured: the views show too little.');
  const { pixels, uncertaintyPixels } = offset;
  const mm = Number((pixels * pixelMm).toPrecision(3));
  const error = Math.max(0.01, uncertaintyPixels).toFixed(2);
  const measured = `${pixels.toFixed(2)} pixels (${mm} mm on the detector, give or take ${error} pixels)`;
  if (Math.abs(pixels) < 0.25 || Math.abs(pixels) < 3 * uncertaintyPixels) {
    return inOrder(
      'axis-offset',
      `The rotation axis is where the vectors put it, to ${Math.abs(pixels).toFixed(2)} pixels (give or take ${error}).`,
      pixels,
      'pixels',
    );
  }
  return {
    check: 'axis-offset',
    severity: 'warning',
    amount: pixels,
    unit: 'pixels',
    message: `The rotation axis is ${measured} away from where the vectors put it; edges will be doubled.`,
    correction: { kind: 'axis-offset-mm', mm },
  };
}

/** Pairing, scale and whether the reference fits at all. `stepDegrees`: the turn from view to view. */
export function reprojectionFindings(residuals: readonly Residual[], stepDegrees: number): Finding[] {
  const pairing = judgePairing(residuals);
  const { best } = pairing;
  const residual = percent(best.relative);
  if (pairing.kind === 'unexplained') {
    const message = `The reference does not explain the projections (${residual} remain), so the pairing of views and vectors cannot be checked; geometry, voxel size or units are probably wrong.`;
    return [{ check: 'reference', severity: 'warning', amount: 100 * best.relative, unit: '% residual', message, correction: null }];
  }
  return [pairingFinding(pairing.kind, best, residuals.find(({ offset }) => offset === 0) ?? best, stepDegrees), scaleFinding(best)];
}

function pairingFinding(kind: 'right' | 'unclear' | 'off', best: Residual, asIs: Residual, stepDegrees: number): Finding {
  if (kind === 'unclear') {
    return notChecked(
      'view-pairing',
      'The reference looks the same from all sides, so the pairing of views and vectors cannot be checked.',
    );
  }
  if (kind === 'right') {
    return inOrder(
      'view-pairing',
      `Views and vectors belong together: ${percent(best.relative)} of the projections remain unexplained by the reference, fewer than with any other pairing.`,
      0,
      'views',
    );
  }
  const correction = { kind: 'view-offset', views: best.offset } as const;
  const count = Math.abs(best.offset);
  return {
    check: 'view-pairing',
    severity: 'warning',
    amount: best.offset,
    unit: 'views',
    message: `Views are off by ${count === 1 ? 'one' : count} against their vectors (${Number((best.offset * stepDegrees).toPrecision(3))} degrees): with ${formatCorrections([correction])} ${percent(best.relative)} of the projections remain unexplained by the reference, as they are ${percent(asIs.relative)}.`,
    correction,
  };
}

function scaleFinding({ scale }: Residual): Finding {
  const shown = Number(scale.toPrecision(3));
  if (Math.abs(scale - 1) <= 0.1) return inOrder('scale', `Projections and reference have the same scale (${shown}).`, scale, 'times');
  return {
    check: 'scale',
    severity: 'warning',
    amount: scale,
    unit: 'times',
    message: `The projections are ${shown} times what the reference's are; units or voxel size are probably wrong, and PSNR will be low.`,
    correction: null,
  };
}

export interface ReferenceFacts {
  readonly slices: number;
  /** Slices of zeros between slices that are not. */
  readonly emptyInside: number;
  readonly isAllZero: boolean;
  readonly nonFinite: number;
}

export function referenceFinding({ slices, emptyInside, isAllZero, nonFinite }: ReferenceFacts): Finding {
  const correction = { kind: 'no-reference' } as const;
  const base = { check: 'reference', unit: 'slices', correction } as const;
  if (isAllZero)
    return { ...base, severity: 'error', amount: slices, message: 'The reference volume is all zero, so PSNR and SSIM mean nothing.' };
  if (nonFinite > 0) {
    return {
      ...base,
      severity: 'error',
      amount: nonFinite,
      unit: 'values',
      message: `The reference has ${counted(nonFinite, 'value that is', 'values that are')} NaN or infinite; runs on it are refused.`,
    };
  }
  if (emptyInside > 0) {
    return {
      ...base,
      severity: 'warning',
      amount: emptyInside,
      message: `${counted(emptyInside, 'slice', 'slices')} of the reference ${emptyInside === 1 ? 'is' : 'are'} all zero between others that are not (a failed read?); PSNR is too low.`,
    };
  }
  return inOrder('reference', 'The reference has values in every slice.', 0, 'slices');
}
