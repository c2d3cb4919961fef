/** A host for tests: speaks the contract's frames, answers what a test tells it to, and never anything the contract does not allow. */
import {
  type Answer,
  type Bridge,
  ClientFrame,
  type CommandName,
  commands,
  type EventName,
  type EventPayload,
  events,
  fail,
  isCommandName,
  type Output,
  type ParsedInput,
  parseOutput,
} from "@softadastra/inspector-contract";
import * as v from "valibot";
import { sessionState } from "./facts.ts";

type Handle<C extends CommandName> = (input: ParsedInput<C>) => Answer<C> | Promise<Answer<C>>;

export interface Call {
  readonly command: string;
  readonly input: unknown;
}

/** An answer that a test gives when it wants to. */
export interface Held<C extends CommandName> {
  readonly input: ParsedInput<C>;
  readonly answer: (value: Output<C>) => Promise<void>;
}

const INFO: Output<"app.info"> = {
  version: "0.0.0",
  host: "electron",
  platform: "test",
  hasNativeDialogs: true,
  settings: {},
  startPath: null,
};

/** Lets everything happen that waits for nothing but its turn. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

export class FakeHost {
  readonly calls: Call[] = [];
  readonly #handlers = new Map<string, (input: never) => unknown>();
  readonly #subscriptions = new Map<string, number>();
  #sendText: (text: string) => void = () => undefined;
  #end: () => void = () => undefined;
  #sequence = 0;

  constructor(settings: Readonly<Record<string, string>> = {}) {
    this.on("app.info", () => ({ ok: true, value: { ...INFO, settings } }));
    this.on("settings.write", () => ({ ok: true, value: {} }));
  }

  /** From now on the command is answered like this. */
  on<C extends CommandName>(command: C, handle: Handle<C>): this {
    this.#handlers.set(command, handle);
    return this;
  }

  /** From now on calls of the command wait in the list that is returned, until the test answers them, in any order. */
  hold<C extends CommandName>(command: C): Held<C>[] {
    const held: Held<C>[] = [];
    this.on(command, (input) => {
      return new Promise((resolve) => {
        const answer = (value: Output<C>) => {
          resolve({ ok: true, value });
          return settle();
        };
        held.push({ input, answer });
      });
    });
    return held;
  }

  /** Inputs of the calls of a command so far. */
  inputsOf<C extends CommandName>(command: C): ParsedInput<C>[] {
    const made = this.calls.filter((call) => call.command === command);
    // Parsed with the command's own schema when the call came in.
    return made.map((call) => call.input as ParsedInput<C>);
  }

  async publish<E extends EventName>(event: E, payload: EventPayload<E>): Promise<void> {
    const id = this.#subscriptions.get(event);
    if (id === undefined) throw new Error(`nobody listens to ${event}`);
    this.#send({ t: "push", id, sequence: ++this.#sequence, payload: v.parse(events[event].payload, payload) });
    await settle();
  }

  /** Tells the page about the open file, as the host does after every change. */
  publishSession(change: Partial<EventPayload<"session">>): Promise<void> {
    const none = { keysRevision: 0, viewsRevision: 0, syncRevision: 0, healthRevision: 0 };
    return this.publish("session", { state: sessionState(), ...none, ...change });
  }

  /** What the desktop app's preload puts on the window. */
  bridge(): Bridge {
    return {
      connect: (onText, onClose) => {
        this.#sendText = onText;
        this.#end = onClose;
        return { send: (text) => void this.#receive(v.parse(ClientFrame, JSON.parse(text))), close: () => undefined };
      },
      pathOf: () => "",
    };
  }

  /** The host is gone. */
  end(): Promise<void> {
    this.#end();
    return settle();
  }

  refuse(reason: string): void {
    this.#send({ t: "bye", reason });
  }

  #send(frame: object): void {
    this.#sendText(JSON.stringify(frame));
  }

  async #receive(frame: ClientFrame): Promise<void> {
    // A real channel is never quicker than the code that sends.
    await Promise.resolve();
    if (frame.t === "hello") this.#send({ t: "welcome", v: frame.v });
    else if (frame.t === "subscribe") this.#subscriptions.set(frame.event, frame.id);
    else if (frame.t === "call") this.#send({ t: "reply", id: frame.id, outcome: await this.#answer(frame) });
  }

  async #answer({ command, input }: Call): Promise<unknown> {
    if (!isCommandName(command)) throw new Error(`the contract has no command ${command}`);
    const parsed = v.parse(commands[command].input, input);
    this.calls.push({ command, input: parsed });
    const handle = this.#handlers.get(command);
    if (handle === undefined) return fail("SessionClosed", `this test does not answer ${command}`);
    const outcome = (await handle(parsed as never)) as Answer<CommandName>;
    if (outcome.ok && !parseOutput(command, outcome.value)) throw new Error(`the contract does not allow that answer`);
    return outcome;
  }
}
