/** The desk: the one file that is open, how it came to be open, and what is told when it changes. */
import fs from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { EventName, EventPayload, Mode, Opened, SessionState } from "@softadastra/inspector-contract";
import { Client, type SoftadastraError } from "@softadastra/sdk";
import { fileSource, findLockHolder, MAGIC_BYTES, nodeFileSystem, surveyLog } from "@softadastra/sdk/tools";
import { toBase64 } from "../log-view/display-text.ts";
import { copyFile, replaceByCopy } from "./copy-log.ts";
import { Drops } from "./drops.ts";
import { absolutePath, logsIn, requireFile, requireReadable } from "./file-facts.ts";
import { HostError } from "./host-error.ts";
import { clientOptions, Session, type SessionPlace } from "./session.ts";
import { Recents, Settings } from "./settings.ts";

export interface DeskDependencies {
  /** Built `worker.js` of the reading thread. */
  readonly workerUrl: URL;
  /** Where settings and recents are kept. */
  readonly dataDirectory: string;
  /** The bundled sample logs. */
  readonly samplesDirectory: string;
}

/** A file that does not begin with a record is searched this far before it is called a stranger's. */
const STRANGER_SEARCH_BYTES = 65_536;
const FIRST_BYTES_SHOWN = 32;

type Listener = <E extends EventName>(event: E, payload: EventPayload<E>) => void;

