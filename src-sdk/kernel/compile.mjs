/** Compiles the AssemblyScript beside it and answers the source of the module that carries the result. */
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

/** In pages of 64 KiB: columns and one window of two chunks at first, all that 32 bits address at most. */
const PAGES = "17";
const PAGES_MAX = "65536";
const OPTIONS = ["--runtime", "stub", "-O3", "--noAssert", "--enable", "simd"];
const LINE_CHARACTERS = 100;

/** @returns {Promise<string>} */
export async function compileKernel() {
  const baseDir = fileURLToPath(new URL(".", import.meta.url));
  let bytes;
  const memory = ["--initialMemory", PAGES, "--maximumMemory", PAGES_MAX];
  const args = ["index.ts", "--baseDir", baseDir, "--outFile", "kernel.wasm", ...OPTIONS, ...memory];
  const { error, stderr } = await asc.main(args, {
    writeFile: (_name, contents) => {
      bytes = contents;
    },
  });
  if (error) throw new Error(`${stderr}`, { cause: error });
  const lines = Buffer.from(bytes)
    .toString("base64")
    .match(new RegExp(`.{1,${LINE_CHARACTERS}}`, "g"));
  return [
    "/** Made by `npm run kernel` from src-sdk/kernel: do not edit. A test holds the two together. */",
    "export const KERNEL_MODULE =",
    `${lines.map((line) => `  "${line}"`).join(" +\n")};\n`,
  ].join("\n");
}
