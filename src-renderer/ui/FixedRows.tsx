/** A list of rows of one height, of which only those in sight exist: for lists, trees and tables of any length. */
import {
  type AriaRole,
  type HTMLAttributes,
  type KeyboardEvent,
  type ReactNode,
  type Ref,
  useCallback,
  useEffect,
  useId,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import { physicalHeight, placeAfterScroll, placeAt, type ScrollPlace } from "../lib/virtual-scroll.ts";
import { classes } from "./classes.ts";
import styles from "./FixedRows.module.css";

export interface FixedRowsHandle {
  /** Scrolls as little as it takes to bring the row into sight; a row far away comes to the middle. */
  reveal(index: number): void;
  /** Scrolls so that the row is the first in sight. */
  show(index: number): void;
  /** Scrolls to the last row. */
  showEnd(): void;
  focus(): void;
}

export interface FixedRowsProps {
  readonly label: string;
  readonly role: Extract<AriaRole, "tree" | "grid" | "listbox">;
  readonly rowRole: Extract<AriaRole, "treeitem" | "row" | "option">;
  readonly rowCount: number;
  /** Another content altogether: it is shown from its first row. */
  readonly contentId?: number | string | null;
  readonly rowHeight?: number;
  /** The row the keyboard is on; -1 for none. */
  readonly activeIndex: number;
  /** The row the keyboard is on may not be the selected one any more: what was selected has left the list. */
  readonly isSelected?: boolean;
  readonly onActivate: (index: number) => void;
  /** Rows `[start, end)` are in sight, or will soon be. */
  /** Rows that are added behind the last one are scrolled to, as in a terminal, while the last one is in sight. */
  readonly sticksToEnd?: boolean;
  /** The last row came into sight, or left it. */
  readonly onEnd?: (isInSight: boolean) => void;
  readonly onRange?: (start: number, end: number) => void;
  /** Attributes of a row: its classes, and what assistive technology is told of it. */
  readonly rowAttributes?: (index: number) => HTMLAttributes<HTMLDivElement>;
  readonly renderRow: (index: number) => ReactNode;
  /** Keys of the caller's; true when it took the key. */
  readonly onKey?: (event: KeyboardEvent) => boolean;
  readonly className?: string | undefined;
  readonly columnCount?: number;
  /** Column heads of a grid: they stay in sight. */
  readonly head?: ReactNode;
  readonly ref?: Ref<FixedRowsHandle>;
}

/** Height of the column heads. */
const HEAD_HEIGHT = 26;
/** Rows kept ready above and below what is in sight. */
const OVERSCAN = 8;
/** After this much rest the scrollbar of a very long list is put back in proportion. */
const SETTLE_MS = 150;

export function FixedRows({
  label,
  role,
  rowRole,
  rowCount,
  contentId = null,
  rowHeight = 26,
  activeIndex,
  isSelected = true,
  onActivate,
  sticksToEnd = false,
  onEnd,
  onRange,
  rowAttributes,
  renderRow,
  onKey,
  className,
  columnCount,
  head,
  ref,
}: FixedRowsProps) {
  const hasHead = head !== undefined;
  const scroller = useRef<HTMLDivElement>(null);
  const id = useId();
  const [viewHeight, setViewHeight] = useState(0);
  const [place, setPlace] = useState<ScrollPlace>({ physicalTop: 0, virtualTop: 0 });
  const settleTimer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const space = { totalHeight: rowCount * rowHeight, viewHeight };

  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const measure = () => setViewHeight(Math.max(0, element.clientHeight - (hasHead ? HEAD_HEIGHT : 0)));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [hasHead]);

  const [shownContent, setShownContent] = useState(contentId);
  if (contentId !== shownContent) {
    setShownContent(contentId);
    setPlace({ physicalTop: 0, virtualTop: 0 });
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: the content's name is the reason, not an input.
  useLayoutEffect(() => {
    if (scroller.current !== null) scroller.current.scrollTop = 0;
  }, [contentId]);

  const moveTo = useCallback((next: ScrollPlace) => {
    setPlace(next);
    if (scroller.current !== null) scroller.current.scrollTop = next.physicalTop;
  }, []);

  // A list that became shorter may have been scrolled past its end.
  const clamped = placeAt(place.virtualTop, space);
  const top = viewHeight === 0 ? place : clamped.virtualTop === place.virtualTop ? place : clamped;
  const start = Math.max(0, Math.floor(top.virtualTop / rowHeight) - OVERSCAN);
  const end = Math.min(rowCount, Math.ceil((top.virtualTop + viewHeight) / rowHeight) + OVERSCAN);

  const isEndInSight = viewHeight > 0 && top.virtualTop + viewHeight >= space.totalHeight - 1;
  const before = useRef({ rowCount, isEndInSight: null as boolean | null });
  useLayoutEffect(() => {
    const { rowCount: count, isEndInSight: wasInSight } = before.current;
    before.current = { rowCount, isEndInSight: wasInSight };
    // In a list that was no longer than the view, a row somebody is at must not be scrolled away.
    const isAtOther = activeIndex >= 0 && activeIndex < count - 1 && count * rowHeight <= viewHeight;
    // Somebody may have begun to scroll away and the browser not have told yet.
    const isLeaving = (scroller.current?.scrollTop ?? 0) < place.physicalTop - 1;
    if (sticksToEnd && wasInSight && !isEndInSight && rowCount > count && !isAtOther && !isLeaving) {
      moveTo(placeAt(space.totalHeight, space));
      return;
    }
    if (wasInSight === isEndInSight) return;
    before.current = { rowCount, isEndInSight };
    onEnd?.(isEndInSight);
  });

  // biome-ignore lint/correctness/useExhaustiveDependencies: the same rows of another content are other rows.
  useEffect(() => {
    if (end > start) onRange?.(start, end);
  }, [start, end, onRange, contentId]);

  const reveal = (index: number) => {
    const rowTop = index * rowHeight;
    // As it is now: a list that has just come is revealed in before it is drawn with its height.
    const viewHeight = Math.max(0, (scroller.current?.clientHeight ?? 0) - (hasHead ? HEAD_HEIGHT : 0));
    const space = { totalHeight: rowCount * rowHeight, viewHeight };
    const above = rowTop < top.virtualTop;
    const below = rowTop + rowHeight > top.virtualTop + viewHeight;
    if (!above && !below) return;
    const isFar = Math.abs(rowTop - top.virtualTop) > 2 * viewHeight;
    const centre = rowTop - Math.floor((viewHeight - rowHeight) / 2);
    moveTo(placeAt(isFar ? centre : above ? rowTop : rowTop + rowHeight - viewHeight, space));
  };
  const show = (index: number) => moveTo(placeAt(index * rowHeight, space));
  const showEnd = () => moveTo(placeAt(space.totalHeight, space));
  useImperativeHandle(ref, () => ({
    reveal,
    show,
    showEnd,
    focus: () => scroller.current?.focus({ preventScroll: true }),
  }));

  const onScroll = () => {
    const element = scroller.current;
    if (element === null) return;
    const next = placeAfterScroll(element.scrollTop, top, space);
    if (next.virtualTop !== place.virtualTop || next.physicalTop !== place.physicalTop) setPlace(next);
    clearTimeout(settleTimer.current);
    settleTimer.current = setTimeout(() => {
      const settled = placeAt(next.virtualTop, space);
      if (settled.physicalTop !== next.physicalTop) moveTo(settled);
    }, SETTLE_MS);
  };
  useEffect(() => () => clearTimeout(settleTimer.current), []);

  const onKeyDown = (event: KeyboardEvent) => {
    if (onKey?.(event)) {
      event.preventDefault();
      return;
    }
    const page = Math.max(1, Math.floor(viewHeight / rowHeight) - 1);
    const to = {
      ArrowDown: activeIndex + 1,
      ArrowUp: activeIndex === -1 ? rowCount - 1 : activeIndex - 1,
      PageDown: activeIndex + page,
      PageUp: activeIndex - page,
      Home: 0,
      End: rowCount - 1,
    }[event.key];
    if (to === undefined || rowCount === 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const next = Math.max(0, Math.min(rowCount - 1, to));
    onActivate(next);
    reveal(next);
  };

  const base = top.virtualTop - top.physicalTop;
  const rows = Array.from({ length: Math.max(0, end - start) }, (_, i) => {
    const index = start + i;
    const attributes = rowAttributes?.(index);
    return (
      // biome-ignore lint/a11y/useAriaPropsSupportedByRole: the roles a list can have all support a position.
      <div
        key={index}
        id={`${id}-${index}`}
        role={rowRole}
        aria-selected={isSelected && index === activeIndex}
        {...(role === "grid"
          ? { "aria-rowindex": index + (hasHead ? 2 : 1) }
          : { "aria-posinset": index + 1, "aria-setsize": rowCount })}
        {...attributes}
        className={classes(styles.row, attributes?.className)}
        style={{ height: rowHeight, transform: `translateY(${index * rowHeight - base}px)` }}
        onPointerDown={(event) => {
          if (event.button === 0) onActivate(index);
          attributes?.onPointerDown?.(event);
        }}
      >
        {renderRow(index)}
      </div>
    );
  });

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the role is a prop; each one it can have takes the focus and keys.
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: each role it can have has a label and an active descendant.
    <div
      ref={scroller}
      className={classes(styles.scroller, className)}
      role={role}
      aria-label={label}
      aria-activedescendant={activeIndex >= start && activeIndex < end ? `${id}-${activeIndex}` : undefined}
      {...(role === "grid" ? { "aria-rowcount": rowCount + (hasHead ? 1 : 0), "aria-colcount": columnCount } : {})}
      tabIndex={0}
      onScroll={onScroll}
      onKeyDown={onKeyDown}
    >
      {hasHead && (
        // biome-ignore lint/a11y/useSemanticElements: a virtual grid cannot be a table element.
        <div className={styles.head} role="row" aria-rowindex={1} tabIndex={-1}>
          {head}
        </div>
      )}
      <div className={styles.spacer} style={{ height: physicalHeight(space) }} role="presentation">
        {rows}
      </div>
    </div>
  );
}
