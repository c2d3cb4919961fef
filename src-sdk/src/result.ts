/** The outcome of every call a caller can get wrong: a value, or an error with a stable code (spec 1, "Types"). */

/** Stable strings; the same set as the other Softadastra SDKs, so that programs can compare them. */
export const ERROR_CODES = [
  "none",
  "unknown",
  "invalid_argument",
  "invalid_state",
  "not_found",
  "already_exists",
  "io_error",
  "store_error",
  "sync_error",
  "transport_error",
  "discovery_error",
  "metadata_error",
  "internal_error",
] as const;

/**
 * - `invalid_argument`: a key, value or option that cannot be; nothing was done.
 * - `invalid_state`: the client is not open.
 * - `not_found`: no such key, or no such operation in the outbox.
 * - `already_exists`: another client has the log open; `context.pid` says which process.
 * - `io_error`: the disk or the folder refused; `context.systemCode` says what the system called it.
 * - `store_error`: the log is damaged, is not a log, or was changed by another program; or too much waits for the disk.
 * - `transport_error`, `discovery_error`: the part is switched off; `context.option` says which option to set.
 * - `sync_error`, `metadata_error`, `internal_error`, `none`, `unknown`: kept for other versions and other SDKs.
 */
export type ErrorCode = (typeof ERROR_CODES)[number];

/** Facts that belong to an error: a path, a byte offset, a key. Plain data, safe to log or to send over IPC. */
export interface ErrorContext {
  readonly path?: string;
  /** Byte offset in the file, from 0. */
  readonly offset?: number;
  readonly sequence?: number;
  readonly key?: string;
  /** Process that holds the log. */
  readonly pid?: number;
  /** The operating system's code, for example `ENOSPC`. */
  readonly systemCode?: string;
  readonly [fact: string]: string | number | boolean | undefined;
}

/** What went wrong: a stable code for programs, a sentence for people that says what to do, and facts about it (spec 1, "Types"). */
export class SoftadastraError extends Error {
  override readonly name = "SoftadastraError";
  readonly code: ErrorCode;
  /** Facts such as path and offset, where there are any. */
  readonly context: ErrorContext | undefined;

  constructor(code: ErrorCode, message: string, context?: ErrorContext, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
    this.context = context;
  }

  /** The code as the string every Softadastra SDK prints. */
  codeString(): string {
    return this.code;
  }
}

/**
 * Either a value or a {@link SoftadastraError}. `value()` on an error and `error()` on a success throw:
 * that is a bug in the caller, not something a user did.
 */
export class Result<T> {
  readonly #error: SoftadastraError | undefined;
  readonly #value: T | undefined;

  private constructor(value: T | undefined, error: SoftadastraError | undefined) {
    this.#value = value;
    this.#error = error;
  }

  /** A success. */
  static ok(): Result<void>;
  static ok<T>(value: T): Result<T>;
  static ok<T>(value?: T): Result<T | undefined> {
    return new Result<T | undefined>(value, undefined);
  }

  /** A failure. */
  static err<T = never>(error: SoftadastraError): Result<T> {
    return new Result<T>(undefined, error);
  }

  isOk(): boolean {
    return this.#error === undefined;
  }

  isErr(): boolean {
    return this.#error !== undefined;
  }

  /** The value. @throws TypeError on an error: check `isOk()` or `isErr()` first */
  value(): T {
    if (this.#error !== undefined) {
      throw new TypeError(`value() was called on an error: ${this.#error.code}: ${this.#error.message}`, {
        cause: this.#error,
      });
    }
    return this.#value as T;
  }

  /** The error. @throws TypeError on a success: check `isErr()` first */
  error(): SoftadastraError {
    if (this.#error === undefined) throw new TypeError("error() was called on a success; check isErr() first");
    return this.#error;
  }
}

/** The success of a call that answers nothing. One for all: a result never changes. */
export const DONE: Result<void> = Result.ok();

/** A thrown {@link SoftadastraError} as a Result. @throws what is none: a bug */
export function toFailure(error: unknown): Result<never> {
  if (error instanceof SoftadastraError) return Result.err(error);
  throw error;
}

/** Runs `work` and turns a thrown {@link SoftadastraError} into a Result. Anything else is a bug and is thrown on. */
export async function toResult<T>(work: () => Promise<T>): Promise<Result<T>> {
  try {
    return Result.ok(await work());
  } catch (error) {
    return toFailure(error);
  }
}
