/** The renderer's picture of the host: the connection, the open file, and what changed in it. The host owns the truth. */
import {
  type Answer,
  type CommandName,
  createClient,
  type EventPayload,
  type Input,
  type InspectorClient,
  type Output,
  type SessionState,
} from "@softadastra/inspector-contract";
import { create } from "zustand";
import { copyText } from "./clipboard.ts";
import { connectToHost, takeToken } from "./host.ts";
import { showToast } from "./toasts.ts";

export interface HostInfo {
  readonly version: string;
  readonly host: "electron" | "browser";
  readonly platform: string;
  readonly hasNativeDialogs: boolean;
}

interface InspectorState {
  readonly connection: "connecting" | "open" | "lost";
  readonly lostReason: string;
  readonly lostAtMs: number;
  readonly info: HostInfo | null;
  readonly settings: Readonly<Record<string, string>>;
  readonly session: SessionState | null;
  readonly keysRevision: number;
  readonly viewsRevision: number;
  readonly syncRevision: number;
  readonly healthRevision: number;
  readonly recentsRevision: number;
  readonly progress: EventPayload<"progress">["task"];
}

export const useInspector = create<InspectorState>(() => ({
  connection: "connecting",
  lostReason: "",
  lostAtMs: 0,
  info: null,
  settings: {},
  session: null,
  keysRevision: 0,
  viewsRevision: 0,
  syncRevision: 0,
  healthRevision: 0,
  recentsRevision: 0,
  progress: null,
}));

let client: InspectorClient | null = null;

/** Calls the host; the answer is a value or a failure, never an exception. */
export function call<C extends CommandName>(command: C, input: Input<C>, signal?: AbortSignal): Promise<Answer<C>> {
  if (client === null) throw new Error("the inspector is not started");
  return client.call(command, input, signal);
}

/** As `call`, for actions of the user: a failure is shown as a toast and answers null. */
export async function perform<C extends CommandName>(
  command: C,
  input: Input<C>,
  what: string,
  signal?: AbortSignal,
): Promise<Output<C> | null> {
  const answer = await call(command, input, signal);
  if (answer.ok) return answer.value;
  if (answer.error.code !== "Cancelled") showFailure(what, answer.error);
  return null;
}

export function showFailure(
  what: string,
  error: { code: string; message: string; details?: object | undefined },
): void {
  showToast({
    tone: "error",
    title: what,
    detail: error.message,
    action: {
      label: "Copy details",
      run: () =>
        void copyText(`${what}\n${error.code}: ${error.message}\n${JSON.stringify(error.details ?? {}, null, 1)}`),
    },
  });
}

export interface StartOptions {
  /** Something a person asked for outside the page. */
  readonly onRequest: (request: EventPayload<"request">) => void;
  /** The connection is up; called once. */
  readonly onReady: (facts: Output<"app.info">) => void;
}

export async function startInspector({ onRequest, onReady }: StartOptions): Promise<void> {
  const opened = createClient(connectToHost(), takeToken());
  client = opened;
  opened.onClosed((reason) => {
    useInspector.setState({ connection: "lost", lostReason: reason, lostAtMs: Date.now() });
  });
  if (!(await opened.welcomed)) return;
  const info = await opened.call("app.info", {});
  if (!info.ok) return;
  const { settings, startPath: _startPath, ...facts } = info.value;
  useInspector.setState({ connection: "open", info: facts, settings });
  opened.subscribe("session", ({ state, ...revisions }) => {
    useInspector.setState({ session: state, ...revisions });
  });
  opened.subscribe("progress", ({ task }) => useInspector.setState({ progress: task }));
  opened.subscribe("recents", ({ revision }) => useInspector.setState({ recentsRevision: revision }));
  opened.subscribe("request", onRequest);
  onReady(info.value);
}

/** Keeps a piece of view state over restarts. */
export function writeSetting(name: string, value: string): void {
  if (useInspector.getState().settings[name] === value) return;
  useInspector.setState(({ settings }) => ({ settings: { ...settings, [name]: value } }));
  // Lost settings are a nuisance, not an error to interrupt anybody for.
  void call("settings.write", { name, value });
}

export function readSetting(name: string): string | undefined {
  return useInspector.getState().settings[name];
}

/** The session's number; a call made for a file that was closed meanwhile is refused by the host. */
export function sessionId(): number {
  return useInspector.getState().session?.session ?? -1;
}