export class Desk {
  readonly deps: DeskDependencies;
  readonly settings: Settings;
  readonly recents: Recents;
  readonly drops: Drops;
  /** A file to open that the page is told of when it starts: it shows what became of it. */
  startPath: string | null = null;
  #session: Session | null = null;
  #nextSession = 1;
  #revisions = { keysRevision: 0, viewsRevision: 0, syncRevision: 0, healthRevision: 0 };
  #recentsRevision = 0;
  #progress: EventPayload<"progress">["task"] = null;
  #echoCount = 0;
  readonly #listeners = new Set<Listener>();
  /** Work on copies that goes on beside the sessions; it is called off at the end. */
  readonly #ending = new AbortController();
  readonly #besides = new Set<Promise<unknown>>();
  /** Openings, closings and changes of mode: one at a time. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(deps: DeskDependencies) {
    this.deps = deps;
    this.settings = new Settings(deps.dataDirectory);
    this.recents = new Recents(deps.dataDirectory);
    this.drops = new Drops(() => fs.mkdtemp(join(tmpdir(), "softadastra-drop-")));
  }

  // ---- events

  onEvent(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  emit<E extends EventName>(event: E, payload: EventPayload<E>): void {
    for (const listener of this.#listeners) listener(event, payload);
  }

  /** What a state event would say now. */
  snapshot(event: EventName): unknown {
    if (event === "session") return this.#sessionEvent();
    if (event === "progress") return { task: this.#progress };
    if (event === "recents") return { revision: this.#recentsRevision };
    return event === "echo" ? { count: this.#echoCount } : null;
  }

  #sessionEvent(): EventPayload<"session"> {
    return { state: this.#session?.state() ?? null, ...this.#revisions };
  }

  #changed(what: "state" | "sync"): void {
    const { status } = this.#session ?? {};
    this.#revisions = {
      keysRevision: status?.keysRevision ?? 0,
      viewsRevision: status?.viewsRevision ?? 0,
      syncRevision: this.#revisions.syncRevision + (what === "sync" ? 1 : 0),
      healthRevision: this.#revisions.healthRevision + 1,
    };
    this.emit("session", this.#sessionEvent());
  }

  echo(): void {
    this.#echoCount += 1;
    this.emit("echo", { count: this.#echoCount });
  }

  progress(task: EventPayload<"progress">["task"]): void {
    this.#progress = task;
    this.emit("progress", { task });
  }

  recentsChanged(): void {
    this.#recentsRevision += 1;
    this.emit("recents", { revision: this.#recentsRevision });
  }

  // ---- the session

  get session(): Session | null {
    return this.#session;
  }

  /** The open session, if it is the one the caller means. */
  require(id: number): Session {
    if (this.#session === null || this.#session.id !== id) {
      throw new HostError("SessionClosed", "This file is not open any more.");
    }
    return this.#session;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.catch(() => undefined).then(work);
    this.#turn = turn;
    return turn;
  }

  /** Puts a new session in the place of the open one. The open one goes only when the new one stands. */
  async #replace(place: SessionPlace, client: Client | null): Promise<Session> {
    const next = await Session.start(this.#nextSession++, place, client, {
      workerUrl: this.deps.workerUrl,
      follows: (await this.settings.all()).follow !== "off",
      changed: (session, what) => {
        if (this.#session !== session) return;
        this.#changed(what);
        this.#rememberVerdict(session);
      },
    });
    const before = this.#session;
    this.#session = next;
    await before?.close();
    this.#changed("sync");
    this.#rememberVerdict(next);
    return next;
  }

  #rememberVerdict(session: Session): void {
    const { verdict } = session.status;
    if (session.place.source !== "file" || session.place.mode === "sandbox" || verdict === null) return;
    void this.recents
      .list()
      .then(async (files) => {
        const known = files.find((file) => file.path === session.place.originPath);
        if (known === undefined || known.verdict === verdict) return;
        await this.recents.setVerdict(known.path, verdict);
        this.recentsChanged();
      })
      .catch(() => undefined);
  }

  async #remember(path: string): Promise<void> {
    // A list that cannot be written is no reason not to open a file.
    await this.recents.remember({ path, verdict: null, openedMs: Date.now() }).catch(() => undefined);
    this.recentsChanged();
    // A short file may be read to its end before it is in the list.
    if (this.#session !== null) this.#rememberVerdict(this.#session);
  }

  open(text: string, options: { searchWhole?: boolean; signal?: AbortSignal } = {}): Promise<Opened> {
    return this.#inTurn(async () => {
      this.startPath = null;
      const path = absolutePath(text);
      if ((await requireFile(path)) === "folder") return { kind: "folder", path, logs: await logsIn(path) };
      await requireReadable(path);
      const opened = await this.#openFile(path, "file", null, options);
      if (opened.kind === "session") await this.#remember(path);
      return opened;
    });
  }

  async #openFile(
    path: string,
    source: SessionState["source"],
    temporaryDirectory: string | null,
    options: { searchWhole?: boolean; signal?: AbortSignal } = {},
  ): Promise<Opened> {
    const stranger = await this.#strangerFacts(path, options);
    if (stranger !== null) {
      if (temporaryDirectory !== null) await fs.rm(temporaryDirectory, { recursive: true, force: true });
      return { kind: "not-a-wal", path, name: basename(path), ...stranger };
    }
    const place = { mode: "inspect", path, originPath: path, source, temporaryDirectory } as const;
    return { kind: "session", state: (await this.#replace(place, null)).state() };
  }

  /** Facts about a file that is no log; null for one that is, or may be. */
  async #strangerFacts(path: string, options: { searchWhole?: boolean; signal?: AbortSignal }) {
    const handle = await nodeFileSystem.open(path, "read");
    try {
      const fileBytes = (await handle.stat()).size;
      const first = new Uint8Array(Math.min(FIRST_BYTES_SHOWN, fileBytes));
      await handle.read(first, 0, first.length, 0);
      const beginsAsLog = first.every((byte, at) => at >= MAGIC_BYTES.length || byte === MAGIC_BYTES[at]);
      if (beginsAsLog) return null;
      const searchedBytes = options.searchWhole ? fileBytes : Math.min(fileBytes, STRANGER_SEARCH_BYTES);
      const survey = await surveyLog(fileSource(handle, searchedBytes), {
        signal: options.signal,
        onProgress: (doneBytes) => {
          if (!options.searchWhole) return;
          this.progress({ label: "Searching for records", phase: "searching", doneBytes, totalBytes: fileBytes });
        },
      });
      if (survey.verdict !== "not-a-wal") return null;
      return { fileBytes, firstBytes: toBase64(first), searchedBytes };
    } finally {
      this.progress(null);
      await handle.close();
    }
  }

  /** A file that came as bytes: it goes with its session, or now if there is none. */
  async openDropped(drop: number): Promise<Opened> {
    const { path, directory } = await this.drops.finish(drop);
    return this.#inTurn(() => this.#openFile(path, "dropped", directory)).catch(async (error: unknown) => {
      await fs.rm(directory, { recursive: true, force: true });
      throw error;
    });
  }

