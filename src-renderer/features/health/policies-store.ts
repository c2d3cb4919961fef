/** What each policy gives: the totals, and the keys they do not agree on, of which a bounded number of pages is held. */
import type { PolicyComparison, PolicyFilter, PolicyRow } from "@softadastra/inspector-contract";
import { create } from "zustand";
import { call, sessionId } from "../../lib/inspector.ts";
import { PAGE_ROWS, type PagesByIndex, pagesOf, rowAt, withPage } from "../../lib/pages.ts";

interface PoliciesSlice {
  readonly comparison: PolicyComparison | null;
  readonly filter: PolicyFilter;
  readonly rowCount: number;
  readonly pages: PagesByIndex<PolicyRow>;
  readonly generation: number;
  /** Raised by each other list. */
  readonly listId: number;
  readonly activeRow: number;
}

const NONE = { comparison: null, filter: "all", rowCount: 0, pages: new Map(), generation: 0, activeRow: -1 } as const;

export const usePolicies = create<PoliciesSlice>(() => ({ ...NONE, listId: 0 }));

let visible = { start: 0, end: PAGE_ROWS };
const asked = new Set<string>();

export function policyRow(index: number): PolicyRow | undefined {
  return rowAt(usePolicies.getState().pages, index);
}

/** Another file: nothing of the one before stays. */
export function forgetPolicies(): void {
  visible = { start: 0, end: PAGE_ROWS };
  usePolicies.setState(({ listId }) => ({ ...NONE, listId: listId + 1 }));
}

/** Takes what the host knows now. */
export function takePolicies(comparison: PolicyComparison): void {
  usePolicies.setState(({ generation, filter }) => ({
    comparison,
    generation: generation + 1,
    rowCount: countOf(comparison, filter),
  }));
  ensureRows(visible.start, visible.end);
}

export function countOf(comparison: PolicyComparison, filter: PolicyFilter): number {
  const { allCount, gainedCount, otherCount, comesBackCount } = comparison;
  return { all: allCount, gained: gainedCount, other: otherCount, "comes-back": comesBackCount }[filter];
}

export function setPolicyFilter(filter: PolicyFilter): void {
  const { comparison } = usePolicies.getState();
  if (comparison === null) return;
  visible = { start: 0, end: PAGE_ROWS };
  usePolicies.setState(({ listId, generation }) => ({
    filter,
    pages: new Map(),
    listId: listId + 1,
    generation: generation + 1,
    activeRow: -1,
    rowCount: countOf(comparison, filter),
  }));
  ensureRows(visible.start, visible.end);
}

export function setActiveRow(activeRow: number): void {
  usePolicies.setState({ activeRow });
}

export function ensureRows(start: number, end: number): void {
  visible = { start, end };
  const { rowCount, pages, generation } = usePolicies.getState();
  if (rowCount === 0) return;
  for (const index of pagesOf(start, Math.min(end, rowCount))) {
    const ticket = `${generation}:${index}`;
    if (pages.get(index)?.generation === generation || asked.has(ticket)) continue;
    asked.add(ticket);
    void fetchPage(index, generation).finally(() => asked.delete(ticket));
  }
}

async function fetchPage(index: number, generation: number): Promise<void> {
  const { filter, listId } = usePolicies.getState();
  const session = sessionId();
  const answer = await call("health.policyRows", { session, filter, start: index * PAGE_ROWS, count: PAGE_ROWS });
  const now = usePolicies.getState();
  if (!answer.ok || now.listId !== listId || session !== sessionId()) return;
  const inSight = pagesOf(visible.start, visible.end);
  usePolicies.setState({
    rowCount: answer.value.rowCount,
    pages: withPage(now.pages, index, { generation, rows: answer.value.rows }, inSight),
  });
}
