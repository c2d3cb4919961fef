/** The `clipboard` module: a text of the main process's own, apart from the one Chromium's pages copy to. */

function makeClipboard() {
  let text = "";
  return {
    async readText() {
      return text;
    },
    /** @param {string} value */
    async writeText(value) {
      text = String(value);
    },
    /** @param {string} mimetype */
    async has(mimetype) {
      return mimetype === "text/plain" && text !== "";
    },
    clear() {
      text = "";
    },
  };
}

export const clipboard = { ...makeClipboard(), selection: makeClipboard() };
