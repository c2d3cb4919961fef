/** View state and the recent files, in one small file each that is replaced whole: a crash leaves the old or the new one. */
import fs from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { limits, type Verdict } from "@softadastra/inspector-contract";

/** Reads what is there; a file that is missing or broken counts as empty, and is replaced by the next write. */
async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await fs.readFile(path, "utf8"));
  } catch {
    return null;
  }
}

/** Writes one after the other, each to a new file that then takes the name. */
class JsonFile {
  readonly #path: string;
  #writing: Promise<void> = Promise.resolve();

  constructor(path: string) {
    this.#path = path;
  }

  read(): Promise<unknown> {
    return readJson(this.#path);
  }

  write(content: () => unknown): Promise<void> {
    const next = this.#writing
      .catch(() => undefined)
      .then(async () => {
        const temporary = `${this.#path}.new`;
        await fs.mkdir(join(this.#path, ".."), { recursive: true });
        await fs.writeFile(temporary, JSON.stringify(content(), null, 1));
        await fs.rename(temporary, this.#path);
      });
    this.#writing = next;
    return next;
  }

  async settle(): Promise<void> {
    await this.#writing.catch(() => undefined);
  }
}

/** Names that may be kept at once; the screens have a dozen. */
const SETTINGS_MAX = 100;

export class Settings {
  readonly #file: JsonFile;
  #values: Map<string, string> | null = null;

  constructor(directory: string) {
    this.#file = new JsonFile(join(directory, "settings.json"));
  }

  async all(): Promise<Record<string, string>> {
    return Object.fromEntries(await this.#load());
  }

  async #load(): Promise<Map<string, string>> {
    if (this.#values === null) {
      const raw = await this.#file.read();
      const entries = typeof raw === "object" && raw !== null && !Array.isArray(raw) ? Object.entries(raw) : [];
      this.#values ??= new Map(entries.filter((entry): entry is [string, string] => typeof entry[1] === "string"));
    }
    return this.#values;
  }

  async write(name: string, value: string): Promise<void> {
    const values = await this.#load();
    if (values.get(name) === value) return;
    values.set(name, value);
    while (values.size > SETTINGS_MAX) values.delete(values.keys().next().value as string);
    await this.#file.write(() => Object.fromEntries(values));
  }

  settle(): Promise<void> {
    return this.#file.settle();
  }
}

export interface RememberedFile {
  readonly path: string;
  readonly verdict: Verdict | null;
  readonly openedMs: number;
}

function isRemembered(entry: unknown): entry is RememberedFile {
  if (typeof entry !== "object" || entry === null) return false;
  const { path, verdict, openedMs } = entry as Record<string, unknown>;
  const isVerdict = verdict === null || verdict === "clean" || verdict === "torn-tail" || verdict === "damaged";
  return typeof path === "string" && isAbsolute(path) && isVerdict && typeof openedMs === "number";
}

export class Recents {
  readonly #file: JsonFile;
  #files: RememberedFile[] | null = null;

  constructor(directory: string) {
    this.#file = new JsonFile(join(directory, "recents.json"));
  }

  /** Newest first. */
  async list(): Promise<readonly RememberedFile[]> {
    if (this.#files === null) {
      const raw = await this.#file.read();
      this.#files ??= (Array.isArray(raw) ? raw : []).filter(isRemembered).slice(0, limits.RECENTS_MAX);
    }
    return this.#files;
  }

  async remember(file: RememberedFile): Promise<void> {
    const others = (await this.list()).filter((other) => other.path !== file.path);
    await this.#replace([file, ...others].slice(0, limits.RECENTS_MAX));
  }

  async setVerdict(path: string, verdict: Verdict): Promise<void> {
    const files = await this.list();
    await this.#replace(files.map((file) => (file.path === path ? { ...file, verdict } : file)));
  }

  async remove(path: string): Promise<void> {
    await this.#replace((await this.list()).filter((file) => file.path !== path));
  }

  clear(): Promise<void> {
    return this.#replace([]);
  }

  #replace(files: RememberedFile[]): Promise<void> {
    this.#files = files;
    return this.#file.write(() => files);
  }

  settle(): Promise<void> {
    return this.#file.settle();
  }
}
