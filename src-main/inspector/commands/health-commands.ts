/** The commands about the file as a whole: its health, what each repair policy gives, and its report as a document. */
import { randomBytes } from "node:crypto";
import fs from "node:fs/promises";
import { homedir } from "node:os";
import { basename, dirname, join } from "node:path";
import type { Handlers, Output } from "@softadastra/inspector-contract";
import { MAGIC_BYTES } from "@softadastra/sdk/tools";
import type { CallContext } from "../server/connection.ts";
import type { Desk } from "../sessions/desk.ts";
import { absolutePath } from "../sessions/file-facts.ts";
import { healthJson, healthMarkdown } from "../sessions/health-document.ts";
import { answer, HostError } from "../sessions/host-error.ts";
import type { Session } from "../sessions/session.ts";

type HealthCommands = Pick<
  Handlers<CallContext>,
  "health.report" | "health.policies" | "health.policyRows" | "health.document" | "health.export"
>;

type Format = "markdown" | "json";

export function healthCommands(desk: Desk): HealthCommands {
  return {
    "health.report": ({ session }) => answer("health.report", () => desk.require(session).thread.view.health()),
    "health.policies": ({ session }) => answer("health.policies", () => desk.require(session).thread.view.policies()),
    "health.policyRows": ({ session, filter, start, count }) =>
      answer("health.policyRows", () => desk.require(session).thread.view.policyRows(filter, start, count)),
    "health.document": ({ session: id, format }) =>
      answer("health.document", async () => {
        const session = desk.require(id);
        return { text: await documentOf(session, format), suggestedPath: suggestedPath(session, format) };
      }),
    "health.export": ({ session, format, path, overwrite }) =>
      answer("health.export", async () =>
        writeDocument(absolutePath(path), await documentOf(desk.require(session), format), overwrite),
      ),
  };
}

async function documentOf(session: Session, format: Format): Promise<string> {
  const { view } = session.thread;
  const [health, report, policies] = await Promise.all([view.health(), view.walReport(), view.policies()]);
  const facts = { state: session.state(), health, report, policies, writtenMs: Date.now() };
  return format === "json" ? healthJson(facts) : healthMarkdown(facts);
}

/** Beside the log; a bundled sample and a dropped file have no place of their own. */
function suggestedPath({ place }: Session, format: Format): string {
  const directory = place.source === "file" ? dirname(place.originPath) : homedir();
  const name = basename(place.originPath).replace(/\.wal$/i, "");
  return join(directory, `${name}-health.${format === "json" ? "json" : "md"}`);
}

/** Writes a text in one step, and never over a log. */
async function writeDocument(path: string, text: string, overwrite: boolean): Promise<Output<"health.export">> {
  const target = await fs.stat(path).catch(() => null);
  if (target?.isDirectory()) throw new HostError("NotAFile", `${path} is a folder. Name a file in it.`, { path });
  if (target !== null && (await isLog(path))) {
    throw new HostError("Refused", `${path} is a log: a report is not written over it. Choose another name.`, { path });
  }
  if (target !== null && !overwrite) throw new HostError("Exists", `${path} exists already.`, { path });
  const bytes = Buffer.from(text, "utf8");
  if (target === null) await fs.writeFile(path, bytes, { flag: "wx", flush: true });
  else {
    const temporary = join(dirname(path), `.${randomBytes(6).toString("hex")}.softadastra-new`);
    try {
      await fs.writeFile(temporary, bytes, { flag: "wx", flush: true });
      await fs.rename(temporary, path);
    } catch (error) {
      await fs.rm(temporary, { force: true });
      throw error;
    }
  }
  return { path, fileBytes: bytes.length };
}

/** By its name or by its first bytes: also one that is damaged from the start. */
async function isLog(path: string): Promise<boolean> {
  if (/\.wal$/i.test(path)) return true;
  const handle = await fs.open(path, "r");
  try {
    const first = Buffer.alloc(MAGIC_BYTES.length);
    const { bytesRead } = await handle.read(first, 0, first.length, 0);
    return bytesRead > 0 && first.subarray(0, bytesRead).every((byte, at) => byte === MAGIC_BYTES[at]);
  } finally {
    await handle.close();
  }
}
