/** The health of the open file, and which finding the user is at. */
import type { Finding, HealthReport, Strip } from "@softadastra/inspector-contract";
import { create } from "zustand";
import { call, sessionId, useInspector } from "../../lib/inspector.ts";
import { useNavigation } from "../../lib/navigation.ts";
import { forgetPolicies, takePolicies } from "./policies-store.ts";

interface HealthSlice {
  readonly report: HealthReport | null;
  readonly strip: Strip | null;
  readonly activeFinding: number;
}

export const useHealth = create<HealthSlice>(() => ({ report: null, strip: null, activeFinding: -1 }));

/** Columns of the map: one for every three pixels of a wide window. */
const COLUMNS = 420;

let turn = 0;

async function refresh(): Promise<void> {
  const mine = ++turn;
  const session = sessionId();
  if (session === -1) return;
  const [report, strip, policies] = await Promise.all([
    call("health.report", { session }),
    call("log.strip", { session, columns: COLUMNS }),
    call("health.policies", { session }),
  ]);
  if (mine !== turn || !report.ok || !strip.ok) return;
  useHealth.setState({ report: report.value, strip: strip.value });
  if (policies.ok) takePolicies(policies.value);
}

export function setActiveFinding(activeFinding: number): void {
  useHealth.setState({ activeFinding });
}

/** The next finding, from the first again behind the last. */
export function nextFinding(): void {
  const { report, activeFinding } = useHealth.getState();
  const count = report?.findings.length ?? 0;
  if (count > 0) useHealth.setState({ activeFinding: (activeFinding + 1) % count });
}

/** Findings that need attention: the badge in the rail. */
export function problemsIn(findings: readonly Finding[]): { errorCount: number; warningCount: number } {
  const count = (severity: Finding["severity"]) => findings.filter((finding) => finding.severity === severity).length;
  return { errorCount: count("error"), warningCount: count("warning") };
}

/** Called once, when the app starts. */
export function startHealth(): void {
  useInspector.subscribe((state, before) => {
    if (state.session?.session !== before.session?.session) {
      useHealth.setState({ report: null, strip: null, activeFinding: -1 });
      forgetPolicies();
    }
    const ended = state.session?.indexing.phase !== before.session?.indexing.phase;
    const isShown = useNavigation.getState().view === "health";
    const isJudgedAnew =
      state.session?.verdict !== before.session?.verdict ||
      state.session?.growingBytes !== before.session?.growingBytes ||
      state.session?.unreachableRecordCount !== before.session?.unreachableRecordCount;
    if (
      ended ||
      isJudgedAnew ||
      state.session?.session !== before.session?.session ||
      (isShown && state.keysRevision !== before.keysRevision)
    )
      void refresh();
  });
  useNavigation.subscribe((state, before) => {
    if (state.view === "health" && before.view !== "health") void refresh();
  });
}
