/** The dialogs of export and import, whichever is open. */
import { useTransfer } from "../../lib/transfer.ts";
import { ExportDialog } from "./ExportDialog.tsx";
import { ImportDialog } from "./ImportDialog.tsx";

export function TransferDialogs() {
  const dialog = useTransfer((state) => state.dialog);
  if (dialog === "export") return <ExportDialog />;
  return dialog === "import" ? <ImportDialog /> : null;
}
