/** The line between two panes: dragged, or moved with the arrow keys. */
import { type KeyboardEvent, type PointerEvent, useRef } from "react";
import styles from "./Splitter.module.css";

export interface SplitterProps {
  readonly label: string;
  /** Size of the pane it belongs to, in pixels. */
  readonly size: number;
  readonly min: number;
  readonly max: number;
  /** The pane is on this side of the line. */
  readonly side: "start" | "end";
  readonly onResize: (size: number) => void;
}

const STEP = 16;

export function Splitter({ label, size, min, max, side, onResize }: SplitterProps) {
  const drag = useRef<{ x: number; size: number } | null>(null);
  const resize = (next: number) => onResize(Math.round(Math.max(min, Math.min(max, next))));
  const sign = side === "start" ? 1 : -1;

  const keys = (event: KeyboardEvent) => {
    const to = { ArrowLeft: size - STEP * sign, ArrowRight: size + STEP * sign, Home: min, End: max }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    resize(to);
  };
  const start = (event: PointerEvent) => {
    drag.current = { x: event.clientX, size };
    event.currentTarget.setPointerCapture(event.pointerId);
  };
  const move = (event: PointerEvent) => {
    if (drag.current !== null) resize(drag.current.size + (event.clientX - drag.current.x) * sign);
  };

  return (
    // biome-ignore lint/a11y/useSemanticElements: a focusable separator with a value is the splitter of the ARIA practices; hr has none.
    <div
      className={styles.splitter}
      role="separator"
      aria-orientation="vertical"
      aria-label={label}
      aria-valuenow={size}
      aria-valuemin={min}
      aria-valuemax={max}
      tabIndex={0}
      onKeyDown={keys}
      onPointerDown={start}
      onPointerMove={move}
      onPointerUp={() => {
        drag.current = null;
      }}
    />
  );
}