  openSample(name: "demo" | "torn" | "damaged" | "continued", signal: AbortSignal): Promise<Session> {
    return this.#inTurn(async () => {
      const path = join(this.deps.samplesDirectory, `${name}.wal`);
      await requireFile(path);
      if (name === "demo") return this.#startSandbox({ path, source: "sample", bytes: undefined }, signal);
      return this.#replace(
        { mode: "inspect", path, originPath: path, source: "sample", temporaryDirectory: null },
        null,
      );
    });
  }

  create(text: string): Promise<Session> {
    return this.#inTurn(async () => {
      const path = absolutePath(text);
      // The node creates its file with the first write; the inspector shows a file, so there is one from the start.
      await fs.writeFile(path, "", { flag: "wx" });
      const place = { mode: "write", path, originPath: path, source: "file", temporaryDirectory: null } as const;
      const session = await this.#replaceWithClient(place);
      await this.#remember(path);
      return session;
    });
  }

  close(id: number): Promise<void> {
    return this.#inTurn(async () => {
      const session = this.require(id);
      await session.close();
      this.#session = null;
      this.#changed("sync");
    });
  }

  reload(id: number): Promise<Session> {
    return this.#inTurn(async () => {
      const { place } = this.require(id);
      await requireFile(place.path);
      await requireReadable(place.path);
      if (place.mode !== "inspect")
        throw new HostError("NotAFile", "Only a file that is open read-only is read again.");
      return this.#replace({ ...place, temporaryDirectory: null }, null);
    });
  }

  /** Follows the open file, or lets it be; and so the files that are opened later. */
  async setFollowing(id: number, isOn: boolean): Promise<Session> {
    const session = this.require(id);
    await session.setFollowing(isOn);
    await this.settings.write("follow", isOn ? "on" : "off");
    return session;
  }

  // ---- modes

  setMode(id: number, mode: Mode, signal: AbortSignal): Promise<Session> {
    return this.#inTurn(async () => {
      const session = this.require(id);
      const { place, status } = session;
      if (mode === place.mode) return session;
      if (mode === "inspect") {
        const source = place.source === "dropped" ? "file" : place.source;
        return this.#replace(
          { mode, path: place.originPath, originPath: place.originPath, source, temporaryDirectory: null },
          null,
        );
      }
      if (status.indexing.phase !== "done") {
        throw new HostError("NotIndexed", "The file is not read to its end yet. Wait until it is, then choose again.");
      }
      // What is shown is not what would be copied or written to.
      if (["truncated", "replaced", "changed"].includes(status.disk)) {
        throw new HostError(
          "NotIndexed",
          "Another program changed or replaced this file since it was read. Read it again first.",
        );
      }
      if (mode === "sandbox") {
        // Of a damaged log the copy holds what is readable: nothing may be appended behind damage.
        const bytes = status.verdict === "damaged" ? status.validBytes : undefined;
        return this.#startSandbox({ path: place.originPath, source: place.source, bytes }, signal);
      }
      if (place.source !== "file") {
        throw new HostError(
          "WrongMode",
          "This is a copy without a place of its own. Work on it in a sandbox, then use Save as.",
        );
      }
      if (status.verdict === "damaged") {
        throw new HostError(
          "Damaged",
          `${session.state().name} is damaged, so anything appended would be lost. Work on a copy.`,
        );
      }
      return this.#replaceWithClient({ ...place, mode, path: place.originPath, temporaryDirectory: null });
    });
  }

  async #startSandbox(
    origin: { path: string; source: SessionState["source"]; bytes: number | undefined },
    signal: AbortSignal,
  ): Promise<Session> {
    const directory = await fs.mkdtemp(join(tmpdir(), "softadastra-sandbox-"));
    const path = join(directory, basename(origin.path));
    try {
      const totalBytes = origin.bytes ?? (await fs.stat(origin.path)).size;
      await copyFile(origin.path, path, {
        ...(origin.bytes === undefined ? {} : { bytes: origin.bytes }),
        signal,
        onProgress: (doneBytes) => this.progress({ label: "Copying", phase: "reading", doneBytes, totalBytes }),
      });
      this.progress({ label: "Opening the copy", phase: "reading", doneBytes: totalBytes, totalBytes });
      const place = {
        mode: "sandbox",
        path,
        originPath: origin.path,
        source: origin.source,
        temporaryDirectory: directory,
      } as const;
      return await this.#replaceWithClient(place, signal);
    } catch (error) {
      await fs.rm(directory, { recursive: true, force: true });
      throw error;
    } finally {
      this.progress(null);
    }
  }

  async #replaceWithClient(place: SessionPlace, signal?: AbortSignal): Promise<Session> {
    // The open session may hold the very log: a client of this process is asked to let go first.
    const before = this.#session;
    if (before !== null && before.client !== null && before.place.path === place.path) await before.client.close();
    const client = new Client(clientOptions(place));
    const opened = await client.open();
    if (opened.isErr()) throw opened.error();
    try {
      signal?.throwIfAborted();
      return await this.#replace(place, client);
    } catch (error) {
      await client.close();
      throw error;
    }
  }

  /** Why the file may not be written to, or null. */
  async writeObstacle(session: Session): Promise<{ reason: string; holderPid: number | null } | null> {
    const { place, status } = session;
    const { name } = session.state();
    if (place.source !== "file") return { reason: `${name} is a copy without a place of its own.`, holderPid: null };
    if (status.verdict === "damaged") {
      return {
        reason: "A damaged log is never written to: what is appended behind damage is lost to every reader.",
        holderPid: null,
      };
    }
    const holder = await findLockHolder(nodeFileSystem, place.originPath);
    if (holder !== null) return { reason: `Process ${holder.pid} has it open for writing.`, holderPid: holder.pid };
    try {
      await fs.access(place.originPath, fs.constants.W_OK);
      await fs.access(join(place.originPath, ".."), fs.constants.W_OK);
      return null;
    } catch {
      return { reason: "This user has no permission to write to the file or to its folder.", holderPid: null };
    }
  }

  async saveAs(
    id: number,
    text: string,
    overwrite: boolean,
    signal: AbortSignal,
  ): Promise<{ path: string; fileBytes: number }> {
    const session = this.require(id);
    if (session.place.mode !== "sandbox") throw new HostError("WrongMode", "Only a sandbox is saved to another file.");
    const path = absolutePath(text);
    const target = await fs.stat(path).catch(() => null);
    if (target?.isDirectory()) throw new HostError("NotAFile", `${path} is a folder. Name a file in it.`, { path });
    if (target !== null && !overwrite) throw new HostError("Exists", `${path} exists already.`, { path });
    const holder = target === null ? null : await findLockHolder(nodeFileSystem, path);
    if (holder !== null) {
      throw new HostError("Locked", `${path} is open for writing in process ${holder.pid}. Choose another name.`, {
        pid: holder.pid,
      });
    }
    const flushed = await session.writer().flush();
    if (flushed.isErr()) throw flushed.error() satisfies SoftadastraError;
    const { size } = await fs.stat(session.place.path);
    await replaceByCopy(session.place.path, path, { bytes: size, signal });
    session.unsavedCount = 0;
    this.#changed("state");
    await this.#remember(path);
    return { path, fileBytes: size };
  }

  /** Work that makes something of its own, files or a process: the end waits until it has cleared them away. */
  whileOpen<T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const done = work(AbortSignal.any([signal, this.#ending.signal]));
    this.#besides.add(done);
    const forget = () => void this.#besides.delete(done);
    done.then(forget, forget);
    return done;
  }

  /** Ends everything; accepted writes are on the disk when it resolves. */
  async end(): Promise<void> {
    this.#ending.abort();
    await Promise.allSettled(this.#besides);
    await this.#inTurn(async () => {
      await this.#session?.close();
      this.#session = null;
    });
    await this.drops.end();
    await this.settings.settle();
    await this.recents.settle();
  }
}
