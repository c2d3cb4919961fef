/** Frames as JSON text, the form in which they cross real channels; and a bound on what is parsed. */
import type { Channel } from "./frames.ts";
import { FRAME_BYTES_MAX } from "./limits.ts";

/** What carries text: a WebSocket, or IPC. */
export interface TextPipe {
  send(text: string): void;
  onText(listener: (text: string) => void): void;
  onClose(listener: () => void): void;
  close(): void;
}

/** A text that is too long or no JSON becomes `undefined`, which is no frame and ends the connection. */
function parseFrame(text: string): unknown {
  if (text.length > FRAME_BYTES_MAX) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function textChannel<Outgoing>(pipe: TextPipe): Channel<Outgoing, unknown> {
  return {
    send: (frame) => pipe.send(JSON.stringify(frame)),
    onFrame: (listener) => pipe.onText((text) => listener(parseFrame(text))),
    onClose: (listener) => pipe.onClose(listener),
    close: () => pipe.close(),
  };
}
