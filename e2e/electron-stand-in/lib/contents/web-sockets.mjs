/** Tells webRequest of the WebSockets a page opens. They are no requests to Chromium's router, and none can connect. */
import { session as sessions } from "../session/session.mjs";
import { toApp } from "../session/url-map.mjs";

/**
 * @param {import("./core.mjs").ContentsCore} core
 * @param {import("../chromium/pipe.mjs").CdpSession} session
 */
export function reportWebSockets(core, session) {
  session.on("Network.webSocketCreated", ({ url }) => {
    // The answer does not matter: there is no host the socket could reach.
    void sessions.defaultSession.webRequest._ask({
      url: toApp(url),
      method: "GET",
      webContentsId: core.id,
      webContents: core.webContents,
      frame: core.frames.main.frame,
      resourceType: "webSocket",
      referrer: core.frames.main.url,
      uploadData: [],
    });
  });
}
