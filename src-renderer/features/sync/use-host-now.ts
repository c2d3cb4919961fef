/** The time of the host, whose clock the operations' times come from. */
import { useNow } from "../../lib/use-now.ts";
import { useSync } from "./sync-store.ts";

export function useHostNow(everyMs: number): number {
  return useNow(everyMs) + useSync((slice) => slice.clockShiftMs);
}
