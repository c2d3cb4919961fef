/** The `electron` module: as named exports for import, and as one object for require() and for a test to change. */
import * as named from "./electron-exports.mjs";

export * from "./electron-exports.mjs";
export default { ...named };
