/** Opens files, from wherever they come, behind the one guard; and keeps what a path turned out to be when it is no log. */
import { limits, type Opened, type SessionState } from "@softadastra/inspector-contract";
import { create } from "zustand";
import { toBase64 } from "./bytes.ts";
import { mayLeave } from "./guard.ts";
import { bridge } from "./host.ts";
import { call, perform, showFailure, useInspector } from "./inspector.ts";
import { showView, useNavigation, type ViewName } from "./navigation.ts";

type NoSession = Exclude<Opened, { kind: "session" }>;

interface Opening {
  /** What the last path was, when it could not be opened as a log: shown on the welcome screen. */
  readonly found: NoSession | null;
  /** Why the last path could not be opened at all. */
  readonly failure: { readonly path: string; readonly code: string; readonly message: string } | null;
  /** Something is being opened: its name, and how to end it. */
  readonly busy: { readonly name: string; readonly stop: () => void } | null;
  /** The in-page dialog that is open, on hosts without native ones. */
  readonly pathDialog:
    | { readonly purpose: "open" | "create" | "save" | "export" | "import"; readonly suggestion: string }
    | ({ readonly purpose: "other"; readonly suggestion: string } & PathQuestion)
    | null;
}

/** Writes to the path; answers what is wrong, or null. `Exists` asks to be told again with `overwrite`. */
export type SaveTo = (path: string, overwrite: boolean) => Promise<{ code: string; message: string } | null>;

/** A path to save something to: what the dialog says. */
export interface PathQuestion {
  readonly title: string;
  readonly label: string;
  readonly verb: string;
  readonly save: SaveTo;
}

export const useOpening = create<Opening>(() => ({ found: null, failure: null, busy: null, pathDialog: null }));

const nameOf = (path: string) => path.split(/[/\\]/).pop() ?? path;

export function forgetFound(): void {
  useOpening.setState({ found: null, failure: null });
}

/** Runs an opening that can be stopped; a second one waits for nothing and is refused. */
async function busily<T>(name: string, work: (signal: AbortSignal) => Promise<T>): Promise<T | null> {
  if (useOpening.getState().busy !== null) return null;
  const controller = new AbortController();
  useOpening.setState({ busy: { name, stop: () => controller.abort() } });
  try {
    return await work(controller.signal);
  } finally {
    useOpening.setState({ busy: null });
  }
}

/** An opened file begins with its keys, unless the user went somewhere while the answer was on its way. */
function beginWithKeys(viewBefore: ViewName): void {
  forgetFound();
  if (useNavigation.getState().view === viewBefore) showView("keys");
}

async function take(opened: Opened, viewBefore: ViewName): Promise<void> {
  if (opened.kind === "session") {
    beginWithKeys(viewBefore);
    return;
  }
  // What is no log is explained on the welcome screen: the file before makes room for it.
  const { session } = useInspector.getState();
  if (session !== null) await call("session.close", { session: session.session });
  useOpening.setState({ found: opened, failure: null });
}

/** Opens a path, read-only. A failure is shown where the user looks: on the welcome screen, or as a toast over a file. */
export async function openPath(path: string, searchWhole = false): Promise<void> {
  if (!(await mayLeaveFile(`opening ${nameOf(path)}`))) return;
  await busily(nameOf(path), async (signal) => {
    const { view } = useNavigation.getState();
    const answer = await call("session.open", { path, searchWhole }, signal);
    if (answer.ok) await take(answer.value, view);
    else if (answer.error.code !== "Cancelled") {
      if (useInspector.getState().session === null) {
        useOpening.setState({ found: null, failure: { path, code: answer.error.code, message: answer.error.message } });
      } else showFailure(`${nameOf(path)} was not opened`, answer.error);
    }
  });
}

/** The guard for leaving the open file: drafts, and operations of a sandbox that were not saved. */
export async function mayLeaveFile(action: string): Promise<boolean> {
  if (!(await mayLeave(action))) return false;
  return askAboutSandbox(action);
}

interface SandboxQuestion {
  readonly question: {
    readonly session: SessionState;
    readonly action: string;
    readonly answer: (goesOn: boolean) => void;
  } | null;
}

export const useSandboxQuestion = create<SandboxQuestion>(() => ({ question: null }));

function askAboutSandbox(action: string): Promise<boolean> {
  const { session } = useInspector.getState();
  if (session === null || session.mode !== "sandbox" || session.unsavedCount === 0) return Promise.resolve(true);
  // As with drafts: what was asked for before is called off.
  useSandboxQuestion.getState().question?.answer(false);
  return new Promise((resolve) => {
    useSandboxQuestion.setState({
      question: {
        session,
        action,
        answer: (goesOn) => {
          useSandboxQuestion.setState({ question: null });
          resolve(goesOn);
        },
      },
    });
  });
}

