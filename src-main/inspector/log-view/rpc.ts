/** Calls over a message port: the methods of an object in a worker thread, as if they were here. */
import type { MessagePort, Worker } from "node:worker_threads";

/** What a port and a worker have in common. */
type Endpoint = Pick<MessagePort, "postMessage"> & {
  on(event: "message", listener: (message: unknown) => void): unknown;
};

type Request = { readonly id: number; readonly method: string; readonly args: readonly unknown[] };
type Reply =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: { readonly message: string; readonly code?: string | undefined } };
type Event = { readonly event: string; readonly payload: unknown };
type FromWorker = Reply | Event;

/** An error that crossed from the worker: its message, and the system's code where it had one. */
export class RemoteError extends Error {
  readonly code: string | undefined;
  constructor(message: string, code: string | undefined) {
    super(message);
    this.code = code;
  }
}

export class WorkerGone extends Error {}

/** A method with any parameters at all. */
type Method = (...args: never[]) => unknown;

/** The object's methods, each answering a promise. */
export type Remote<T> = {
  readonly [K in keyof T as T[K] extends Method ? K : never]: T[K] extends (...args: infer A) => infer R
    ? (...args: A) => Promise<Awaited<R>>
    : never;
};

/** Answers requests that arrive on the port with the methods of the objects: each name belongs to one of them. */
export function serve(port: Endpoint, ...services: readonly (readonly [object, readonly string[]])[]): void {
  port.on("message", (message) => {
    const { id, method, args } = message as Request;
    void answer(id, method, args);
  });

  async function answer(id: number, method: string, args: readonly unknown[]): Promise<void> {
    try {
      const [target] = services.find(([, methods]) => methods.includes(method)) ?? [];
      if (target === undefined) throw new Error(`no method ${method}`);
      const value = await (target as Record<string, (...args: readonly unknown[]) => unknown>)[method]?.(...args);
      port.postMessage({ id, value } satisfies Reply);
    } catch (error) {
      const code = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
      port.postMessage({
        id,
        error: { message: error instanceof Error ? error.message : String(error), code },
      } satisfies Reply);
    }
  }
}

export function tell(port: Pick<MessagePort, "postMessage">, event: string, payload: unknown): void {
  port.postMessage({ event, payload } satisfies Event);
}

export class RpcCaller {
  readonly #port: Endpoint;
  readonly #pending = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  readonly #listeners = new Map<string, (payload: unknown) => void>();
  #nextId = 1;
  #gone: WorkerGone | null = null;

  constructor(port: Endpoint) {
    this.#port = port;
    port.on("message", (message) => this.#receive(message as FromWorker));
  }

  #receive(message: FromWorker): void {
    if ("event" in message) {
      this.#listeners.get(message.event)?.(message.payload);
      return;
    }
    const call = this.#pending.get(message.id);
    this.#pending.delete(message.id);
    if (call === undefined) return;
    if ("error" in message) call.reject(new RemoteError(message.error.message, message.error.code));
    else call.resolve(message.value);
  }

  call(method: string, args: readonly unknown[]): Promise<unknown> {
    if (this.#gone) return Promise.reject(this.#gone);
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#port.postMessage({ id, method, args } satisfies Request);
    });
  }

  on(event: string, listener: (payload: unknown) => void): void {
    this.#listeners.set(event, listener);
  }

  /** The other side is gone: every call under way, and every later one, is told so. */
  end(reason: string): void {
    this.#gone ??= new WorkerGone(reason);
    for (const { reject } of this.#pending.values()) reject(this.#gone);
    this.#pending.clear();
  }

  /** The methods of the object on the other side. */
  remote<T>(): Remote<T> {
    return new Proxy({} as Remote<T>, {
      // `then` must stay undefined, or awaiting the remote itself would call it.
      get: (_, method) =>
        typeof method === "string" && method !== "then" ? (...args: unknown[]) => this.call(method, args) : undefined,
    });
  }
}

export function endWithWorker(worker: Worker, caller: RpcCaller): void {
  worker.on("error", (error) => caller.end(`the reading thread failed: ${error.message}`));
  worker.on("exit", () => caller.end("the reading thread ended"));
}
