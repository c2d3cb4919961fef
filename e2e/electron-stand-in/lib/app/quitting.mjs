/** How an app ends: before-quit, the windows, will-quit, quit, in Electron's order and with its ways to say no. */
import { emitCancelable } from "../event.mjs";
import { windows } from "../window/registry.mjs";

export class Quitting {
  #app;
  #end;
  #isQuitting = false;
  #isExiting = false;
  #isOver = false;
  #exitCode = 0;

  /**
   * @param {import("node:events").EventEmitter} app
   * @param {(exitCode: number) => void} end takes down what is left and ends the process
   */
  constructor(app, end) {
    this.#app = app;
    this.#end = end;
  }

  quit() {
    if (this.#isQuitting) return;
    this.#isQuitting = !emitCancelable(this.#app, "before-quit");
    if (!this.#isQuitting) return;
    if (windows.size === 0) this.#askAndEnd();
    else for (const window of [...windows.values()].reverse()) window.close();
  }

  /** @param {number} exitCode */
  exit(exitCode) {
    this.#exitCode = exitCode;
    this.#isQuitting = true;
    this.#isExiting = true;
    if (windows.size === 0) this.#finish();
    else for (const window of windows.values()) window.destroy();
  }

  /** A window stayed, by its own close event or by its page's beforeunload: the app stays as well. */
  windowStayed() {
    this.#isQuitting = false;
  }

  lastWindowClosed() {
    if (this.#isExiting) this.#finish();
    else if (this.#isQuitting) this.#askAndEnd();
    else this.#app.emit("window-all-closed");
  }

  #askAndEnd() {
    if (this.#isOver) return;
    if (emitCancelable(this.#app, "will-quit")) this.#isQuitting = false;
    else this.#finish();
  }

  #finish() {
    if (this.#isOver) return;
    this.#isOver = true;
    emitCancelable(this.#app, "quit", {}, this.#exitCode);
    this.#end(this.#exitCode);
  }
}
