/**
 * What must be different in the page's own world, because Chromium has no hook for it: window.open() and the functions
 * that ask the user for a permission. The function is self-contained, because its source is run inside the page.
 *
 * @param {(listener: (services: any) => void) => void} onOffer calls back with what the preload's world offers
 */
export function patchPage(onOffer) {
  const { apply, defineProperty } = Reflect;
  const [Text, Address, Later, DomFailure] = [String, URL, Promise, DOMException];
  const then = Promise.prototype.then;
  const lower = String.prototype.toLowerCase;
  const page = globalThis;

  const replace = (owner, name, make) => {
    const native = owner?.[name];
    if (typeof native !== "function") return;
    const wrapper = make(native);
    defineProperty(wrapper, "name", { value: name });
    defineProperty(owner, name, { ...Object.getOwnPropertyDescriptor(owner, name), value: wrapper });
  };

  const isOwnWindow = (name) => {
    const known = apply(lower, name, []);
    if (known === "_self" || known === "_parent" || known === "_top") return true;
    const frames = page.document.getElementsByName(name);
    for (let i = 0; i < frames.length; i += 1) if (frames[i].contentWindow) return true;
    return false;
  };
  const resolve = (url) => {
    try {
      return new Address(url === "" ? "about:blank" : url, page.document.baseURI).href;
    } catch {
      throw new DomFailure(
        `Failed to execute 'open' on 'Window': Unable to open a window with invalid URL '${url}'.`,
        "SyntaxError",
      );
    }
  };
  const patchOpen = (openWindow) =>
    replace(page, "open", (native) => (...args) => {
      const target = args[1] === undefined ? "_blank" : Text(args[1]);
      if (target !== "" && isOwnWindow(target)) return apply(native, page, args);
      const features = args[2] === undefined ? "" : Text(args[2]);
      openWindow({
        url: resolve(args[0] === undefined ? "" : Text(args[0])),
        frameName: apply(lower, target, []) === "_blank" ? "" : target,
        features,
        disposition: features === "" ? "foreground-tab" : "new-window",
      });
      return null;
    });

  const patchPermissions = (askPermission) => {
    /** Asks first; the browser's own function then meets the answer, set as the permission's state. */
    const guard = (owner, name, permission, detailsOf = () => ({})) =>
      replace(owner, name, (native) => {
        return function guarded(...args) {
          const proceed = () => apply(native, this, args);
          return apply(then, askPermission(permission, detailsOf(args)), [proceed]);
        };
      });
    const mediaTypes = (constraints) => {
      const types = [];
      if (constraints?.audio) types[types.length] = "audio";
      if (constraints?.video) types[types.length] = "video";
      return { mediaTypes: types };
    };
    guard(page.Notification, "requestPermission", "notifications");
    guard(page.Clipboard?.prototype, "read", "clipboard-read");
    guard(page.Clipboard?.prototype, "readText", "clipboard-read");
    guard(page.Clipboard?.prototype, "write", "clipboard-sanitized-write");
    guard(page.Clipboard?.prototype, "writeText", "clipboard-sanitized-write");
    guard(page.MediaDevices?.prototype, "getUserMedia", "media", (args) => mediaTypes(args[0]));
    guard(page.MediaDevices?.prototype, "getDisplayMedia", "display-capture");
    guard(page.StorageManager?.prototype, "persist", "persistent-storage");
    guard(page.Element?.prototype, "requestPointerLock", "pointerLock");
    guard(page.Navigator?.prototype, "requestMIDIAccess", "midi");

    replace(page.Element?.prototype, "requestFullscreen", (native) => {
      return function guarded(...args) {
        const proceed = (isGranted) =>
          isGranted ? apply(native, this, args) : Later.reject(new TypeError("fullscreen error"));
        return apply(then, askPermission("fullscreen", {}), [proceed]);
      };
    });

    const geolocation = page.Geolocation?.prototype;
    replace(geolocation, "getCurrentPosition", (native) => {
      return function guarded(...args) {
        apply(then, askPermission("geolocation", {}), [() => apply(native, this, args)]);
      };
    });
    // A watch has its number at once, but the browser's own watch starts only after the answer.
    const watches = Object.create(null);
    let nextWatch = 0;
    replace(geolocation, "watchPosition", (native) => {
      return function guarded(...args) {
        nextWatch += 1;
        const id = nextWatch;
        watches[id] = { native: undefined };
        apply(then, askPermission("geolocation", {}), [
          () => {
            if (watches[id]) watches[id].native = apply(native, this, args);
          },
        ]);
        return id;
      };
    });
    replace(geolocation, "clearWatch", (native) => {
      return function guarded(id) {
        const watch = watches[id];
        delete watches[id];
        if (watch?.native !== undefined) apply(native, this, [watch.native]);
      };
    });
  };

  onOffer(({ openWindow, askPermission }) => {
    patchOpen(openWindow);
    patchPermissions(askPermission);
  });
}
