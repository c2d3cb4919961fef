/** Commands that list keys and read values, answered by the reading thread. */
import { type Delivery, fail, type Handlers, succeed } from "@softadastra/inspector-contract";
import type { CallContext } from "../server/connection.ts";
import type { Desk } from "../sessions/desk.ts";
import { answer, HostError } from "../sessions/host-error.ts";
import type { Session } from "../sessions/session.ts";
import { deliveryOf } from "./sync-commands.ts";

type KeyCommands = Pick<
  Handlers<CallContext>,
  | "keys.open"
  | "keys.close"
  | "keys.rows"
  | "keys.expand"
  | "keys.locate"
  | "keys.stopSearch"
  | "keys.describe"
  | "keys.history"
  | "keys.version"
  | "values.read"
>;

/** A view's number says which session it belongs to: a late question about a closed file must not meet another one. */
const VIEWS_PER_SESSION = 2 ** 20;

/** The number of the view in its session's thread. @throws HostError for a view of another file */
export function viewInSession(session: Session, view: number): number {
  if (Math.floor(view / VIEWS_PER_SESSION) !== session.id) throw new HostError("ViewClosed", "This list was closed.");
  return view % VIEWS_PER_SESSION;
}

export function keyCommands(desk: Desk): KeyCommands {
  const requireView = (view: number): { session: Session; id: number } => {
    const session = desk.session;
    if (session === null || Math.floor(view / VIEWS_PER_SESSION) !== session.id) throw viewClosed();
    return { session, id: view % VIEWS_PER_SESSION };
  };
  const viewClosed = () => new HostError("ViewClosed", "This list was closed.");

  return {
    "keys.open": ({ session: id, ...request }) =>
      answer("keys.open", async () => {
        const session = desk.require(id);
        const opened = await session.thread.view.openView(request);
        if ("badSearch" in opened) throw new HostError("BadSearch", opened.badSearch);
        return { view: session.id * VIEWS_PER_SESSION + opened.view };
      }),
    "keys.close": ({ view }) =>
      answer("keys.close", async () => {
        const session = desk.session;
        if (session !== null && Math.floor(view / VIEWS_PER_SESSION) === session.id) {
          await session.thread.view.closeView(view % VIEWS_PER_SESSION);
        }
        return {};
      }),
    "keys.rows": ({ view, start, count, asOf }) =>
      answer("keys.rows", async () => {
        const { session, id } = requireView(view);
        const page = await session.thread.view.rows(id, start, count, asOf ?? null);
        if (page === null) throw viewClosed();
        return page;
      }),
    "keys.expand": ({ view, prefix, isOpen }) =>
      answer("keys.expand", async () => {
        const { session, id } = requireView(view);
        if (!(await session.thread.view.expand(id, prefix, isOpen))) throw viewClosed();
        return {};
      }),
    "keys.locate": ({ view, key, asOf }) =>
      answer("keys.locate", async () => {
        const { session, id } = requireView(view);
        const located = await session.thread.view.locate(id, key, asOf ?? null);
        if (located === null) throw viewClosed();
        return located;
      }),
    "keys.stopSearch": ({ view }) =>
      answer("keys.stopSearch", async () => {
        const { session, id } = requireView(view);
        if (!(await session.thread.view.stopSearch(id))) throw viewClosed();
        return {};
      }),
    "keys.describe": async ({ session: id, key, separator, asOf }) => {
      const session = desk.session;
      if (session === null || session.id !== id) return fail("SessionClosed", "This file is not open any more.");
      const described = await session.thread.view.describe(key, separator, asOf ?? null);
      if (described === null) return fail("KeyAbsent", "This key is not in the log.");
      // The outbox is as it is now: of an earlier moment nobody can tell.
      const delivery: Delivery | null = asOf === undefined ? await deliveryOf(session, described.current) : null;
      return succeed({ ...described, origin: session.nodeId, isOwnOrigin: true, delivery });
    },
    "keys.history": ({ session: id, key, start, count }) =>
      answer("keys.history", async () => {
        const page = await desk.require(id).thread.view.history(key, start, count);
        if (page === null) throw new HostError("KeyAbsent", "This key is not in the log.");
        return page;
      }),
    "keys.version": ({ session: id, key, offset }) =>
      answer("keys.version", async () => {
        const version = await desk.require(id).thread.view.versionOf(key, offset);
        if (version === null) throw new HostError("KeyAbsent", "No version of this key stands there.");
        return version;
      }),
    "values.read": ({ session: id, key, offset, start, length }) =>
      answer("values.read", async () => {
        const value = await desk.require(id).thread.view.readValue(key, offset ?? null, start, length);
        if (value === null) throw new HostError("KeyAbsent", "This key has no value, or that record holds none of it.");
        return value;
      }),
  };
}
