/** Shows toasts at the edge of the screen: ten seconds with an action, six without; pointing at one stops its clock. */
import { useEffect, useState } from "react";
import { dismissToast, type Toast, useToasts } from "../lib/toasts.ts";
import { Button, IconButton } from "./Button.tsx";
import { classes } from "./classes.ts";
import { Icon, type IconName } from "./icons.tsx";
import styles from "./Toasts.module.css";

const WITH_ACTION_MS = 10_000;
const PLAIN_MS = 6_000;
const ICONS: Record<Toast["tone"], IconName> = { done: "ok", deleted: "trash", error: "stop" };

export function Toasts() {
  const toasts = useToasts((state) => state.toasts);
  return (
    <div className={styles.stack}>
      {toasts.map((toast) => (
        <ToastCard key={toast.id} toast={toast} />
      ))}
    </div>
  );
}

function ToastCard({ toast }: { toast: Toast }) {
  const [isHeld, setHeld] = useState(false);
  const { action } = toast;
  useEffect(() => {
    if (isHeld || toast.isSticky) return;
    const timer = setTimeout(() => dismissToast(toast.id), action ? WITH_ACTION_MS : PLAIN_MS);
    return () => clearTimeout(timer);
  }, [isHeld, toast, action]);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: pointing at a toast only holds its clock; its buttons act.
    <div
      className={styles.toast}
      role={toast.tone === "error" ? "alert" : "status"}
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      <Icon name={ICONS[toast.tone]} className={classes(styles.icon, styles[toast.tone])} />
      <div className={styles.words}>
        <b>{toast.title}</b>
        {toast.detail && <span>{toast.detail}</span>}
      </div>
      {action && (
        <Button
          kind="link"
          size="small"
          icon={action.label === "Undo" ? "undo" : undefined}
          shortcut={action.shortcut}
          onClick={() => {
            action.run();
            dismissToast(toast.id);
          }}
        >
          {action.label}
        </Button>
      )}
      <IconButton icon="close" label="Dismiss" onClick={() => dismissToast(toast.id)} />
    </div>
  );
}
