/** Two ends in one process: for tests, and a reference for what a channel does. */
import type { ClientChannel, ClientFrame, HostChannel, HostFrame } from "./frames.ts";

class End<Outgoing> {
  peer: End<unknown> | null = null;
  #frameListener: ((frame: unknown) => void) | null = null;
  #closeListener: (() => void) | null = null;
  #waiting: unknown[] = [];
  #isClosed = false;

  send(frame: Outgoing): void {
    if (this.#isClosed) return;
    // What crosses a real channel is a copy.
    const copy: unknown = JSON.parse(JSON.stringify(frame));
    void Promise.resolve().then(() => this.peer?.receive(copy));
  }

  receive(frame: unknown): void {
    if (this.#isClosed) return;
    if (this.#frameListener === null) this.#waiting.push(frame);
    else this.#frameListener(frame);
  }

  onFrame(listener: (frame: unknown) => void): void {
    this.#frameListener = listener;
    for (const frame of this.#waiting.splice(0)) listener(frame);
  }

  onClose(listener: () => void): void {
    this.#closeListener = listener;
    if (this.#isClosed) listener();
  }

  close(): void {
    this.end();
    void Promise.resolve().then(() => this.peer?.end());
  }

  end(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#closeListener?.();
  }
}

export function memoryChannel(): { client: ClientChannel; host: HostChannel } {
  const client = new End<ClientFrame>();
  const host = new End<HostFrame>();
  client.peer = host as End<unknown>;
  host.peer = client as End<unknown>;
  return { client, host };
}
