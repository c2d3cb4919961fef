/** What the dialogs of export and import show: the choice with its sample, how far the work is, what became of it. */
import type { Failure, Input, Output } from "@softadastra/inspector-contract";
import { create } from "zustand";
import { call, perform, sessionId, useInspector } from "../../lib/inspector.ts";
import { chooseExportPlace, type ExportScope, useTransfer } from "../../lib/transfer.ts";

export type ExportRows = "keys" | "records";
export type ExportFormat = "json" | "ndjson" | "csv";
export type ExportValues = "text" | "base64" | "none";

export interface ExportChoice {
  readonly rows: ExportRows;
  /** Only what the view shows, where it shows less than everything. */
  readonly isNarrowed: boolean;
  readonly withDeleted: boolean;
  readonly format: ExportFormat;
  readonly values: ExportValues;
}

type Sample = Output<"transfer.sample">;
type Problem = Pick<Failure, "code" | "message">;

interface ExportState {
  readonly phase: "choosing" | "working" | "done";
  readonly sample: Sample | null;
  readonly problem: Problem | null;
  readonly made: Output<"transfer.export"> | null;
  readonly startedMs: number;
}

const CHOOSING: ExportState = { phase: "choosing", sample: null, problem: null, made: null, startedMs: 0 };

export const useExport = create<ExportState>(() => CHOOSING);

let stop: AbortController | null = null;
let sampling = 0;

export function resetExport(): void {
  stop?.abort();
  useExport.setState(CHOOSING);
}

/** The list may have become another one since the dialog was opened: it is asked for when it is needed. */
function request({ rows, isNarrowed, ...choice }: ExportChoice): Input<"transfer.sample"> {
  const { scope } = useTransfer.getState();
  const narrowed: ExportScope | null = isNarrowed && scope?.rows === rows ? scope : null;
  return {
    session: sessionId(),
    rows,
    view: narrowed?.view ?? null,
    filter: narrowed?.filter ?? "all",
    search: rows === "records" ? (narrowed?.search ?? "") : "",
    ...choice,
  };
}

/** Asks for the first rows of the choice; the newest choice wins. */
export async function loadSample(choice: ExportChoice): Promise<void> {
  const mine = ++sampling;
  const answer = await call("transfer.sample", request(choice));
  if (mine !== sampling) return;
  if (answer.ok) useExport.setState({ sample: answer.value, problem: null });
  else useExport.setState({ sample: null, problem: answer.error });
}

const ENDINGS: Record<ExportFormat, string> = { json: ".json", ndjson: ".ndjson", csv: ".csv" };

/** Asks for the place, then writes. */
export async function exportTo(choice: ExportChoice): Promise<void> {
  const { session } = useInspector.getState();
  if (session === null) return;
  const name = `${session.name.replace(/\.wal$/i, "")}-${choice.rows}${ENDINGS[choice.format]}`;
  const chosen = await chooseExportPlace(name);
  if (chosen === null) return;
  const controller = new AbortController();
  stop = controller;
  useExport.setState({ phase: "working", problem: null, startedMs: Date.now() });
  const answer = await call("transfer.export", { ...request(choice), ...chosen }, controller.signal);
  if (stop !== controller) return;
  stop = null;
  if (answer.ok) useExport.setState({ phase: "done", made: answer.value });
  else {
    const isStopped = answer.error.code === "Cancelled";
    useExport.setState({ phase: "choosing", problem: isStopped ? null : answer.error });
  }
}

export function stopExport(): void {
  stop?.abort();
}

// ---- import

export type CheckedImport = Output<"transfer.checkImport">;

interface ImportState {
  readonly phase: "looking" | "asking" | "working" | "done" | "failed";
  readonly checked: CheckedImport | null;
  readonly problem: Problem | null;
  readonly done: Output<"transfer.import"> | null;
  readonly startedMs: number;
}

const LOOKING: ImportState = { phase: "looking", checked: null, problem: null, done: null, startedMs: 0 };

export const useImport = create<ImportState>(() => LOOKING);

let looking: AbortController | null = null;

export async function lookAt(path: string): Promise<void> {
  looking?.abort();
  const controller = new AbortController();
  looking = controller;
  useImport.setState({ ...LOOKING, startedMs: Date.now() });
  const answer = await call("transfer.checkImport", { session: sessionId(), path }, controller.signal);
  if (looking !== controller) return;
  looking = null;
  if (answer.ok) useImport.setState({ phase: "asking", checked: answer.value });
  else if (answer.error.code !== "Cancelled") useImport.setState({ phase: "failed", problem: answer.error });
}

export async function importRows(skipBad: boolean): Promise<void> {
  const { checked } = useImport.getState();
  if (checked === null) return;
  useImport.setState({ phase: "working", startedMs: Date.now() });
  const answer = await call("transfer.import", { session: sessionId(), check: checked.check, skipBad });
  if (answer.ok) useImport.setState({ phase: "done", done: answer.value });
  else useImport.setState({ phase: "failed", problem: answer.error });
}

/** Ends the import between two rows; its answer says what is written. */
export function stopImport(): void {
  void perform("transfer.stopImport", { session: sessionId() }, "The import could not be stopped");
}

/** The dialog goes: what was looked at is forgotten. */
export function forgetImport(): void {
  looking?.abort();
  looking = null;
  const isOpen = useInspector.getState().session !== null;
  if (isOpen && useImport.getState().phase === "asking") void call("transfer.stopImport", { session: sessionId() });
  useImport.setState(LOOKING);
}

/** A dialog is about the file it was opened for: another one closes it. Called once, when the app starts. */
export function startTransfer(): void {
  useInspector.subscribe((state, before) => {
    if (state.session?.session !== before.session?.session) {
      stop = null;
      useTransfer.setState({ dialog: null, scope: null, importPath: null });
    }
  });
}
