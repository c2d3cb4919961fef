/** The promise that loadURL() returns: it follows the page's own events, so that it says what a listener would hear. */

/** @param {{ errorCode: number, errorDescription: string, url: string }} failure */
function loadError({ errorCode, errorDescription, url }) {
  const error = new Error(`${errorDescription} (${errorCode}) loading '${url.slice(0, 2048)}'`);
  return Object.assign(error, { errno: errorCode, code: errorDescription, url });
}

/**
 * @param {import("./web-contents.mjs").WebContents} webContents @param {string} url
 * @returns {Promise<void>}
 */
export function awaitLoad(webContents, url) {
  return new Promise((resolve, reject) => {
    let hasStarted = false;
    let failure;
    const finish = () => {
      for (const [name, listener] of Object.entries(listeners)) webContents.off(name, listener);
      if (failure) reject(loadError(failure));
      else resolve();
    };
    const fail = (errorCode, errorDescription, failedUrl) => {
      failure ??= { errorCode, errorDescription, url: failedUrl };
      finish();
    };
    const listeners = {
      "did-start-navigation": ({ url: nextUrl, isSameDocument, isMainFrame }) => {
        if (!isMainFrame) return;
        // A second navigation of the main frame takes the place of this one.
        if (hasStarted && !isSameDocument) fail(-3, "ERR_ABORTED", nextUrl);
        hasStarted = true;
      },
      "did-fail-load": (_event, errorCode, errorDescription, failedUrl, isMainFrame) => {
        if (isMainFrame) fail(errorCode, errorDescription, failedUrl);
      },
      // What finishes before this load began is another's; so is what stops.
      "did-finish-load": () => {
        if (hasStarted) finish();
      },
      "did-navigate-in-page": () => {
        if (hasStarted) finish();
      },
      // Loading may end with neither: a download, an empty answer.
      "did-stop-loading": () => {
        if (hasStarted) fail(-2, "ERR_FAILED", url);
      },
      destroyed: () => fail(-2, "ERR_FAILED", url),
    };
    for (const [name, listener] of Object.entries(listeners)) webContents.on(name, listener);
  });
}
