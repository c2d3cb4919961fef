/** Keeps a fault in one view from taking the window down: says so, and lets the user look elsewhere or try again. */
import { Component, type ReactNode } from "react";
import { copyText } from "../lib/clipboard.ts";
import { Button } from "../ui/Button.tsx";
import { EmptyState } from "../ui/Notice.tsx";

export class ErrorBoundary extends Component<{ children: ReactNode }, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };

  static getDerivedStateFromError(error: unknown): { error: Error } {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === null) return this.props.children;
    return (
      <EmptyState
        title="This view could not be drawn"
        action={
          <>
            <Button onClick={() => this.setState({ error: null })}>Try again</Button>
            <Button kind="ghost" onClick={() => copyText(`${error.message}\n${error.stack ?? ""}`)}>
              Copy details
            </Button>
          </>
        }
      >
        {error.message}. Nothing was written, and drafts are kept.
      </EmptyState>
    );
  }
}
