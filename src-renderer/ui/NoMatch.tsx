/** Said in place of a list that a search left empty: what was searched for and where, and the way out. */
import type { ReactNode } from "react";
import { useNavigation } from "../lib/navigation.ts";
import { Button } from "./Button.tsx";
import { EmptyState } from "./Notice.tsx";

/** `what` is one of the things that were searched: a key, a record. */
export function NoMatch({ what, search, children }: { what: string; search: string; children: ReactNode }) {
  return (
    <EmptyState
      title={
        <>
          No {what} matches <code>{search}</code>
        </>
      }
      action={
        <Button shortcut="Esc" onClick={() => useNavigation.setState({ search: "" })}>
          Clear search
        </Button>
      }
    >
      {children}
    </EmptyState>
  );
}
