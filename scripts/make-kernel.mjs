/** Compiles the SDK's WebAssembly, src-sdk/kernel, into src-sdk/src/wal/kernel-module.ts (docs/decisions/0025). */
import fs from "node:fs";
import { fileURLToPath } from "node:url";
import { compileKernel } from "../src-sdk/kernel/compile.mjs";

const target = fileURLToPath(new URL("../src-sdk/src/wal/kernel-module.ts", import.meta.url));
fs.writeFileSync(target, await compileKernel());
console.log(`${target} is made.`);
