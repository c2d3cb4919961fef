/** The renderer's end of the contract: calls with typed answers, cancelling, subscriptions that acknowledge what they got. */
import * as v from "valibot";
import { type Answer, type CommandName, commands, type Input } from "./commands.ts";
import { type EventName, type EventPayload, events } from "./events.ts";
import { type ClientChannel, HostFrame } from "./frames.ts";
import { PROTOCOL_VERSION } from "./limits.ts";
import { fail, type Outcome } from "./result.ts";

/** The part of an AbortSignal that is used here: the contract knows neither Node nor the DOM. */
export interface CancelSignal {
  readonly aborted: boolean;
  addEventListener(type: "abort", listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

interface PendingCall {
  readonly settle: (outcome: Outcome<unknown>) => void;
}

interface Subscription {
  readonly event: EventName;
  readonly listener: (payload: never) => void | Promise<void>;
}

export interface InspectorClient {
  call<C extends CommandName>(command: C, input: Input<C>, signal?: CancelSignal): Promise<Answer<C>>;
  /** Listens until the returned function is called. The next event comes when the listener is done with this one. */
  subscribe<E extends EventName>(event: E, listener: (payload: EventPayload<E>) => void | Promise<void>): () => void;
  /** Resolves with true when the host took us in, false when it refused or went away. */
  readonly welcomed: Promise<boolean>;
  /** Called once, with the host's reason where it gave one. */
  onClosed(listener: (reason: string) => void): void;
  close(): void;
}

/** `token` is what a browser host asks for in the first frame. */
export function createClient(channel: ClientChannel, token?: string): InspectorClient {
  return new ChannelClient(channel, token);
}

class ChannelClient implements InspectorClient {
  readonly #channel: ClientChannel;
  readonly #calls = new Map<number, PendingCall>();
  readonly #subscriptions = new Map<number, Subscription>();
  readonly #closedListeners: ((reason: string) => void)[] = [];
  readonly welcomed: Promise<boolean>;
  #settleWelcome: (isWelcome: boolean) => void = () => undefined;
  #nextId = 1;
  #closedReason: string | null = null;

  constructor(channel: ClientChannel, token: string | undefined) {
    this.#channel = channel;
    this.welcomed = new Promise((resolve) => {
      this.#settleWelcome = resolve;
    });
    channel.onFrame((frame) => this.#receive(frame));
    channel.onClose(() => this.#closed("the connection to the host ended"));
    channel.send({ t: "hello", v: PROTOCOL_VERSION, ...(token === undefined ? {} : { token }) });
  }

  call<C extends CommandName>(command: C, input: Input<C>, signal?: CancelSignal): Promise<Answer<C>> {
    if (this.#closedReason !== null) return Promise.resolve(fail("Disconnected", this.#closedReason));
    if (signal?.aborted) return Promise.resolve(fail("Cancelled", "the call was cancelled"));
    const id = this.#nextId++;
    return new Promise((resolve) => {
      const cancel = () => {
        this.#channel.send({ t: "cancel", id });
        this.#settle(id, fail("Cancelled", "the call was cancelled"));
      };
      this.#calls.set(id, {
        settle: (outcome) => {
          signal?.removeEventListener("abort", cancel);
          // The host parses what it sends in tests and development; the type is the contract's.
          resolve(outcome as Answer<C>);
        },
      });
      signal?.addEventListener("abort", cancel, { once: true });
      this.#channel.send({ t: "call", id, command, input });
    });
  }

  #settle(id: number, outcome: Outcome<unknown>): void {
    const call = this.#calls.get(id);
    this.#calls.delete(id);
    call?.settle(outcome);
  }

  subscribe<E extends EventName>(event: E, listener: (payload: EventPayload<E>) => void | Promise<void>): () => void {
    const id = this.#nextId++;
    this.#subscriptions.set(id, { event, listener });
    if (this.#closedReason === null) this.#channel.send({ t: "subscribe", id, event });
    return () => {
      if (this.#subscriptions.delete(id) && this.#closedReason === null) this.#channel.send({ t: "unsubscribe", id });
    };
  }

  #receive(raw: unknown): void {
    const parsed = v.safeParse(HostFrame, raw);
    if (!parsed.success) return;
    const frame = parsed.output;
    if (frame.t === "welcome") this.#settleWelcome(true);
    else if (frame.t === "reply") this.#settle(frame.id, frame.outcome as Outcome<unknown>);
    else if (frame.t === "push") void this.#deliver(frame.id, frame.sequence, frame.payload);
    else {
      this.#closed(frame.reason);
      this.#channel.close();
    }
  }

  async #deliver(id: number, sequence: number, payload: unknown): Promise<void> {
    const subscription = this.#subscriptions.get(id);
    if (subscription === undefined) return;
    const parsed = v.safeParse(events[subscription.event].payload, payload);
    try {
      if (parsed.success) await subscription.listener(parsed.output as never);
    } finally {
      if (this.#subscriptions.has(id) && this.#closedReason === null) this.#channel.send({ t: "ack", id, sequence });
    }
  }

  onClosed(listener: (reason: string) => void): void {
    if (this.#closedReason !== null) listener(this.#closedReason);
    else this.#closedListeners.push(listener);
  }

  #closed(reason: string): void {
    if (this.#closedReason !== null) return;
    this.#closedReason = reason;
    this.#settleWelcome(false);
    for (const id of this.#calls.keys()) this.#settle(id, fail("Disconnected", reason));
    for (const listener of this.#closedListeners) listener(reason);
  }

  close(): void {
    this.#closed("closed by this side");
    this.#channel.close();
  }
}

/** Checks an output against the contract: for tests and development builds. */
export function parseOutput<C extends CommandName>(command: C, value: unknown): boolean {
  return v.safeParse(commands[command].output, value).success;
}
