/** The `screen` module: one display, the same that headless Chromium is told to have. */
import { EventEmitter } from "node:events";
import { absentMembers } from "../absent.mjs";
import { app } from "../app/app.mjs";

const WIDTH = 1920;
const HEIGHT = 1080;

/** As Chromium's command line has it. */
export const SCREEN_SIZE = `${WIDTH}x${HEIGHT}`;

const BOUNDS = { x: 0, y: 0, width: WIDTH, height: HEIGHT };
const SIZE = { width: WIDTH, height: HEIGHT };

function describeDisplay() {
  return {
    id: 1,
    label: "Electron stand-in",
    bounds: { ...BOUNDS },
    workArea: { ...BOUNDS },
    size: { ...SIZE },
    workAreaSize: { ...SIZE },
    nativeOrigin: { x: 0, y: 0 },
    maximumCursorSize: { width: 0, height: 0 },
    scaleFactor: 1,
    rotation: 0,
    internal: false,
    detected: true,
    monochrome: false,
    colorDepth: 24,
    colorSpace: "",
    depthPerComponent: 8,
    displayFrequency: 60,
    touchSupport: "unknown",
    accelerometerSupport: "unknown",
  };
}

/** The area a window may fill on the display it is on. @param {import("../window/placement.mjs").Bounds} _bounds */
export function workAreaOf(_bounds) {
  return { ...BOUNDS };
}

class Screen extends EventEmitter {
  #display() {
    if (!app._isReady) throw new Error("The 'screen' module can't be used before the app 'ready' event");
    return describeDisplay();
  }
  getPrimaryDisplay() {
    return this.#display();
  }
  getAllDisplays() {
    return [this.#display()];
  }
  getDisplayMatching() {
    return this.#display();
  }
  getDisplayNearestPoint() {
    return this.#display();
  }
  getCursorScreenPoint() {
    return { x: 0, y: 0 };
  }
}

absentMembers(Screen.prototype, "screen", "dipToScreenPoint dipToScreenRect screenToDipPoint screenToDipRect");

export const screen = new Screen();
