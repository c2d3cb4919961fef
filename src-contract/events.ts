/**
 * What the host tells without being asked. A `state` event says what changed and at which revision, never the rows:
 * one push is in flight per subscription and the newest wins. A `queue` event is told one by one, in order.
 */
import * as v from "valibot";
import { Count, Indexing, Path, SessionState } from "./shapes.ts";

export const events = {
  /** The open file, its counts, and one revision for each thing that lists can be shown of. */
  session: {
    kind: "state",
    payload: v.object({
      state: v.nullable(SessionState),
      /** Keys, values, records. */
      keysRevision: Count,
      /** Searches that went on, folders that were opened. */
      viewsRevision: Count,
      syncRevision: Count,
      healthRevision: Count,
    }),
  },
  /** Long work: reading, copying, exporting, importing. */
  progress: {
    kind: "state",
    payload: v.object({
      task: v.nullable(
        v.object({
          label: v.string(),
          ...Indexing.entries,
          /** Of an export or import, which has a dialog of its own: rows so far, of how many where that is known. */
          rows: v.optional(v.nullable(v.object({ done: Count, total: v.nullable(Count), writtenBytes: Count }))),
        }),
      ),
    }),
  },
  recents: { kind: "state", payload: v.object({ revision: Count }) },
  /** Counted up by `app.echo`. */
  echo: { kind: "state", payload: v.object({ count: Count }) },
  /** Something a person asked for outside the page: a menu item, a file handed over by the system, closing the window. */
  request: {
    kind: "queue",
    payload: v.variant("kind", [
      v.object({ kind: v.literal("open"), path: Path }),
      v.object({ kind: v.literal("command"), command: v.string() }),
      v.object({ kind: v.literal("close") }),
    ]),
  },
} as const satisfies Record<string, { kind: "state" | "queue"; payload: v.GenericSchema }>;

export type EventName = keyof typeof events;
export type EventPayload<E extends EventName> = v.InferOutput<(typeof events)[E]["payload"]>;

export function isEventName(name: string): name is EventName {
  return Object.hasOwn(events, name);
}
