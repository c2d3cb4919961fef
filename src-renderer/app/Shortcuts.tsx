/** Every shortcut, from the table of commands. */
import { type UiCommand, uiCommands } from "@softadastra/inspector-contract";
import { shortcutText } from "../lib/shortcuts.ts";
import { Button } from "../ui/Button.tsx";
import { Dialog } from "../ui/Dialog.tsx";
import { useOverlay } from "./commands.ts";
import styles from "./Shortcuts.module.css";

const OTHERS: readonly [string, string][] = [
  [shortcutText("Mod+Z"), "Undo the last delete"],
  ["Arrow keys", "Move; open and close folders"],
  ["Esc", "Close what is on top"],
];

export function Shortcuts() {
  const close = () => useOverlay.setState({ overlay: null });
  const listed = (uiCommands as readonly UiCommand[]).filter((command) => command.shortcut !== undefined);
  return (
    <Dialog
      size="wide"
      title="Keyboard shortcuts"
      onCancel={close}
      onSubmit={close}
      actions={
        <Button type="submit" data-autofocus>
          Close
        </Button>
      }
    >
      <dl className={styles.list}>
        {listed.map(({ id, title, shortcut }) => (
          <div key={id}>
            <dt>{shortcutText(shortcut ?? "")}</dt>
            <dd>{title.replace("…", "")}</dd>
          </div>
        ))}
        {OTHERS.map(([keys, title]) => (
          <div key={keys}>
            <dt>{keys}</dt>
            <dd>{title}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
