/**
 * One client's connection: checks every frame, runs commands, and tells events one at a time. Nothing a client sends
 * throws; what it does wrong is answered with a code, and what it must not do ends the connection.
 */
import { randomBytes } from "node:crypto";
import {
  ClientFrame,
  commands,
  type EventName,
  events,
  fail,
  type Handlers,
  type HostChannel,
  isCommandName,
  isEventName,
  limits,
  type Outcome,
} from "@softadastra/inspector-contract";
import * as v from "valibot";

export interface CallContext {
  /** Aborted when the client cancels the call or goes away. */
  readonly signal: AbortSignal;
}

export interface EventSource {
  onEvent(listener: (event: EventName, payload: unknown) => void): () => void;
  /** What a state event would say now. */
  snapshot(event: EventName): unknown;
}

export interface ConnectionOptions {
  readonly handlers: Handlers<CallContext>;
  readonly events: EventSource;
  /** Asked of the client in its first frame; absent where the channel itself is trusted. */
  readonly token?: string;
  /** Checks what handlers answer against the contract: on in tests and development. */
  readonly checksOutputs?: boolean;
  readonly log?: (message: string, error: unknown) => void;
}

interface Subscription {
  readonly event: EventName;
  sequence: number;
  isInFlight: boolean;
  /** A state event: something newer is to be told. A queue event: what waits. */
  hasNews: boolean;
  readonly queue: unknown[];
}

export class Connection {
  readonly #channel: HostChannel;
  readonly #options: ConnectionOptions;
  readonly #calls = new Map<number, AbortController>();
  readonly #subscriptions = new Map<number, Subscription>();
  readonly #stopListening: () => void;
  #isWelcome = false;
  #isClosed = false;

  constructor(channel: HostChannel, options: ConnectionOptions) {
    this.#channel = channel;
    this.#options = options;
    this.#stopListening = options.events.onEvent((event, payload) => this.#happened(event, payload));
    channel.onFrame((frame) => this.#receive(frame));
    channel.onClose(() => this.#end());
  }

  #receive(raw: unknown): void {
    if (this.#isClosed) return;
    const parsed = v.safeParse(ClientFrame, raw);
    if (!parsed.success) {
      this.#refuse("this is not a frame of the inspector's protocol");
      return;
    }
    const frame = parsed.output;
    if (!this.#isWelcome) {
      this.#greet(frame);
      return;
    }
    if (frame.t === "call") void this.#call(frame.id, frame.command, frame.input);
    else if (frame.t === "cancel") this.#calls.get(frame.id)?.abort();
    else if (frame.t === "subscribe") this.#subscribe(frame.id, frame.event);
    else if (frame.t === "ack") this.#acknowledged(frame.id, frame.sequence);
    else if (frame.t === "unsubscribe") this.#subscriptions.delete(frame.id);
    else this.#refuse("a second hello");
  }

  #greet(frame: ClientFrame): void {
    if (frame.t !== "hello") this.#refuse("the first frame must be a hello");
    else if (this.#options.token !== undefined && !sameText(frame.token ?? "", this.#options.token)) {
      this.#refuse("the token is wrong: open the address that the host printed");
    } else if (frame.v !== limits.PROTOCOL_VERSION) {
      const older = frame.v < limits.PROTOCOL_VERSION ? "page" : "host";
      this.#refuse(`the ${older} is of an older version: reload the page, or start the host again`);
    } else {
      this.#isWelcome = true;
      this.#channel.send({ t: "welcome", v: limits.PROTOCOL_VERSION });
    }
  }

  async #call(id: number, command: string, input: unknown): Promise<void> {
    const controller = new AbortController();
    if (this.#calls.has(id)) return this.#reply(id, fail("InvalidInput", `call ${id} is under way already`));
    if (this.#calls.size >= limits.CALLS_IN_FLIGHT_MAX) {
      return this.#reply(id, fail("TooMany", `${limits.CALLS_IN_FLIGHT_MAX} calls are under way; wait for one to end`));
    }
    this.#calls.set(id, controller);
    const outcome = await this.#run(command, input, controller.signal);
    this.#calls.delete(id);
    this.#reply(id, controller.signal.aborted ? fail("Cancelled", "the call was cancelled") : outcome);
  }

  async #run(command: string, input: unknown, signal: AbortSignal): Promise<Outcome<unknown>> {
    if (!isCommandName(command)) return fail("UnknownCommand", `there is no command ${JSON.stringify(command)}`);
    const parsed = v.safeParse(commands[command].input, input);
    if (!parsed.success) {
      const issue = parsed.issues[0];
      const where = v.getDotPath(issue) ?? "input";
      return fail("InvalidInput", `${command}: ${where}: ${issue.message.slice(0, 200)}`);
    }
    try {
      // Parsed by the command's own schema: the handler's parameter is that schema's output.
      const handler = this.#options.handlers[command] as (
        input: unknown,
        context: CallContext,
      ) => Promise<Outcome<unknown>>;
      const outcome = await handler(parsed.output, { signal });
      if (outcome.ok && this.#options.checksOutputs) v.parse(commands[command].output, outcome.value);
      return outcome;
    } catch (error) {
      if (signal.aborted) return fail("Cancelled", "the call was cancelled");
      // The number finds the entry in the host's log; the error itself stays there.
      const reference = randomBytes(4).toString("hex");
      this.#options.log?.(`internal error ${reference} in ${command}`, error);
      return fail(
        "Internal",
        `Something went wrong inside the inspector (${reference}). The file was not changed by this.`,
      );
    }
  }

