/** Failures a user can meet, with the code the contract gives them; and what the engine and the system say, translated. */
import {
  type CodeOf,
  type CommandName,
  commands,
  type DomainCode,
  fail,
  type Outcome,
  type Output,
  succeed,
} from "@softadastra/inspector-contract";
import { type Result, SoftadastraError } from "@softadastra/sdk";

export class HostError extends Error {
  readonly code: DomainCode;
  readonly details: Record<string, string | number | boolean> | undefined;
  constructor(code: DomainCode, message: string, details?: Record<string, string | number | boolean>) {
    super(message);
    this.code = code;
    this.details = details;
  }
}

const BY_SYSTEM_CODE: Record<string, DomainCode> = {
  ENOENT: "NotFound",
  EACCES: "NoPermission",
  EPERM: "NoPermission",
  EROFS: "NoPermission",
  EISDIR: "NotAFile",
  ENOTDIR: "NotAFile",
  EEXIST: "Exists",
};

/** What the system's codes mean to a person, behind the path. */
const SAYS: Record<string, string> = {
  ENOENT: "does not exist.",
  EACCES: "may not be used by you: check its permissions and those of its folders.",
  EPERM: "may not be used by you: check its permissions and those of its folders.",
  EROFS: "lies on a disk that is read-only.",
  EISDIR: "is a folder, not a file.",
  ENOTDIR: "lies in something that is a file, not a folder.",
  EEXIST: "exists already: choose another name.",
  ENOSPC: "does not fit on the disk: free some space and try again.",
  EDQUOT: "does not fit: your quota on this disk is used up.",
  ENAMETOOLONG: "has a name that is too long for this disk.",
  ELOOP: "is a symbolic link that leads to itself.",
  EIO: "could not be read or written: the disk reports an error.",
  EMFILE: "could not be opened: too many files are open.",
};

/** A failed call to the system in words. */
function say(code: string, message: string, path: unknown): string {
  const words = SAYS[code];
  return words === undefined || typeof path !== "string" ? message : `${path} ${words}`;
}

function plainDetails(context: SoftadastraError["context"]): Record<string, string | number | boolean> {
  return Object.fromEntries(
    Object.entries(context ?? {}).filter(
      (entry): entry is [string, string | number | boolean] => entry[1] !== undefined,
    ),
  );
}

/** The error as one of the contract's; null for a bug, which is thrown on. */
export function toHostError(error: unknown): HostError | null {
  if (error instanceof HostError) return error;
  if (error instanceof SoftadastraError) {
    const details = plainDetails(error.context);
    const systemCode = error.context?.systemCode;
    if (error.code === "already_exists") return new HostError("Locked", error.message, details);
    if (error.code === "io_error") {
      return new HostError((systemCode && BY_SYSTEM_CODE[systemCode]) || "DiskFailed", error.message, details);
    }
    if (error.context?.verdict === "damaged") return new HostError("Damaged", error.message, details);
    return new HostError("Refused", error.message, details);
  }
  if (error instanceof Error && "code" in error && typeof error.code === "string" && /^E[A-Z]+$/.test(error.code)) {
    return new HostError(
      BY_SYSTEM_CODE[error.code] ?? "DiskFailed",
      say(error.code, error.message, "path" in error ? error.path : null),
      {
        systemCode: error.code,
      },
    );
  }
  return null;
}

/** The value of a result; its error is thrown, to become the answer of the command. */
export function unwrap<T>(result: Result<T>): T {
  if (result.isErr()) throw result.error();
  return result.value();
}

/** Runs the work of a command; a failure becomes one of the codes the command lists, anything else is thrown on as a bug. */
export async function answer<C extends CommandName>(
  command: C,
  work: () => Promise<Output<C>> | Output<C>,
): Promise<Outcome<Output<C>, CodeOf<C>>> {
  try {
    return succeed(await work());
  } catch (error) {
    const known = toHostError(error);
    const codes: readonly string[] = commands[command].codes;
    if (known === null || !codes.includes(known.code)) throw error;
    return fail(known.code as CodeOf<C>, known.message, known.details);
  }
}
