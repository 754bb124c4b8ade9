/** The one error type meant for people: a plain sentence that names the file or key and says what to do. Everything else is a defect. */

export type ErrorCode =
  | 'bad_input'
  | 'not_found'
  | 'unsupported'
  | 'no_space'
  | 'read_only'
  /** Another program holds what is needed; later it may be free. */
  | 'in_use'
  | 'out_of_memory'
  | 'cancelled'
  | 'timed_out'
  | 'worker_crashed'
  | 'worker_killed'
  | 'internal';

/** What is known of an allocation that could not be had; MiB (2^20 bytes). */
export interface MemoryShortage {
  readonly rank?: number;
  readonly step: string;
  readonly requestedMiB: number | null;
  readonly peakMiB: number | null;
  readonly limitMiB: number | null;
}

/** An error whose message can be shown as it is. `details` may hold technical text to expand and copy. */
export class UserError extends Error {
  readonly code: ErrorCode;
  readonly details: string | undefined;
  /** With code out_of_memory, where somebody knew. */
  shortage: MemoryShortage | undefined;

  constructor(message: string, code: ErrorCode = 'bad_input', details?: string) {
    super(message);
    this.name = 'UserError';
    this.code = code;
    this.details = details;
  }
}

/** An error as it crosses a process border. */
export interface ErrorMessage {
  readonly message: string;
  readonly code: ErrorCode;
  readonly details?: string | undefined;
  readonly shortage?: MemoryShortage | undefined;
}

/** Turns anything thrown into an ErrorMessage; system codes (ENOSPC, EROFS, EACCES, ENOENT) become sentences. */
export function toErrorMessage(error: unknown): ErrorMessage {
  if (error instanceof UserError) return { message: error.message, code: error.code, details: error.details, shortage: error.shortage };
  if (!(error instanceof Error)) return { message: String(error), code: 'internal' };
  const systemError = error as Error & { code?: unknown; path?: unknown };
  const code = typeof systemError.code === 'string' ? systemError.code : '';
  const path = typeof systemError.path === 'string' ? systemError.path : 'the file';
  const details = error.stack ?? error.message;
  switch (code) {
    case 'ENOSPC':
      return {
        message: `The disk is full while writing ${path}. Free some space or choose another workspace folder.`,
        code: 'no_space',
        details,
      };
    case 'EROFS':
    case 'EACCES':
    case 'EPERM':
      return {
        message: `No permission for ${path}. Choose a folder you may write to, or change its permissions.`,
        code: 'read_only',
        details,
      };
    case 'ENOENT':
      return { message: `${path} does not exist. Check the path.`, code: 'not_found', details };
    case 'EISDIR':
      return { message: `${path} is a folder where a file is expected.`, code: 'bad_input', details };
    case 'ERR_MEMORY_ALLOCATION_FAILED':
      return { message: 'Not enough memory for this step. Use a smaller patch_size or max_batch_size.', code: 'out_of_memory', details };
    default:
      return { message: error.message, code: 'internal', details };
  }
}

/** The inverse of toErrorMessage on the receiving side. */
export function fromErrorMessage(message: ErrorMessage): UserError {
  const error = new UserError(message.message, message.code, message.details);
  error.shortage = message.shortage;
  return error;
}
