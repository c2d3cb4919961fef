/** The `nativeTheme` module: what it says becomes prefers-color-scheme in every page. */
import { EventEmitter } from "node:events";
import { setColorScheme } from "../contents/emulation.mjs";
import { cores } from "../window/registry.mjs";

const SOURCES = ["system", "light", "dark"];

class NativeTheme extends EventEmitter {
  #source = "system";
  shouldUseHighContrastColors = false;
  shouldUseInvertedColorScheme = false;
  shouldDifferentiateWithoutColor = false;
  inForcedColorsMode = false;
  prefersReducedTransparency = false;

  get themeSource() {
    return this.#source;
  }
  set themeSource(source) {
    if (!SOURCES.includes(source)) {
      throw new TypeError(`Error processing argument, conversion failure from ${String(source)}`);
    }
    const wasDark = this.shouldUseDarkColors;
    this.#source = source;
    setColorScheme(source === "system" ? "" : source);
    for (const core of cores.values()) core.emulation.applyColorScheme();
    if (wasDark !== this.shouldUseDarkColors) setImmediate(() => this.emit("updated"));
  }
  /** The desktop under the stand-in is a light one. */
  get shouldUseDarkColors() {
    return this.#source === "dark";
  }
  get shouldUseDarkColorsForSystemIntegratedUI() {
    return false;
  }
}

export const nativeTheme = new NativeTheme();
