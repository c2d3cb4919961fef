/** Commands that write: each one becomes records at the end of the log, and answers when they are on the disk and shown. */
import type { Handlers } from "@softadastra/inspector-contract";
import { displayText, fromBase64, toBase64 } from "../log-view/display-text.ts";
import type { CallContext } from "../server/connection.ts";
import type { Desk } from "../sessions/desk.ts";
import { answer, HostError, unwrap } from "../sessions/host-error.ts";
import type { Session } from "../sessions/session.ts";

type StoreCommands = Pick<Handlers<CallContext>, "store.put" | "store.remove" | "store.restore" | "store.rename">;

/** Values are copied inside the host in pieces of this size. */
const PIECE_BYTES = 4 * 1024 * 1024;

export function storeCommands(desk: Desk): StoreCommands {
  return {
    "store.put": ({ session: id, key, value, mustBeNew }) =>
      answer("store.put", async () => {
        const session = desk.require(id);
        const client = session.writer();
        const keyBytes = fromBase64(key);
        if (mustBeNew && client.contains(keyBytes)) throw exists(keyBytes);
        unwrap(await client.put(keyBytes, fromBase64(value)));
        await session.takeUp(1);
        const { sequence, offset } = await newest(session, key);
        return { sequence, offset, outboxOpenCount: session.state().outboxOpenCount };
      }),
    "store.remove": ({ session: id, key }) =>
      answer("store.remove", async () => {
        const session = desk.require(id);
        const client = session.writer();
        const before = await session.thread.view.newestOf(key);
        if (before === null || before.isDelete) throw absent();
        unwrap(await client.remove(fromBase64(key)));
        await session.takeUp(1);
        const { sequence, offset } = await newest(session, key);
        return { sequence, offset, previousOffset: before.offset };
      }),
    "store.restore": ({ session: id, key, offset: at }) =>
      answer("store.restore", async () => {
        const session = desk.require(id);
        const client = session.writer();
        unwrap(await client.put(fromBase64(key), await wholeValue(session, key, at)));
        await session.takeUp(1);
        return newest(session, key);
      }),
    "store.rename": ({ session: id, key, to }) =>
      answer("store.rename", async () => {
        const session = desk.require(id);
        const client = session.writer();
        if (client.contains(fromBase64(to))) throw exists(fromBase64(to));
        unwrap(await client.put(fromBase64(to), await wholeValue(session, key, null)));
        const removed = await client.remove(fromBase64(key));
        // Also when the second half failed: the first is in the log.
        await session.takeUp(removed.isOk() ? 2 : 1);
        unwrap(removed);
        return {
          putSequence: (await newest(session, to)).sequence,
          deleteSequence: (await newest(session, key)).sequence,
        };
      }),
  };
}

function exists(key: Uint8Array): HostError {
  return new HostError("Exists", `${displayText(key).text} has a value already.`, { key: toBase64(key) });
}

function absent(): HostError {
  return new HostError("KeyAbsent", "This key has no value.");
}

async function newest(session: Session, key: string): Promise<{ sequence: number; offset: number }> {
  const record = await session.thread.view.newestOf(key);
  if (record === null) throw new Error("a record that was just written is not in the log");
  return { sequence: record.sequence, offset: record.offset };
}

async function wholeValue(session: Session, key: string, at: number | null): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for (let start = 0; ; start += PIECE_BYTES) {
    const piece = await session.thread.view.readValue(key, at, start, PIECE_BYTES);
    if (piece === null) throw absent();
    pieces.push(fromBase64(piece.bytes));
    if (start + PIECE_BYTES >= piece.valueBytes) return Buffer.concat(pieces);
  }
}
