/** Entry of the node that is killed: a process of its own that opens a copy and writes until it dies. */
import fs from "node:fs";
import { Client, ClientOptions } from "@softadastra/sdk";
import { encodeLine, type KillJob, type KillLine, keyOfWrite, valueOfWrite } from "./kill-protocol.ts";

const PIPE = 1;

/** At once, before anything else happens: what was told is known even if the next instruction is the last. */
function tell(line: KillLine): void {
  const bytes = Buffer.from(encodeLine(line));
  for (let done = 0; done < bytes.length; ) {
    try {
      done += fs.writeSync(PIPE, bytes, done);
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EAGAIN")) throw error;
    }
  }
}

/** Who started this process holds the other end: when that is gone, so is this. */
function endWithParent(): void {
  process.stdin.on("end", () => process.exit(0));
  process.stdin.on("error", () => process.exit(0));
  process.stdin.resume();
}

async function writeOn(client: Client, job: KillJob, next: () => number): Promise<void> {
  for (let write = next(); write < job.writesMax; write = next()) {
    tell({ what: "begun", write });
    const put = await client.put(keyOfWrite(job.prefix, write), valueOfWrite(write));
    if (put.isErr()) {
      tell({ what: "failed", message: put.error().message });
      return;
    }
    tell({ what: "confirmed", write });
  }
}

async function main(): Promise<void> {
  const job = JSON.parse(process.argv[2] ?? "") as KillJob;
  endWithParent();
  const client = new Client(ClientOptions.persistent("crash-lab", job.path));
  const opened = await client.open();
  if (opened.isErr()) {
    tell({ what: "failed", message: opened.error().message });
    return;
  }
  tell({ what: "open" });
  let count = 0;
  const next = () => count++;
  await Promise.all(Array.from({ length: job.outstanding }, () => writeOn(client, job, next)));
}

void main();
