/** Listeners of a client; one that throws never breaks the node. */
import type { SoftadastraError } from "./result.js";

/** A key was written or deleted, as durably as the options ask. */
export interface ChangeEvent {
  /** The key as text; `keyBytes` has the truth where it is not UTF-8. */
  readonly key: string;
  readonly keyBytes: Uint8Array;
  readonly kind: "put" | "delete";
  /** Sequence of its record in the log. */
  readonly version: number;
  /** Node id of the node that wrote it. */
  readonly origin: string;
}

/** Events of a client, by name, with what their listeners are given. */
export interface ClientEvents {
  /** A key changed; its new value is what `get` answers from now on. */
  change: ChangeEvent;
  /** Some operation moved along the sync pipeline: ask `syncStateInfo` or `outbox` anew. */
  sync: { readonly reason: "submitted" | "tick" | "retry" | "prune" };
  /** A peer came or went; not in this version, which has no transport. */
  peer: { readonly nodeId: string; readonly connected: boolean };
  /** Something failed that no call of yours was waiting for: a write in the background, or one of your listeners. */
  error: SoftadastraError | Error;
}

/** `change`, `sync`, `peer` or `error`. */
export type ClientEventName = keyof ClientEvents;
/** What `client.on` calls. */
export type Listener<E extends ClientEventName> = (event: ClientEvents[E]) => void;

export class EventHub {
  readonly #listeners = new Map<ClientEventName, Set<Listener<never>>>();

  on<E extends ClientEventName>(event: E, listener: Listener<E>): () => void {
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners);
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  has(event: ClientEventName): boolean {
    return (this.#listeners.get(event)?.size ?? 0) > 0;
  }

  emit<E extends ClientEventName>(event: E, payload: ClientEvents[E]): void {
    for (const listener of [...(this.#listeners.get(event) ?? [])] as Listener<E>[]) {
      try {
        listener(payload);
      } catch (error) {
        // Told to the error listeners; an error listener that throws has nobody left to tell.
        if (event !== "error") this.emit("error", error instanceof Error ? error : new Error(String(error)));
      }
    }
  }
}
