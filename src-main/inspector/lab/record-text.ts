/** What a record does, and the beginning of what it writes, in a few words. */
import { displayText } from "../log-view/display-text.ts";
import type { LabLog } from "./write-range.ts";

/** Of a value, this much is shown. */
const VALUE_SHOWN_BYTES = 60;

export function operationOf({ model }: LabLog, record: number): "put" | "delete" | "other" {
  if (!model.isOperation(record)) return "other";
  return model.isDelete(record) ? "delete" : "put";
}

/** The beginning of the value that a put record holds. */
export function valueText(log: LabLog, record: number): string {
  if (log.model.isDelete(record)) return "";
  const bytes = log.model.valueBytesOf(record);
  const { text } = displayText(log.read(log.model.valueOffsetOf(record), Math.min(bytes, VALUE_SHOWN_BYTES)));
  return bytes > VALUE_SHOWN_BYTES ? `${text}…` : text;
}
