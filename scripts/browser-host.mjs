/** Starts the built browser host for programs that look at its page: benches and pictures. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const PROGRAM = fileURLToPath(new URL("../out/main/web.js", import.meta.url));

/**
 * Answers the address of the page, and `end`, which resolves when the host has ended. `more` are arguments behind its own.
 * @param {string} dataDirectory @param {readonly string[]} more
 */
export function startHost(dataDirectory, more = []) {
  const host = spawn(process.execPath, [PROGRAM, "--data-directory", dataDirectory, ...more], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const end = () => new Promise((ended) => host.once("exit", ended) && host.kill());
  return new Promise((resolve, reject) => {
    let text = "";
    host.stdout.on("data", (chunk) => {
      text += chunk;
      const address = /http:\/\/\S+/.exec(text)?.[0];
      if (address) resolve({ address, end });
    });
    host.once("exit", (code) => reject(new Error(`the browser host ended with ${code}: ${text}`)));
  });
}
