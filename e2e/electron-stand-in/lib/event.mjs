/** The event object that Electron passes to a listener as its first argument. */

export class ElectronEvent {
  #isPrevented = false;

  /** @param {object} [fields] what this kind of event carries; getters stay getters */
  constructor(fields = {}) {
    Object.defineProperties(this, Object.getOwnPropertyDescriptors(fields));
  }

  get defaultPrevented() {
    return this.#isPrevented;
  }

  preventDefault() {
    this.#isPrevented = true;
  }
}

/**
 * Emits an event that listeners can cancel.
 * @param {import("node:events").EventEmitter} emitter
 * @param {string} name
 * @param {object} [fields]
 * @param {...unknown} args what follows the event object
 * @returns {boolean} whether a listener called preventDefault()
 */
export function emitCancelable(emitter, name, fields = {}, ...args) {
  const event = new ElectronEvent(fields);
  emitter.emit(name, event, ...args);
  return event.defaultPrevented;
}
