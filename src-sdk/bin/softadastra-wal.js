#!/usr/bin/env node
// Looks into a write-ahead log from a terminal; `softadastra-wal --help` says how.
import { runCli } from "../dist/cli/main.js";

process.exitCode = await runCli(process.argv.slice(2), process);
