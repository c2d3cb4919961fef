/** Outcomes as plain data: an Error loses its fields over IPC and the context bridge, an object does not. */

/** What a handler may answer besides a value. Each command lists the ones it can give. */
export const DOMAIN_CODES = [
  /** Nothing is at that path. */
  "NotFound",
  /** The system does not let this process do that. */
  "NoPermission",
  /** The disk, or a file on it, did not do what was asked. */
  "DiskFailed",
  /** The path names a directory, or something else that is no file. */
  "NotAFile",
  /** Something is there already. */
  "Exists",
  /** Another process has the log open for writing. */
  "Locked",
  /** The log is damaged, so nothing may be appended to it. */
  "Damaged",
  /** Reading stopped before the end, or has not come to it yet. */
  "NotIndexed",
  /** The mode does not allow this. */
  "WrongMode",
  /** No file is open, or another one than the caller thinks. */
  "SessionClosed",
  /** The view was closed, or dropped in favour of newer ones. */
  "ViewClosed",
  /** The key, or that version of it, is not in the log. */
  "KeyAbsent",
  /** The search cannot be understood. */
  "BadSearch",
  /** The node refused the operation; the message says why. */
  "Refused",
  /** This host cannot do that, for example show a native dialog. */
  "Unsupported",
] as const;

/** What can go wrong with any command, before or around its handler. */
export const BOUNDARY_CODES = [
  "UnknownCommand",
  "InvalidInput",
  "TooMany",
  "TooLarge",
  "Cancelled",
  "Disconnected",
  "Internal",
] as const;

export type DomainCode = (typeof DOMAIN_CODES)[number];
export type BoundaryCode = (typeof BOUNDARY_CODES)[number];

export interface Failure<Code extends string = string> {
  readonly code: Code;
  /** One sentence for the user: what, why, where. */
  readonly message: string;
  /** Further facts for "Copy details": paths, offsets, system codes. */
  readonly details?: Readonly<Record<string, string | number | boolean>>;
}

export type Outcome<T, Code extends string = string> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: Failure<Code> };

export function succeed<T>(value: T): { ok: true; value: T } {
  return { ok: true, value };
}

export function fail<Code extends string>(
  code: Code,
  message: string,
  details?: Failure["details"],
): { ok: false; error: Failure<Code> } {
  return { ok: false, error: details === undefined ? { code, message } : { code, message, details } };
}
