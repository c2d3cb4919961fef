/** What the preload puts on the window of the desktop app: the smallest surface that can carry the contract. */

/** IPC channel names; the host's end and the preload share them. */
export const IPC = {
  connect: "inspector:connect",
  frame: "inspector:frame",
  disconnect: "inspector:disconnect",
} as const;

export interface BridgeConnection {
  send(text: string): void;
  close(): void;
}

export interface Bridge {
  /** A new connection to the host. Each text is one frame. */
  connect(onText: (text: string) => void, onClose: () => void): BridgeConnection;
  /** The path of a file that was dropped on the window; empty when it has none. */
  pathOf(file: unknown): string;
}

export const BRIDGE_NAME = "softadastra";
