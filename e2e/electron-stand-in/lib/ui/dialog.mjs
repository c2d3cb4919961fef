/** The `dialog` module: records what was asked and cancels. Tests put functions of their own in the place of these. */
import { app } from "../app/app.mjs";
import { recordCall } from "../calls.mjs";

/** @param {any[]} args either (options) or (window, options) @returns {any} */
function optionsOf(args) {
  const [first, second] = args;
  const isWindow = typeof first?.loadURL === "function";
  return (isWindow ? second : first) ?? {};
}

/** @param {string} name @param {any[]} args */
function begin(name, args) {
  if (!app.isReady()) throw new Error("dialog module can only be used after app is ready");
  const options = optionsOf(args);
  recordCall(`dialog.${name}`, [options]);
  return options;
}

/** The button that stands for "no answer". */
function cancelButton({ buttons = [], cancelId, defaultId }) {
  if (cancelId !== undefined) return cancelId;
  const named = buttons.findIndex((label) => /^(cancel|no)$/i.test(label));
  if (named >= 0) return named;
  return defaultId === 0 && buttons.length > 1 ? 1 : 0;
}

// Like Electron's, these throw at once when it is too early, and do not reject.
export const dialog = {
  showOpenDialog(...args) {
    begin("showOpenDialog", args);
    return Promise.resolve({ canceled: true, filePaths: [] });
  },
  showOpenDialogSync(...args) {
    begin("showOpenDialogSync", args);
    return undefined;
  },
  showSaveDialog(...args) {
    begin("showSaveDialog", args);
    return Promise.resolve({ canceled: true, filePath: "" });
  },
  showSaveDialogSync(...args) {
    begin("showSaveDialogSync", args);
    return "";
  },
  showMessageBox(...args) {
    const options = begin("showMessageBox", args);
    return Promise.resolve({ response: cancelButton(options), checkboxChecked: Boolean(options.checkboxChecked) });
  },
  showMessageBoxSync(...args) {
    return cancelButton(begin("showMessageBoxSync", args));
  },
  /** May be called before the app is ready; Electron prints it then, and so does this. */
  showErrorBox(title, content) {
    recordCall("dialog.showErrorBox", [title, content]);
    console.error(`${title}\n${content}`);
  },
  showCertificateTrustDialog(...args) {
    begin("showCertificateTrustDialog", args);
    return Promise.resolve();
  },
};
