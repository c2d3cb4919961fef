/** What happened, said at the edge of the screen; with one action at most. Never the only place for an error. */
import { create } from "zustand";

export interface Toast {
  readonly id: number;
  readonly tone: "done" | "deleted" | "error";
  readonly title: string;
  readonly detail?: string;
  readonly action?: { readonly label: string; readonly shortcut?: string; readonly run: () => void };
  /** Stays until it is closed. */
  readonly isSticky: boolean;
}

/** More would cover the screen; the oldest goes. */
const TOASTS_MAX = 3;

interface ToastState {
  readonly toasts: readonly Toast[];
}

export const useToasts = create<ToastState>(() => ({ toasts: [] }));

let nextId = 1;

export function showToast(toast: Omit<Toast, "id" | "isSticky"> & { isSticky?: boolean }): number {
  const id = nextId++;
  const shown: Toast = { ...toast, id, isSticky: toast.isSticky ?? toast.tone === "error" };
  useToasts.setState(({ toasts }) => ({ toasts: [...toasts, shown].slice(-TOASTS_MAX) }));
  return id;
}

export function dismissToast(id: number): void {
  useToasts.setState(({ toasts }) => ({ toasts: toasts.filter((toast) => toast.id !== id) }));
}