  #reply(id: number, outcome: Outcome<unknown>): void {
    if (!this.#isClosed) this.#channel.send({ t: "reply", id, outcome });
  }

  #subscribe(id: number, event: string): void {
    if (!isEventName(event) || this.#subscriptions.has(id) || this.#subscriptions.size >= limits.SUBSCRIPTIONS_MAX) {
      this.#refuse(`cannot subscribe to ${JSON.stringify(event)}`);
      return;
    }
    const isState = events[event].kind === "state";
    const subscription = { event, sequence: 0, isInFlight: false, hasNews: isState, queue: [] };
    this.#subscriptions.set(id, subscription);
    if (isState) this.#push(id, subscription);
  }

  #happened(event: EventName, payload: unknown): void {
    for (const [id, subscription] of this.#subscriptions) {
      if (subscription.event !== event) continue;
      if (events[event].kind === "state") subscription.hasNews = true;
      else if (subscription.queue.length < limits.QUEUED_EVENTS_MAX) subscription.queue.push(payload);
      if (!subscription.isInFlight) this.#push(id, subscription);
    }
  }

  /** One push is on its way at a time; what comes meanwhile is told after it was acknowledged, the newest state only. */
  #push(id: number, subscription: Subscription): void {
    const isState = events[subscription.event].kind === "state";
    if (this.#isClosed || (isState ? !subscription.hasNews : subscription.queue.length === 0)) return;
    const payload = isState ? this.#options.events.snapshot(subscription.event) : subscription.queue.shift();
    subscription.hasNews = false;
    subscription.isInFlight = true;
    subscription.sequence += 1;
    this.#channel.send({ t: "push", id, sequence: subscription.sequence, payload });
  }

  #acknowledged(id: number, sequence: number): void {
    const subscription = this.#subscriptions.get(id);
    if (subscription === undefined || subscription.sequence !== sequence) return;
    subscription.isInFlight = false;
    this.#push(id, subscription);
  }

  #refuse(reason: string): void {
    if (this.#isClosed) return;
    this.#channel.send({ t: "bye", reason });
    this.close();
  }

  #end(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#stopListening();
    for (const controller of this.#calls.values()) controller.abort();
    this.#subscriptions.clear();
  }

  close(): void {
    this.#end();
    this.#channel.close();
  }
}

/** Compares without telling by its time how much was right. */
function sameText(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < b.length; i += 1) difference |= (a.charCodeAt(i) || 0) ^ b.charCodeAt(i);
  return difference === 0;
}
