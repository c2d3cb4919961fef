/** Finds the host: Electron's bridge where the preload put one, else a WebSocket to where the page came from. */
import {
  BRIDGE_NAME,
  type Bridge,
  type ClientChannel,
  type ClientFrame,
  type TextPipe,
  textChannel,
} from "@softadastra/inspector-contract";

const TOKEN_KEY = "softadastra.token";
/** The page keeps the token for reloads of this tab; the address bar should not keep showing it. */
const TOKEN_IN_HASH = /^#token=([\w-]+)$/;

export function bridge(): Bridge | null {
  const found: unknown = Reflect.get(window, BRIDGE_NAME);
  // Put there by our own preload, which is typed with the same interface.
  return typeof found === "object" && found !== null ? (found as Bridge) : null;
}

/** The browser host's token: from the address the host printed, or from before a reload. */
export function takeToken(): string | undefined {
  if (bridge() !== null) return undefined;
  const inHash = TOKEN_IN_HASH.exec(location.hash)?.[1];
  if (inHash !== undefined) {
    sessionStorage.setItem(TOKEN_KEY, inHash);
    history.replaceState(null, "", location.pathname);
  }
  return sessionStorage.getItem(TOKEN_KEY) ?? undefined;
}

function bridgePipe(found: Bridge): TextPipe {
  let onText: (text: string) => void = () => undefined;
  let onClose: () => void = () => undefined;
  const connection = found.connect(
    (text) => onText(text),
    () => onClose(),
  );
  return {
    send: (text) => connection.send(text),
    close: () => connection.close(),
    onText: (listener) => {
      onText = listener;
    },
    onClose: (listener) => {
      onClose = listener;
    },
  };
}

function socketPipe(): TextPipe {
  const socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/channel`);
  const waiting: string[] = [];
  socket.addEventListener("open", () => {
    for (const text of waiting.splice(0)) socket.send(text);
  });
  return {
    send: (text) => {
      if (socket.readyState === WebSocket.CONNECTING) waiting.push(text);
      else if (socket.readyState === WebSocket.OPEN) socket.send(text);
    },
    close: () => socket.close(),
    onText: (listener) => socket.addEventListener("message", ({ data }) => listener(String(data))),
    onClose: (listener) => socket.addEventListener("close", () => listener(), { once: true }),
  };
}

export function connectToHost(): ClientChannel {
  const found = bridge();
  return textChannel<ClientFrame>(found === null ? socketPipe() : bridgePipe(found));
}
