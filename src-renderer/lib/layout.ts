/** Sizes and open panes of the window, kept over restarts. */
import { create } from "zustand";
import { readSetting, writeSetting } from "./inspector.ts";

interface Layout {
  readonly keysTreeWidth: number;
  readonly keysDetailsWidth: number;
  readonly isDetailsShown: boolean;
  /** Below 1180 pixels details are a drawer over the value. */
  readonly isNarrow: boolean;
  readonly setSize: (name: "keysTreeWidth" | "keysDetailsWidth", size: number) => void;
  readonly toggleDetails: () => void;
}

/** Below this width details are a drawer. */
const NARROW_QUERY = "(max-width: 1179px)";

export const useLayout = create<Layout>((set, get) => ({
  keysTreeWidth: 312,
  keysDetailsWidth: 312,
  isDetailsShown: true,
  isNarrow: false,
  setSize: (name, size) => {
    set({ [name]: size });
    keep();
  },
  toggleDetails: () => {
    set({ isDetailsShown: !get().isDetailsShown });
    if (!get().isNarrow) keep();
  },
}));

function keep(): void {
  const { keysTreeWidth, keysDetailsWidth, isDetailsShown, isNarrow } = useLayout.getState();
  const kept = parseLayout(readSetting("layout"));
  writeSetting(
    "layout",
    JSON.stringify({
      keysTreeWidth,
      keysDetailsWidth,
      isDetailsShown: isNarrow ? kept.isDetailsShown : isDetailsShown,
    }),
  );
}

function parseLayout(text: string | undefined) {
  const width = (value: unknown) => (typeof value === "number" && value >= 200 && value <= 900 ? value : 312);
  try {
    const kept = JSON.parse(text ?? "{}") as Record<string, unknown>;
    return {
      keysTreeWidth: width(kept.keysTreeWidth),
      keysDetailsWidth: width(kept.keysDetailsWidth),
      isDetailsShown: kept.isDetailsShown !== false,
    };
  } catch {
    return { keysTreeWidth: 312, keysDetailsWidth: 312, isDetailsShown: true };
  }
}

/** Called once, when the settings are here. */
export function startLayout(): void {
  const narrow = window.matchMedia(NARROW_QUERY);
  const apply = () => {
    const kept = parseLayout(readSetting("layout"));
    useLayout.setState({ isNarrow: narrow.matches, isDetailsShown: !narrow.matches && kept.isDetailsShown });
  };
  useLayout.setState(parseLayout(readSetting("layout")));
  apply();
  narrow.addEventListener("change", apply);
}
