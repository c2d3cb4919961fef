/** Where the user is: the view, and the one record that strip, tree and tables point at. Features meet here, not each other. */
import { create } from "zustand";

export type ViewName = "keys" | "log" | "sync" | "health" | "lab";

interface Navigation {
  readonly view: ViewName;
  /** Key under the cursor, as base64. */
  readonly key: string | null;
  /** Offset of the record under the cursor. */
  readonly recordOffset: number | null;
  /** What the search field says, for the view that is shown. */
  readonly search: string;
  /** Raised to put the focus into the search field. */
  readonly findRequest: number;
  /** Raised when the key list should scroll to the key. */
  readonly revealRequest: number;
}

export const useNavigation = create<Navigation>(() => ({
  view: "keys",
  key: null,
  recordOffset: null,
  search: "",
  findRequest: 0,
  revealRequest: 0,
}));

export function showView(view: ViewName): void {
  if (useNavigation.getState().view !== view) useNavigation.setState({ view, search: "" });
}

/** Shows a key in Keys, wherever the user is. */
export function goToKey(key: string, recordOffset: number | null = null): void {
  useNavigation.setState((state) => ({
    view: "keys",
    search: state.view === "keys" ? state.search : "",
    key,
    recordOffset,
    revealRequest: state.revealRequest + 1,
  }));
}

export function selectKey(key: string | null): void {
  useNavigation.setState({ key });
}

/** A key that was chosen by its name: its newest record is under the cursor, as soon as it is known. */
export function chooseKey(key: string): void {
  useNavigation.setState({ key, recordOffset: null });
}

export function pointAtRecord(recordOffset: number | null): void {
  useNavigation.setState({ recordOffset });
}

/** Shows what stands at an offset in Log, wherever the user is. */
export function goToRecord(recordOffset: number): void {
  showView("log");
  pointAtRecord(recordOffset);
}

export function requestFind(): void {
  useNavigation.setState(({ findRequest }) => ({ findRequest: findRequest + 1 }));
}
