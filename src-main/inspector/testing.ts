/** An inspector in a directory of the test's own, and clients of it over a memory channel. */
import fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Answer,
  type CommandName,
  createClient,
  type HostChannel,
  type Input,
  type InspectorClient,
  memoryChannel,
  type Output,
  type SessionState,
} from "@softadastra/inspector-contract";
import { onTestFinished } from "vitest";
import type { HostAbilities } from "./commands/app-commands.ts";
import { createInspector } from "./inspector.ts";
import { Connection } from "./server/connection.ts";
import type { Desk } from "./sessions/desk.ts";

const ROOT = join(import.meta.dirname, "../..");
/** The reading thread, as vitest.setup.ts built it for this run. */
export const TEST_WORKER_URL = new URL(process.env.SOFTADASTRA_TEST_WORKER ?? "missing:vitest.setup.ts");

export interface TestInspector {
  readonly directory: string;
  readonly client: InspectorClient;
  /** Host ends of further connections, for tests of other channels. */
  serve(channel: HostChannel, token?: string): Connection;
  connect(): InspectorClient;
  /** The value of an answer; an error of it fails the test. */
  call<C extends CommandName>(command: C, input: Input<C>): Promise<Output<C>>;
  /** The code of an answer that must be an error. */
  codeOf<C extends CommandName>(command: C, input: Input<C>): Promise<string>;
  open(path: string): Promise<SessionState>;
  /** Waits until reading has ended. */
  indexed(): Promise<SessionState>;
  readonly internalErrors: unknown[];
}

export function tempDirectory(): string {
  const path = fs.realpathSync(fs.mkdtempSync(join(tmpdir(), "softadastra-test-")));
  onTestFinished(() => fs.rmSync(path, { recursive: true, force: true }));
  return path;
}

export function startInspector(abilities: Partial<HostAbilities> = {}): TestInspector {
  return startedInspector(abilities).inspector;
}

/** As `startInspector`, with the desk behind it: for what no command does. */
export function startedInspector(abilities: Partial<HostAbilities> = {}): { inspector: TestInspector; desk: Desk } {
  const directory = tempDirectory();
  const internalErrors: unknown[] = [];
  const { desk, handlers } = createInspector(
    {
      workerUrl: TEST_WORKER_URL,
      dataDirectory: join(directory, "inspector-data"),
      samplesDirectory: join(ROOT, "resources/samples"),
    },
    { version: "0.0.0-test", host: "browser", ...abilities },
  );
  const connections: Connection[] = [];
  const serve = (channel: HostChannel, token?: string) => {
    const connection = new Connection(channel, {
      handlers,
      events: desk,
      checksOutputs: true,
      log: (_, error) => internalErrors.push(error),
      ...(token === undefined ? {} : { token }),
    });
    connections.push(connection);
    return connection;
  };
  const connect = () => {
    const pair = memoryChannel();
    serve(pair.host);
    return createClient(pair.client);
  };
  const client = connect();
  onTestFinished(async () => {
    for (const connection of connections) connection.close();
    await desk.end();
    if (internalErrors.length > 0) throw new AggregateError(internalErrors, "a command failed inside the inspector");
  });

  const call = async <C extends CommandName>(command: C, input: Input<C>): Promise<Output<C>> => {
    const answer: Answer<C> = await client.call(command, input);
    if (!answer.ok) throw new Error(`${command}: ${answer.error.code}: ${answer.error.message}`);
    return answer.value;
  };
  const indexed = async () => {
    for (;;) {
      const { state } = await call("session.current", {});
      if (state === null) throw new Error("no file is open");
      if (state.indexing.phase !== "reading" && state.indexing.phase !== "searching") return state;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  const inspector: TestInspector = {
    directory,
    client,
    serve,
    connect,
    call,
    indexed,
    internalErrors,
    async codeOf(command, input) {
      const answer = await client.call(command, input);
      return answer.ok ? "ok" : answer.error.code;
    },
    async open(path) {
      const opened = await call("session.open", { path });
      if (opened.kind !== "session") throw new Error(`${path} is ${opened.kind}`);
      return indexed();
    },
  };
  return { inspector, desk };
}
