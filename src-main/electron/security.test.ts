import { describe, expect, test } from "vitest";
import { PAGE_ORIGIN, PAGE_URL } from "./page-protocol.ts";
import { hardenContents, hardenSession, isAllowedLink, isOwnRequest, pagePreferences } from "./security.ts";
import { FakePage, FakeSession, watchOpenedLinks } from "./testing.ts";

const DEVELOPMENT = "http://localhost:5173";

/** Places a page must not go to, nor have opened. */
const ELSEWHERE = [
  "https://github.com/softadastra",
  "https://evil.example/",
  "http://127.0.0.1:8080/",
  "file:///etc/passwd",
  "about:blank",
  "javascript:alert(1)",
  "data:text/html,hello",
  `blob:${PAGE_ORIGIN}/0`,
  "app://elsewhere/index.html",
  "app://inspector.evil.example/",
  "chrome://settings",
  "smb://host/share",
  "",
  "not a url",
];

function hardened(developmentOrigin: string | null = null): FakePage {
  const page = new FakePage();
  hardenContents(page.contents, developmentOrigin);
  return page;
}

describe("a page", () => {
  test("runs isolated, sandboxed, without Node and webviews", () => {
    expect(pagePreferences("/app/preload.cjs")).toMatchObject({
      preload: "/app/preload.cjs",
      contextIsolation: true,
      sandbox: true,
      webSecurity: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webviewTag: false,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      navigateOnDragDrop: false,
    });
  });

  test("goes nowhere else: not by a link, in a frame, or redirected", () => {
    const page = hardened();
    for (const attempt of ["will-navigate", "will-frame-navigate", "will-redirect"]) {
      for (const url of ELSEWHERE) expect([attempt, url, page.isStopped(attempt, url)]).toEqual([attempt, url, true]);
      expect(page.isStopped(attempt, PAGE_URL)).toBe(false);
    }
  });

  test("in development may load itself anew from the bundler, and go nowhere else", () => {
    const page = hardened(DEVELOPMENT);
    for (const attempt of ["will-navigate", "will-frame-navigate", "will-redirect"]) {
      expect(page.isStopped(attempt, `${DEVELOPMENT}/index.html`)).toBe(false);
      for (const url of [...ELSEWHERE, "http://localhost:51730/", "http://localhost:5173.evil.example/"]) {
        expect([url, page.isStopped(attempt, url)]).toEqual([url, true]);
      }
    }
    expect(hardened().isStopped("will-navigate", `${DEVELOPMENT}/index.html`)).toBe(true);
  });

  test("attaches no webview, not even of our own page", () => {
    const page = hardened();
    for (const url of [...ELSEWHERE, PAGE_URL]) expect(page.isStopped("will-attach-webview", url)).toBe(true);
  });

  test("opens no window, not even of our own page; a known link goes to the browser, once", () => {
    const opened = watchOpenedLinks();
    const page = hardened();
    for (const url of [...ELSEWHERE, PAGE_URL]) expect(page.openWindow({ url })).toEqual({ action: "deny" });
    expect(opened).toEqual(["https://github.com/softadastra"]);
  });
});

test("a link goes to the browser only if it is https to exactly a known host", () => {
  for (const url of [
    "https://github.com/",
    "https://github.com",
    "https://GITHUB.com/softadastra",
    "https://github.com:443/x",
    "https://softadastra.com/docs?x=1#y",
  ]) {
    expect([url, isAllowedLink(url)]).toEqual([url, true]);
  }
  for (const url of [
    "http://github.com/",
    "https://github.com.evil.example/",
    "https://evil.example/github.com",
    "https://evil.example/?https://github.com/",
    "https://evil.example#@github.com",
    "https://evilgithub.com/",
    "https://gist.github.com/",
    "https://github.com./",
    "https://github.com:8443/",
    "https://github.com@evil.example/",
    "https://user@github.com/",
    "https://user:password@github.com/",
    "https:\\\\evil.example\\github.com",
    "ftp://github.com/",
    "file://github.com/",
    "javascript://github.com/%0aalert(1)",
    "ms-msdt://github.com/",
    "github.com",
    "//github.com/",
    "",
  ]) {
    expect([url, isAllowedLink(url)]).toEqual([url, false]);
  }
});

describe("a session", () => {
  test("grants no permission, asked or checked, no device and no screen", () => {
    const session = new FakeSession();
    hardenSession(session.session, null);
    for (const permission of [
      "media",
      "geolocation",
      "notifications",
      "midiSysex",
      "pointerLock",
      "fullscreen",
      "openExternal",
      "clipboard-read",
      "clipboard-sanitized-write",
      "display-capture",
      "fileSystem",
      "unknown",
    ]) {
      expect([permission, session.permissionRequested(permission)]).toEqual([permission, false]);
      expect([permission, session.permissionChecked(permission)]).toEqual([permission, false]);
    }
    for (const device of ["hid", "serial", "usb"]) expect(session.deviceChecked(device)).toBe(false);
    expect(session.displayMediaRequested()).toEqual({});
  });

  test("cancels every request that would reach the network or the disk", () => {
    const session = new FakeSession();
    hardenSession(session.session, null);
    for (const url of [
      "http://127.0.0.1/",
      "https://github.com/",
      "ws://localhost:5173/",
      "wss://evil.example/",
      "file:///etc/passwd",
      "ftp://evil.example/",
      "filesystem:app://inspector/x",
      "apps://inspector/",
      "x-app://inspector/",
      `${DEVELOPMENT}/index.js`,
    ]) {
      expect([url, session.isCancelled(url)]).toEqual([url, { cancel: true }]);
    }
    for (const url of [PAGE_URL, "data:image/png;base64,AA==", `blob:${PAGE_ORIGIN}/0`, "devtools://devtools/x"]) {
      expect([url, session.isCancelled(url)]).toEqual([url, { cancel: false }]);
    }
  });

  test("in development lets through the bundler's origin and its socket, and no neighbour of it", () => {
    const session = new FakeSession();
    hardenSession(session.session, DEVELOPMENT);
    for (const url of [`${DEVELOPMENT}/src/main.tsx`, "ws://localhost:5173/?token=x"]) {
      expect([url, session.isCancelled(url)]).toEqual([url, { cancel: false }]);
    }
    for (const url of [
      "http://localhost:51730/",
      "http://localhost:5173.evil.example/",
      "http://localhost:5173@evil.example/",
      "https://localhost:5173/",
      "wss://localhost:5173/",
      "http://127.0.0.1:5173/",
    ]) {
      expect([url, isOwnRequest(url, DEVELOPMENT), session.isCancelled(url)]).toEqual([url, false, { cancel: true }]);
    }
  });
});
