/** Before the unit tests: builds what they run as separate programs, the SDK package, the reading thread and the node that is killed. */
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "vite";

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** One directory a run: two runs in one checkout must not take each other's thread away. */
const outDir = at(`node_modules/.cache/softadastra-test-${process.pid}`);

export async function setup(): Promise<void> {
  process.env.SOFTADASTRA_TEST_WORKER = pathToFileURL(`${outDir}/worker.js`).href;
  execFileSync(process.execPath, [at("node_modules/typescript/bin/tsc"), "-b", at("src-sdk")], { stdio: "inherit" });
  await build({
    configFile: false,
    logLevel: "error",
    resolve: { conditions: ["source", "module", "node", "development|production"] },
    ssr: { noExternal: true, resolve: { conditions: ["source", "module", "node", "development|production"] } },
    build: {
      ssr: true,
      outDir,
      rolldownOptions: {
        input: {
          worker: at("src-main/inspector/log-view/worker.ts"),
          "kill-node": at("src-main/inspector/lab/kill-node.ts"),
        },
        output: { entryFileNames: "[name].js" },
      },
    },
  });
}

export function teardown(): void {
  fs.rmSync(outDir, { recursive: true, force: true });
}
