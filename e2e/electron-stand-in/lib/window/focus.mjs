/** Which window has the focus. A window manager decides that; this one gives it to the window used last. */
import { app } from "../app/app.mjs";
import { emitCancelable } from "../event.mjs";

/** @typedef {import("./desktop-window.mjs").DesktopWindow} Window */

/** The windows that have had the focus, the present one last. @type {Window[]} */
let order = [];
/** @type {Window | null} */
let focused = null;

export function focusedWindow() {
  return focused;
}

/** @param {Window | null} window */
function move(window) {
  if (window === focused) return;
  const before = focused;
  focused = window;
  if (before && !before.isDestroyed()) tell(before, "blur");
  if (window) tell(window, "focus");
}

/** @param {Window} window @param {"blur" | "focus"} name */
function tell(window, name) {
  emitCancelable(window, name);
  emitCancelable(app, `browser-window-${name}`, {}, window);
}

/** @param {Window} window */
export function giveFocus(window) {
  order = [...order.filter((other) => other !== window), window];
  move(window);
}

/** The window is hidden, minimized or gone: the one before it is next. @param {Window} window */
export function takeFocus(window) {
  order = order.filter((other) => other !== window);
  if (focused === window) move(order.findLast((other) => other.isVisible() && !other.isMinimized()) ?? null);
}

/** @param {Window} window */
export function dropFocus(window) {
  if (focused === window) move(null);
}
