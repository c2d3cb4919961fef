/** The time, moving: once for every view that says how long ago or how long still. */
import { useEffect, useState } from "react";

/** Milliseconds since 1970, renewed at this interval; null: it stands still. */
export function useNow(everyMs: number | null): number {
  const [nowMs, setNow] = useState(Date.now);
  useEffect(() => {
    if (everyMs === null) return;
    const renew = () => setNow(Date.now());
    // What was shown when it last moved may be old.
    const first = setTimeout(renew);
    const timer = setInterval(renew, everyMs);
    return () => {
      clearTimeout(first);
      clearInterval(timer);
    };
  }, [everyMs]);
  return nowMs;
}
