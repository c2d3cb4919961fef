/** The command line of the browser host. */
import { parseArgs } from "node:util";

export interface WebArguments {
  readonly file: string | null;
  readonly port: number;
  readonly opensBrowser: boolean;
  /** Where settings and recent files are kept; null for the usual place. */
  readonly dataDirectory: string | null;
}

/** @throws Error with a sentence for the user */
export function readArguments(args: readonly string[]): WebArguments {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      port: { type: "string", default: "0" },
      open: { type: "boolean", default: false },
      "data-directory": { type: "string" },
    },
  });
  const port = Number(values.port);
  // Digits only: an empty variable of a script is a mistake, not "any port".
  if (!/^\d{1,5}$/.test(values.port) || port > 65_535) {
    throw new Error(`--port must be a number from 0 (any free port) to 65535, not ${values.port}`);
  }
  if (positionals.length > 1) throw new Error(`one file at a time, please: ${positionals.join(", ")}`);
  return {
    file: positionals[0] ?? null,
    port,
    opensBrowser: values.open,
    dataDirectory: values["data-directory"] ?? null,
  };
}
