#!/usr/bin/env node
// Looks into a write-ahead log from a terminal; `softadastra-wal --help` says how.
import { runCli } from "../dist/cli/main.js";

/** What a shell says of a program whose reader went away. */
const READER_GONE = 141;

// `softadastra-wal records app.wal | head` takes what it wants and goes: nobody is left to tell.
process.stdout.on("error", (error) => {
  if (error.code === "EPIPE") process.exit(READER_GONE);
  throw error;
});

process.exitCode = await runCli(process.argv.slice(2), process);
