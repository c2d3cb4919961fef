/** Where to save a case, on hosts without the system's dialog: a path, and what is written there. */
import { useState } from "react";
import { Button } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { Field } from "../../ui/Field.tsx";
import { closeSaving, saveCase } from "./lab-runs.ts";

export function SaveDialog({ suggestion }: { suggestion: string }) {
  const [text, setText] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const [mustConfirm, setMustConfirm] = useState(false);
  const path = text.trim();
  const submit = async () => {
    if (path === "") return;
    const failed = await saveCase(path, mustConfirm);
    if (failed === null) {
      closeSaving();
      return;
    }
    setMustConfirm(failed.code === "Exists");
    setProblem(failed.code === "Exists" ? `${failed.message} Save again to replace it.` : failed.message);
  };
  return (
    <Dialog
      size="wide"
      title="Save the case as a fixture"
      onCancel={closeSaving}
      onSubmit={() => void submit()}
      actions={
        <>
          <Button onClick={closeSaving}>Cancel</Button>
          <Button kind={mustConfirm ? "danger" : "primary"} type="submit" disabled={path === ""}>
            {mustConfirm ? "Replace the files" : "Save"}
          </Button>
        </>
      }
    >
      <Field
        label="Path of the new file"
        isMono
        data-autofocus
        value={text}
        placeholder={`~/fixtures/${suggestion}`}
        error={problem}
        onChange={(event) => {
          setText(event.target.value);
          setProblem(null);
          setMustConfirm(false);
        }}
      />
      <p>
        Two files: the log as the crash leaves it, and beside it, with the ending .expected.json, what a reader must
        find in it. softadastra-wal verify --expect checks one against the other.
      </p>
    </Dialog>
  );
}
