/** Cells of a grid. The grid takes the focus and the keys as a whole; its cells do not. */
import type { HTMLAttributes } from "react";

// biome-ignore-start lint/a11y/useSemanticElements: a virtual grid cannot be a table element: most of its rows do not exist.
// biome-ignore-start lint/a11y/useFocusableInteractive: the grid points at the active row with aria-activedescendant.
export function Cell(props: HTMLAttributes<HTMLDivElement>) {
  return <div role="gridcell" {...props} />;
}

export function ColumnHead(props: HTMLAttributes<HTMLDivElement>) {
  return <div role="columnheader" {...props} />;
}
// biome-ignore-end lint/a11y/useSemanticElements: see above.
// biome-ignore-end lint/a11y/useFocusableInteractive: see above.
