/** What our pages may never do, whatever is in them: leave, open windows, embed others, get permissions, reach the network. */
import { type Session, shell, type WebContents, type WebPreferences } from "electron";
import { isOwnPage } from "./page-protocol.ts";

export function pagePreferences(preload: string): WebPreferences {
  return {
    preload,
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
    spellcheck: false,
  };
}

/** Hosts that links may open in the browser: where the project lives. */
const LINK_HOSTS: readonly string[] = ["github.com", "softadastra.com"];

/** Only https, only to hosts we know, only as parsed: `https://github.com.evil.example` is not one of them. */
export function isAllowedLink(url: string): boolean {
  try {
    const { protocol, hostname, username, password, port } = new URL(url);
    return protocol === "https:" && LINK_HOSTS.includes(hostname) && username === "" && password === "" && port === "";
  } catch {
    return false;
  }
}

/** Whether a page is ours: the built one, and in development the bundler's. */
export function isTrustedPage(url: string, developmentOrigin: string | null): boolean {
  return isOwnPage(url) || (developmentOrigin !== null && url.startsWith(`${developmentOrigin}/`));
}

export function hardenContents(contents: WebContents, developmentOrigin: string | null): void {
  // The page may load itself anew: the bundler does that after a change.
  const stay = (event: { preventDefault: () => void; url: string }) => {
    if (!isTrustedPage(event.url, developmentOrigin)) event.preventDefault();
  };
  contents.on("will-navigate", stay);
  contents.on("will-frame-navigate", stay);
  contents.on("will-redirect", stay);
  contents.on("will-attach-webview", (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    if (isAllowedLink(url)) void shell.openExternal(url);
    return { action: "deny" };
  });
}

/** Requests a page of ours makes; everything else is cancelled before it reaches the network. */
export function isOwnRequest(url: string, developmentOrigin: string | null): boolean {
  if (/^(?:app|data|blob|devtools|chrome-extension):/.test(url)) return true;
  if (developmentOrigin === null) return false;
  return url.startsWith(`${developmentOrigin}/`) || url.startsWith(`${developmentOrigin.replace(/^http/, "ws")}/`);
}

export function hardenSession(session: Session, developmentOrigin: string | null): void {
  session.setPermissionRequestHandler((_contents, _permission, decide) => decide(false));
  session.setPermissionCheckHandler(() => false);
  session.setDevicePermissionHandler(() => false);
  session.setDisplayMediaRequestHandler((_request, decide) => decide({}));
  session.webRequest.onBeforeRequest(({ url }, decide) => decide({ cancel: !isOwnRequest(url, developmentOrigin) }));
}
