import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "electron-vite";

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Workspace packages come from their TypeScript source, never from dist. */
const nodeConditions = ["source", "module", "node", "development|production"];
const webConditions = ["source", "module", "browser", "development|production"];
const workspacePackages = ["@softadastra/sdk", "@softadastra/inspector-contract"];

export default defineConfig({
  main: {
    resolve: { conditions: nodeConditions },
    ssr: { resolve: { conditions: nodeConditions } },
    build: {
      outDir: "out/main",
      externalizeDeps: { exclude: workspacePackages },
      lib: {
        entry: {
          index: at("src-main/electron/main.ts"),
          web: at("src-main/web/main.ts"),
          worker: at("src-main/inspector/log-view/worker.ts"),
          "kill-node": at("src-main/inspector/lab/kill-node.ts"),
        },
        formats: ["es"],
      },
    },
  },
  preload: {
    resolve: { conditions: webConditions },
    ssr: { resolve: { conditions: webConditions } },
    build: {
      outDir: "out/preload",
      // A sandboxed preload cannot require() packages.
      externalizeDeps: false,
      lib: { entry: at("src-preload/index.ts"), formats: ["cjs"] },
      rolldownOptions: { output: { format: "cjs", entryFileNames: "[name].cjs", codeSplitting: false } },
    },
  },
  renderer: {
    root: at("src-renderer"),
    resolve: { conditions: webConditions },
    plugins: [react()],
    build: {
      outDir: at("out/renderer"),
      // The page comes from this machine: one larger file costs nothing.
      chunkSizeWarningLimit: 2_000,
      // Everything is a file of its own: the page's policy allows no data: scripts or styles.
      assetsInlineLimit: 0,
      minify: true,
      rolldownOptions: { input: at("src-renderer/index.html") },
    },
  },
});
