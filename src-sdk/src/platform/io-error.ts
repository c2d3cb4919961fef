/** Turns what the operating system said into an error that names the path and what to do. */
import { dirname } from "node:path";
import { type ErrorContext, SoftadastraError } from "../result.js";

/** The operating system's code of an error, such as ENOENT; our own errors have codes too, which are not the system's. */
export function systemCodeOf(error: unknown): string | undefined {
  if (error instanceof SoftadastraError) return undefined;
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

const ADVICE: Record<string, (path: string) => string> = {
  EACCES: (path) => `this process may not do that there; check the permissions of ${path} and of ${dirname(path)}`,
  EPERM: (path) => `the system does not permit it; check the owner and the permissions of ${path}`,
  EROFS: () => "the file system is mounted read-only",
  ENOSPC: () => "the disk is full; free some space and try again",
  EDQUOT: () => "the disk quota is used up; free some space and try again",
  EFBIG: () => "the file would pass the largest size the system allows",
  EIO: () => "the device reported an input/output error; check the disk",
  EMFILE: () => "too many files are open in this process",
  ENFILE: () => "too many files are open on this machine",
  EISDIR: (path) => `${path} is a directory; name a file in it`,
  ENOTDIR: (path) => `a part of ${path} is a file where a directory is needed`,
  ENOENT: (path) => `${path} does not exist`,
  ELOOP: (path) => `${path} has too many symbolic links`,
  ENAMETOOLONG: () => "the path is too long for this file system",
};

/** An `io_error` that says what was being done, to which path, and why it failed. */
export function ioError(action: string, path: string, cause: unknown, facts: ErrorContext = {}): SoftadastraError {
  const systemCode = systemCodeOf(cause);
  const reason = cause instanceof Error ? cause.message : String(cause);
  const advice = systemCode === undefined ? undefined : ADVICE[systemCode]?.(path);
  return new SoftadastraError(
    "io_error",
    `cannot ${action} ${path}: ${advice ?? reason}${advice && systemCode ? ` (${systemCode})` : ""}`,
    { path, ...(systemCode === undefined ? {} : { systemCode }), ...facts },
    { cause },
  );
}
