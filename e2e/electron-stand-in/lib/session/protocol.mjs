/** The `protocol` module: schemes of the app's own and the functions that answer for them. */
import { absentMembers } from "../absent.mjs";
import { app } from "../app/app.mjs";
import { mapScheme } from "./url-map.mjs";

export class Protocol {
  /** @type {Map<string, (request: Request) => Response | Promise<Response>>} */
  #handlers = new Map();

  /** @param {string} scheme @param {(request: Request) => Response | Promise<Response>} handler */
  handle(scheme, handler) {
    if (this.#handlers.has(scheme)) throw new Error(`Failed to register protocol: ${scheme}`);
    this.#handlers.set(scheme, handler);
  }
  /** @param {string} scheme */
  unhandle(scheme) {
    if (!this.#handlers.delete(scheme)) throw new Error(`Failed to unhandle protocol: ${scheme}`);
  }
  /** @param {string} scheme */
  isProtocolHandled(scheme) {
    return this.#handlers.has(scheme);
  }
  /** For the router. @param {string} scheme */
  _handlerOf(scheme) {
    return this.#handlers.get(scheme);
  }
}

absentMembers(
  Protocol.prototype,
  "protocol",
  `interceptBufferProtocol interceptFileProtocol interceptHttpProtocol interceptStreamProtocol interceptStringProtocol
  isProtocolIntercepted isProtocolRegistered registerBufferProtocol registerFileProtocol registerHttpProtocol
  registerStreamProtocol registerStringProtocol uninterceptProtocol unregisterProtocol`,
);

/** @param {Array<{ scheme: string, privileges?: { standard?: boolean } }>} schemes */
export function registerSchemesAsPrivileged(schemes) {
  if (app._isReady) throw new Error("protocol.registerSchemesAsPrivileged should be called before app is ready");
  for (const { scheme, privileges } of schemes) if (privileges?.standard) mapScheme(scheme);
}
