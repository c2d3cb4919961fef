/** Failures of exports and imports as the contract's codes, also over the border of a thread, where an error loses its fields. */
import type { DomainCode } from "@softadastra/inspector-contract";
import { SoftadastraError } from "@softadastra/sdk";
import { BadSearch } from "../log-view/search-language.ts";
import { HostError, toHostError } from "./host-error.ts";

export interface Failed {
  readonly failed: { readonly code: DomainCode; readonly message: string; readonly details: HostError["details"] };
}

/** The codes of the SDK mean other things here: `already_exists` is a file that is there, not a lock. */
function toTransferError(error: unknown): HostError | null {
  if (error instanceof BadSearch) return new HostError("BadSearch", error.message);
  if (!(error instanceof SoftadastraError)) return toHostError(error);
  const path = error.context?.path ?? "";
  if (error.code === "already_exists" && error.context?.pid === undefined) {
    return new HostError("Exists", `${error.message}.`, { path });
  }
  if (error.code === "invalid_argument") {
    const isPlace = error.context?.refused === "folder" || error.context?.refused === "special";
    return new HostError(isPlace ? "NotAFile" : "Refused", `${error.message}.`, { path });
  }
  return toHostError(error);
}

/** What the work answers, or its failure as plain data; a bug is thrown on. */
export async function orFailed<T>(work: () => Promise<T>): Promise<T | Failed> {
  try {
    return await work();
  } catch (error) {
    const known = toTransferError(error);
    if (known === null) throw error;
    return { failed: { code: known.code, message: known.message, details: known.details } };
  }
}

/** The value; a failure is thrown, to become the answer of the command. */
export function orThrow<T>(answered: T | Failed): T {
  if (typeof answered === "object" && answered !== null && "failed" in answered) {
    const { code, message, details } = answered.failed;
    throw new HostError(code, message, details);
  }
  return answered as T;
}
