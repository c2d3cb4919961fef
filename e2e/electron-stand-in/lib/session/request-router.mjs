/** Stands between Chromium and the network: every request of every page stops here and is answered here, or fails. */
import { chromium } from "../chromium/browser.mjs";
import { coreOfFrame } from "../window/registry.mjs";
import { NET } from "./net-errors.mjs";
import { applyChecks } from "./permissions.mjs";
import { session } from "./session.mjs";
import { isMapped, originToApp, schemeOf, toApp, toPage } from "./url-map.mjs";
import { resourceTypeOf } from "./web-request.mjs";

/** Chromium's own pages and what never leaves the renderer. */
const INTERNAL = new Set(["about", "blob", "chrome", "chrome-error", "chrome-untrusted", "data", "devtools"]);

/** Responses that have no body, which the Response class and Chromium both insist on. */
const NO_BODY = new Set([101, 204, 205, 304]);

export async function startRouting() {
  const { browser } = chromium;
  browser.on("Fetch.requestPaused", (paused) => {
    route(paused).catch((error) => {
      if (!error.isGone && !/Invalid InterceptionId/.test(error.message)) {
        console.error(`electron stand-in: ${paused.request.url}: ${error.message}`);
      }
    });
  });
  await browser.send("Fetch.enable", { patterns: [{ urlPattern: "*" }] });
}

/** Chromium looks for an icon for every page of a web server; Electron does not, so neither the app nor the page hears of it. */
const isIconSearch = ({ resourceType, request }) =>
  resourceType === "Other" && /^https:\/\/[^/]+\/favicon\.ico$/.test(request.url);

const go = (requestId) => chromium.browser.send("Fetch.continueRequest", { requestId });

/** @param {any} paused @param {import("./net-errors.mjs").NetError} error */
function refuse({ requestId, frameId, resourceType }, error) {
  if (resourceType === "Document") coreOfFrame(frameId)?.navigation.requestFailed(frameId, error);
  return chromium.browser.send("Fetch.failRequest", { requestId, errorReason: error.reason });
}

/** @param {any} paused Chromium's description of the request */
async function route(paused) {
  const { requestId, request, frameId, resourceType } = paused;
  const pageUrl = request.url + (request.urlFragment ?? "");
  const core = coreOfFrame(frameId);
  const isDocument = resourceType === "Document";
  if (!core && INTERNAL.has(schemeOf(pageUrl))) return go(requestId);
  if (isIconSearch(paused)) return chromium.browser.send("Fetch.fulfillRequest", { requestId, responseCode: 204 });
  if (isDocument && core && !paused.redirectedRequestId && !core.navigation.mayRequest(frameId, pageUrl)) {
    return refuse(paused, NET.aborted);
  }
  const url = toApp(pageUrl);
  const response = await session.defaultSession.webRequest._ask(describe(paused, url, core));
  if (response.cancel) return refuse(paused, NET.blockedByClient);
  if (response.redirectURL) return redirect(requestId, response.redirectURL);
  return answer(paused, url, core);
}

/** What a webRequest listener is told. */
function describe({ request, frameId, resourceType }, url, core) {
  const record = core?.frames.get(frameId);
  const headers = new Headers(request.headers);
  const referrer = headers.get("referer");
  const origin = headers.get("origin");
  return {
    url,
    method: request.method,
    webContentsId: core?.id,
    webContents: core?.webContents,
    frame: record?.frame ?? null,
    initiatorOrigin: origin ? originToApp(origin) : undefined,
    resourceType: resourceTypeOf(resourceType, frameId === core?.targetId),
    referrer: referrer ? toApp(referrer) : "",
    uploadData: uploadOf(request).map((bytes) => ({ bytes })),
  };
}

/** @returns {Buffer[]} */
function uploadOf(request) {
  return (request.postDataEntries ?? []).map(({ bytes = "" }) => Buffer.from(bytes, "base64"));
}

async function answer(paused, url, core) {
  const { requestId, frameId, resourceType } = paused;
  const scheme = schemeOf(url);
  const handler = session.defaultSession.protocol._handlerOf(scheme);
  if (!handler) {
    if (INTERNAL.has(scheme) || scheme === "file") return go(requestId);
    return refuse(paused, isMapped(scheme) ? NET.unknownScheme : NET.offline);
  }
  const isMainDocument = resourceType === "Document" && frameId === core?.targetId;
  if (isMainDocument) await applyChecks(core, url);
  const response = await callHandler(handler, paused.request, url);
  if (!response) return refuse(paused, NET.unexpected);
  if (response.type === "error") return refuse(paused, NET.failed);
  const headers = headersOf(response, url);
  const location = headers.find(({ name }) => name.toLowerCase() === "location");
  if (location && resourceType === "Document" && response.status >= 300 && response.status < 400) {
    const target = toApp(location.value);
    if (core && !core.navigation.mayRedirect(frameId, target)) return refuse(paused, NET.aborted);
  }
  if (resourceType === "Document") core?.navigation.requestAnswered(frameId, url, response);
  const body = NO_BODY.has(response.status) ? Buffer.alloc(0) : Buffer.from(await response.arrayBuffer());
  return chromium.browser.send("Fetch.fulfillRequest", {
    requestId,
    responseCode: response.status,
    responsePhrase: response.statusText || undefined,
    responseHeaders: headers,
    body: body.toString("base64"),
  });
}

/** @returns {Promise<Response | undefined>} undefined where the handler threw or returned something else */
async function callHandler(handler, request, url) {
  try {
    const headers = new Headers();
    for (const [name, value] of Object.entries(request.headers)) {
      if (!(name.toLowerCase() === "origin" && value === "null")) headers.append(name, mapHeader(name, value));
    }
    const upload = uploadOf(request);
    const body = upload.length > 0 ? Buffer.concat(upload) : undefined;
    const response = await handler(new Request(url, { method: request.method, headers, body }));
    if (response !== null && typeof response === "object" && typeof response.status === "number") return response;
    console.error(`The handler for ${url} did not return a Response`);
  } catch (error) {
    console.error(error);
  }
  return undefined;
}

/** A page's addresses in its request's headers, as the main process knows them. */
function mapHeader(name, value) {
  return /^(origin|referer)$/i.test(name) ? toApp(value) : value;
}

/** @param {Response} response @param {string} url */
function headersOf(response, url) {
  const headers = Array.from(response.headers, ([name, value]) => ({ name, value }));
  for (const header of headers) {
    if (header.name === "location") header.value = toPage(new URL(header.value, url).href);
  }
  return headers;
}

function redirect(requestId, target) {
  return chromium.browser.send("Fetch.fulfillRequest", {
    requestId,
    responseCode: 307,
    responseHeaders: [{ name: "Location", value: toPage(target) }],
  });
}
