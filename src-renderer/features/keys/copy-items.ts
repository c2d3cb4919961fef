/** The entries "Copy as" of the menu of a key. */
import { fromBase64 } from "../../lib/bytes.ts";
import { copyText } from "../../lib/clipboard.ts";
import { useInspector } from "../../lib/inspector.ts";
import type { MenuItem } from "../../ui/Menu.tsx";
import { base64Of, cArray, getCommand, hexOf, ndjsonRow } from "./copy-as.ts";
import { type LoadedValue, useValue } from "./value-store.ts";

/** Forms of the key that is shown and of the value as it is saved, or of the older version that is shown. */
export function copyItems(value: LoadedValue | null): MenuItem[] {
  const { key: coded } = useValue.getState();
  if (coded === null) return [];
  const key = fromBase64(coded);
  const path = useInspector.getState().session?.path ?? "";
  const bytes = value?.bytes ?? null;
  const reason =
    value === null || bytes === null
      ? "There is no value"
      : bytes.length < value.valueBytes
        ? "Only a part of the value is loaded: load all of it first"
        : null;
  const copy = (id: string, label: string, make: (value: Uint8Array) => string): MenuItem => ({
    id,
    label: `Copy as ${label}`,
    disabledReason: reason,
    onChoose: () => bytes !== null && copyText(make(bytes)),
  });
  const command = getCommand(path, key);
  return [
    copy("copy-row", "NDJSON row", (some) => ndjsonRow({ key, value: some })),
    copy("copy-base64", "base64", base64Of),
    copy("copy-hex", "hex", hexOf),
    copy("copy-c", "C array", cArray),
    {
      id: "copy-command",
      label: "Copy as terminal command",
      disabledReason: command === null ? "The key is no text, and a terminal takes nothing else" : null,
      onChoose: () => command !== null && copyText(command),
      endsGroup: true,
    },
  ];
}
