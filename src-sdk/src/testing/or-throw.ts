/** For tests that want the value of a Result, or its error thrown. */
import type { Result } from "../result.js";

/** The value of a Result; its error is thrown, so that no test goes on over a write that failed. */
export function orThrow<T>(result: Result<T>): T {
  if (result.isErr()) throw result.error();
  return result.value();
}
