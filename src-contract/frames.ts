/** What travels over a channel, whatever it is made of: Electron IPC, WebSocket, or memory. */
import * as v from "valibot";
import { Count } from "./shapes.ts";

const Id = Count;
const Name = v.pipe(v.string(), v.maxLength(64));
/** A browser host's token; absent where the channel itself is trusted. */
const Token = v.pipe(v.string(), v.maxLength(128));

export const ClientFrame = v.variant("t", [
  v.strictObject({ t: v.literal("hello"), v: Count, token: v.optional(Token) }),
  v.strictObject({ t: v.literal("call"), id: Id, command: Name, input: v.unknown() }),
  v.strictObject({ t: v.literal("cancel"), id: Id }),
  v.strictObject({ t: v.literal("subscribe"), id: Id, event: Name }),
  v.strictObject({ t: v.literal("ack"), id: Id, sequence: Count }),
  v.strictObject({ t: v.literal("unsubscribe"), id: Id }),
]);
export type ClientFrame = v.InferOutput<typeof ClientFrame>;

export const HostFrame = v.variant("t", [
  v.object({ t: v.literal("welcome"), v: Count }),
  v.object({ t: v.literal("reply"), id: Id, outcome: v.unknown() }),
  v.object({ t: v.literal("push"), id: Id, sequence: Count, payload: v.unknown() }),
  v.object({ t: v.literal("bye"), reason: v.string() }),
]);
export type HostFrame = v.InferOutput<typeof HostFrame>;

/** One end of a connection. Frames arrive whole, in order, and are plain data. */
export interface Channel<Outgoing, Incoming> {
  send(frame: Outgoing): void;
  onFrame(listener: (frame: Incoming) => void): void;
  /** Called once, when nothing more can arrive. */
  onClose(listener: () => void): void;
  close(): void;
}

export type ClientChannel = Channel<ClientFrame, unknown>;
export type HostChannel = Channel<HostFrame, unknown>;