export async function openWithDialog(): Promise<void> {
  if (!useInspector.getState().info?.hasNativeDialogs) {
    useOpening.setState({ pathDialog: { purpose: "open", suggestion: "" } });
    return;
  }
  const chosen = await perform("dialog.open", {}, "The dialog could not be shown");
  if (chosen?.path) await openPath(chosen.path);
}

/** Asks where to save, in the system's dialog or in the page's, and saves. */
export async function askForPath(words: Omit<PathQuestion, "save">, suggestion: string, save: SaveTo): Promise<void> {
  if (!useInspector.getState().info?.hasNativeDialogs) {
    useOpening.setState({ pathDialog: { purpose: "other", suggestion, ...words, save } });
    return;
  }
  const chosen = await perform(
    "dialog.save",
    { suggestedName: suggestion, title: words.title },
    "The dialog could not be shown",
  );
  // The system's dialog has asked about an existing file.
  if (chosen?.path) await save(chosen.path, true);
}

export async function createWithDialog(): Promise<void> {
  if (!useInspector.getState().info?.hasNativeDialogs) {
    useOpening.setState({ pathDialog: { purpose: "create", suggestion: "" } });
    return;
  }
  const chosen = await perform(
    "dialog.save",
    { suggestedName: "node.wal", title: "New store" },
    "The dialog could not be shown",
  );
  if (chosen?.path) await createStore(chosen.path);
}

/** Answers what is wrong with the path, or null. */
export async function createStore(path: string): Promise<string | null> {
  if (!(await mayLeaveFile("making a new store"))) return null;
  const { view } = useNavigation.getState();
  const answer = await call("session.create", { path });
  if (!answer.ok) {
    if (useOpening.getState().pathDialog === null) showFailure("The store was not made", answer.error);
    return answer.error.message;
  }
  beginWithKeys(view);
  return null;
}

export async function openSample(name: "demo" | "torn" | "damaged" | "continued"): Promise<void> {
  if (!(await mayLeaveFile("opening a sample"))) return;
  await busily(`${name}.wal`, async (signal) => {
    const { view } = useNavigation.getState();
    const opened = await perform("session.openSample", { name }, "The sample was not opened", signal);
    if (opened !== null) beginWithKeys(view);
  });
}

export async function closeFile(): Promise<void> {
  const { session } = useInspector.getState();
  if (session === null || !(await mayLeaveFile(`closing ${session.name}`))) return;
  await perform("session.close", { session: session.session }, `${session.name} was not closed`);
}

export async function reloadFile(): Promise<void> {
  const { session } = useInspector.getState();
  if (session !== null)
    await perform("session.reload", { session: session.session }, `${session.name} was not read again`);
}

/** A file from the desktop: by its path where it has one, else by its bytes. */
export async function openDropped(file: File): Promise<void> {
  const path = bridge()?.pathOf(file) ?? "";
  if (path !== "") {
    await openPath(path);
    return;
  }
  if (file.size > limits.DROP_BYTES_MAX) {
    showFailure(`${file.name} was not opened`, {
      code: "TooLarge",
      message:
        "A browser hands over the bytes of a file and not its path. Files over 1 GiB are opened by their path: choose Open.",
    });
    return;
  }
  if (!(await mayLeaveFile(`opening ${file.name}`))) return;
  await busily(file.name, (signal) => upload(file, signal));
}

async function upload(file: File, signal: AbortSignal): Promise<void> {
  const what = `${file.name} was not opened`;
  const begun = await perform("drop.begin", { name: file.name, fileBytes: file.size }, what, signal);
  if (begun === null) return;
  const isWritten = await writeInPieces(file, begun.drop, what, signal);
  useInspector.setState({ progress: null });
  if (!isWritten) return;
  const { view } = useNavigation.getState();
  const opened = await perform("drop.finish", { drop: begun.drop }, what, signal);
  if (opened !== null) await take(opened, view);
}

async function writeInPieces(file: File, drop: number, what: string, signal: AbortSignal): Promise<boolean> {
  for (let start = 0; start < file.size; start += limits.DROP_CHUNK_BYTES_MAX) {
    const piece = new Uint8Array(await file.slice(start, start + limits.DROP_CHUNK_BYTES_MAX).arrayBuffer());
    const written = await perform("drop.write", { drop, start, bytes: toBase64(piece) }, what, signal);
    if (written === null) return false;
    const doneBytes = start + piece.length;
    useInspector.setState({
      progress: { label: "Taking in the file", phase: "reading", doneBytes, totalBytes: file.size },
    });
  }
  return true;
}
