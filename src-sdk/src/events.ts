/** Listeners of a client; one that throws never breaks the node. */
import type { SoftadastraError } from "./result.js";

export interface ChangeEvent {
  readonly key: string;
  readonly keyBytes: Uint8Array;
  readonly kind: "put" | "delete";
  readonly version: number;
  /** Node id of the node that wrote it. */
  readonly origin: string;
}

export interface ClientEvents {
  /** A key changed; its new value is what `get` answers from now on. */
  change: ChangeEvent;
  /** Some operation moved along the sync pipeline. */
  sync: { readonly reason: "submitted" | "tick" | "retry" | "prune" };
  peer: { readonly nodeId: string; readonly connected: boolean };
  /** Something failed that no call of yours was waiting for. */
  error: SoftadastraError | Error;
}

export type ClientEventName = keyof ClientEvents;
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
