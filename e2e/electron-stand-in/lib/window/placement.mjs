/** Where a window is and how large, in its normal state and while it fills the screen. */
import { workAreaOf } from "../ui/screen.mjs";

/** @typedef {{ x: number, y: number, width: number, height: number }} Bounds */

const DEFAULT_SIZE = { width: 800, height: 600 };

export class Placement {
  /** @type {Bounds} */
  #normal;
  /** @type {{ width: number, height: number }} */
  #minimum;
  isMaximized = false;
  isFullScreen = false;

  /** @param {{ x?: number, y?: number, width?: number, height?: number, minWidth?: number, minHeight?: number }} options */
  constructor({ x, y, width = DEFAULT_SIZE.width, height = DEFAULT_SIZE.height, minWidth = 0, minHeight = 0 }) {
    this.#minimum = { width: minWidth, height: minHeight };
    const area = workAreaOf({ x: x ?? 0, y: y ?? 0, width, height });
    this.#normal = this.#atLeastMinimum({
      x: x ?? area.x + Math.max(Math.round((area.width - width) / 2), 0),
      y: y ?? area.y + Math.max(Math.round((area.height - height) / 2), 0),
      width,
      height,
    });
  }

  /** @param {Bounds} bounds @returns {Bounds} */
  #atLeastMinimum(bounds) {
    const { width, height } = this.#minimum;
    return { ...bounds, width: Math.max(bounds.width, width, 1), height: Math.max(bounds.height, height, 1) };
  }

  /** @returns {Bounds} */
  get normal() {
    return { ...this.#normal };
  }
  /** @returns {Bounds} */
  get now() {
    return this.isMaximized || this.isFullScreen ? workAreaOf(this.#normal) : this.normal;
  }
  get minimum() {
    return { ...this.#minimum };
  }
  /** @param {number} width @param {number} height */
  setMinimum(width, height) {
    this.#minimum = { width, height };
    this.#normal = this.#atLeastMinimum(this.#normal);
  }
  /** A window that is placed by hand no longer fills the screen. @param {Partial<Bounds>} bounds */
  place(bounds) {
    const rounded = Object.fromEntries(Object.entries(bounds).map(([key, value]) => [key, Math.round(value)]));
    this.#normal = this.#atLeastMinimum({ ...this.now, ...rounded });
    this.isMaximized = false;
    this.isFullScreen = false;
  }
}
