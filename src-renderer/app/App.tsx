/** The shell: rail, top bar, time strip, the view, status bar, and the layers over them. */
import { useEffect } from "react";
import { PathDialog } from "../features/files/PathDialog.tsx";
import { HealthView } from "../features/health/HealthView.tsx";
import { KeysView } from "../features/keys/KeysView.tsx";
import { LabView } from "../features/lab/LabView.tsx";
import { LogView } from "../features/log/LogView.tsx";
import { SyncView } from "../features/sync/SyncView.tsx";
import { TransferDialogs } from "../features/transfer/TransferDialogs.tsx";
import { WelcomeView } from "../features/welcome/WelcomeView.tsx";
import { useGuard } from "../lib/guard.ts";
import { call, useInspector } from "../lib/inspector.ts";
import { useNavigation } from "../lib/navigation.ts";
import { EmptyState } from "../ui/Notice.tsx";
import { Toasts } from "../ui/Toasts.tsx";
import styles from "./App.module.css";
import { Banners } from "./Banners.tsx";
import { useOverlay } from "./commands.ts";
import { DropZone } from "./DropZone.tsx";
import { ErrorBoundary } from "./ErrorBoundary.tsx";
import { Palette } from "./Palette.tsx";
import { Questions } from "./Questions.tsx";
import { Rail } from "./Rail.tsx";
import { Shortcuts } from "./Shortcuts.tsx";
import { StatusBar } from "./StatusBar.tsx";
import { TimeStrip } from "./TimeStrip.tsx";
import { TopBar } from "./TopBar.tsx";

const VIEWS = { keys: KeysView, log: LogView, sync: SyncView, health: HealthView, lab: LabView } as const;

export function App() {
  const hasSession = useInspector((state) => state.session !== null);
  const connection = useInspector((state) => state.connection);
  const lostReason = useInspector((state) => state.lostReason);
  const hasStarted = useInspector((state) => state.info !== null);
  const view = useNavigation((state) => state.view);
  const overlay = useOverlay((state) => state.overlay);
  useWindowTitle();
  if (!hasStarted) {
    return (
      <main className={styles.waiting}>
        {connection === "lost" && <EmptyState title="No connection to the inspector">{lostReason}.</EmptyState>}
      </main>
    );
  }
  const Shown = VIEWS[view];
  return (
    <div className={styles.app}>
      <Rail />
      <TopBar />
      <section className={styles.strip} aria-label="Time strip and notices">
        {hasSession && <TimeStrip />}
        <Banners />
      </section>
      <main className={styles.body}>
        <ErrorBoundary key={hasSession ? view : "welcome"}>{hasSession ? <Shown /> : <WelcomeView />}</ErrorBoundary>
      </main>
      <StatusBar />
      {overlay === "palette" && <Palette />}
      {overlay === "shortcuts" && <Shortcuts />}
      <TransferDialogs />
      <PathDialog />
      <Questions />
      <Toasts />
      <DropZone />
    </div>
  );
}

/** The title names the file and what is unsaved in it. */
function useWindowTitle(): void {
  const name = useInspector((state) => state.session?.name);
  const isOpen = useInspector((state) => state.connection === "open");
  const draftCount = useGuard((state) => state.draftCount);
  useEffect(() => {
    const title =
      name === undefined ? "Softadastra Inspector" : `${draftCount > 0 ? "● " : ""}${name} – Softadastra Inspector`;
    document.title = title;
    if (isOpen) void call("window.describe", { title, draftCount });
  }, [name, draftCount, isOpen]);
}
