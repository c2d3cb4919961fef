/** The health report as a document: copied, or saved where the user says. */
import type { Output } from "@softadastra/inspector-contract";
import { copyText } from "../../lib/clipboard.ts";
import { formatBytes } from "../../lib/format.ts";
import { call, perform, sessionId, showFailure, useInspector } from "../../lib/inspector.ts";
import { askForPath } from "../../lib/opening.ts";
import { showToast } from "../../lib/toasts.ts";

export type ReportFormat = "markdown" | "json";
export const FORMAT_NAMES: Record<ReportFormat, string> = { markdown: "Markdown", json: "JSON" };

function documentIn(format: ReportFormat): Promise<Output<"health.document"> | null> {
  return perform("health.document", { session: sessionId(), format }, "The report was not made");
}

export async function copyReport(format: ReportFormat): Promise<void> {
  const made = await documentIn(format);
  if (made === null) return;
  copyText(made.text);
  const detail = `As ${FORMAT_NAMES[format]}, with every finding and its offset.`;
  showToast({ tone: "done", title: "Report copied", detail });
}

export async function exportReport(format: ReportFormat): Promise<void> {
  const session = sessionId();
  const made = await documentIn(format);
  if (made === null) return;
  const save = async (path: string, overwrite: boolean) => {
    const answer = await call("health.export", { session, format, path, overwrite });
    if (!answer.ok) {
      if (useInspector.getState().info?.hasNativeDialogs) showFailure("The report was not saved", answer.error);
      return answer.error;
    }
    const detail = `${formatBytes(answer.value.fileBytes)} in ${answer.value.path}.`;
    showToast({ tone: "done", title: "Report saved", detail });
    return null;
  };
  await askForPath(
    { title: `Save the health report as ${FORMAT_NAMES[format]}`, label: "Path of the report", verb: "Save report" },
    made.suggestedPath,
    save,
  );
}
