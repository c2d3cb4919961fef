/** The left rail: the views, and what needs attention in them. */

import { problemsIn, useHealth } from "../features/health/health-store.ts";
import { useSync } from "../features/sync/sync-store.ts";
import { countOf, formatCount } from "../lib/format.ts";
import { useInspector } from "../lib/inspector.ts";
import { showView, useNavigation, type ViewName } from "../lib/navigation.ts";
import { shortcutText } from "../lib/shortcuts.ts";
import { classes } from "../ui/classes.ts";
import { Icon, type IconName } from "../ui/icons.tsx";
import { Menu } from "../ui/Menu.tsx";
import { runCommand } from "./commands.ts";
import styles from "./Rail.module.css";

const VIEWS: readonly { view: ViewName; label: string; icon: IconName }[] = [
  { view: "keys", label: "Keys", icon: "keys" },
  { view: "log", label: "Log", icon: "log" },
  { view: "sync", label: "Sync", icon: "sync" },
  { view: "health", label: "Health", icon: "health" },
  { view: "lab", label: "Lab", icon: "lab" },
];

export function Rail() {
  const shown = useNavigation((state) => state.view);
  const theme = useInspector((state) => state.settings.theme) ?? "system";
  const hasFile = useInspector((state) => state.session !== null);
  const stuck = useSync((slice) => slice.state?.stuckCount ?? 0);
  const findings = useHealth((slice) => slice.report?.findings);
  const { errorCount, warningCount } = problemsIn(findings ?? []);
  const badges: Partial<Record<ViewName, { count: number; isBad: boolean; label: string }>> = {
    sync: { count: stuck, isBad: false, label: `${formatCount(stuck)} stuck` },
    health: {
      count: errorCount + warningCount,
      isBad: errorCount > 0,
      label: [errorCount > 0 && countOf(errorCount, "error"), warningCount > 0 && countOf(warningCount, "warning")]
        .filter(Boolean)
        .join(", "),
    },
  };
  return (
    <nav className={styles.rail} aria-label="Views">
      {VIEWS.map(({ view, label, icon }, i) => {
        const badge = badges[view];
        return (
          <button
            key={view}
            type="button"
            className={classes(styles.item, hasFile && shown === view && styles.on)}
            aria-current={hasFile && shown === view ? "page" : undefined}
            disabled={!hasFile}
            title={`${label}  ${shortcutText(`Mod+${i + 1}`)}`}
            onClick={() => showView(view)}
          >
            <Icon name={icon} size={20} />
            <span>{label}</span>
            {hasFile && badge !== undefined && badge.count > 0 && (
              <em className={classes(styles.badge, badge.isBad && styles.bad)} title={badge.label}>
                <span className="visually-hidden">, {badge.label}</span>
                <span aria-hidden="true">{badge.count > 99 ? "99+" : badge.count}</span>
              </em>
            )}
          </button>
        );
      })}
      <span className={styles.grow} />
      <Menu
        label="Theme and help"
        opensUp
        buttonClass={styles.more}
        items={[
          { id: "light", label: "Light theme", isChecked: theme === "light", onChoose: () => runCommand("view.light") },
          { id: "dark", label: "Dark theme", isChecked: theme === "dark", onChoose: () => runCommand("view.dark") },
          {
            id: "system",
            label: "Theme of the system",
            isChecked: theme === "system",
            endsGroup: true,
            onChoose: () => runCommand("view.system"),
          },
          { id: "shortcuts", label: "Keyboard shortcuts", onChoose: () => runCommand("help.shortcuts") },
        ]}
      >
        <Icon name="more" size={16} />
      </Menu>
    </nav>
  );
}
