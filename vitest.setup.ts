/** Before the unit tests: builds what they run as separate programs, the SDK package and the reading thread. */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export async function setup(): Promise<void> {
  execFileSync(process.execPath, [at("node_modules/typescript/bin/tsc"), "-b", at("src-sdk")], { stdio: "inherit" });
  await build({
    configFile: false,
    logLevel: "error",
    resolve: { conditions: ["source", "module", "node", "development|production"] },
    ssr: { noExternal: true, resolve: { conditions: ["source", "module", "node", "development|production"] } },
    build: {
      ssr: at("src-main/inspector/log-view/worker.ts"),
      outDir: at("node_modules/.cache/softadastra-test"),
      rolldownOptions: { output: { entryFileNames: "worker.js" } },
    },
  });
}
