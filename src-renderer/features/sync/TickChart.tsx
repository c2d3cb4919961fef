/** Open operations over the last ticks as a step line, and what ticks did as bars. Says in words what it shows. */
import type { TickReport } from "@softadastra/inspector-contract";
import { formatCount } from "../../lib/format.ts";
import { EmptyState } from "../../ui/Notice.tsx";
import { niceMax } from "./chart-scale.ts";
import styles from "./TickChart.module.css";

const WIDTH = 316;
const HEIGHT = 116;
const TICKS_SHOWN = 40;
/** Room for this many at least: the first ticks keep their size while the line grows. */
const TICKS_MIN = 12;
const BAR_WIDTH_MAX = 6;

export function TickChart({ ticks, openNow }: { ticks: readonly TickReport[]; openNow: number }) {
  const shown = ticks.slice(-TICKS_SHOWN);
  const most = Math.max(openNow, ...shown.map((tick) => tick.openCount));
  return (
    <section className={styles.card} aria-label="Outbox size">
      <div className={styles.head}>
        <h2>Outbox size</h2>
        <span className={styles.key}>
          <i className={styles.lineKey} />
          open
        </span>
        <span className={styles.key}>
          <i className={styles.flightKey} />
          in flight
        </span>
        <span className={styles.key}>
          <i className={styles.retryKey} />
          retried
        </span>
      </div>
      {shown.length === 0 ? (
        <div className={styles.empty}>
          <EmptyState title={`${formatCount(openNow)} open`}>The line begins with the first tick.</EmptyState>
        </div>
      ) : (
        <Drawing ticks={shown} most={most} />
      )}
    </section>
  );
}

function Drawing({ ticks, most }: { ticks: readonly TickReport[]; most: number }) {
  const max = niceMax(most);
  const slots = Math.max(TICKS_MIN, ticks.length);
  const step = WIDTH / slots;
  const barWidth = Math.min(BAR_WIDTH_MAX, step * 0.4);
  const y = (count: number) => HEIGHT - (Math.min(count, max) / max) * (HEIGHT - 4);
  const x = (i: number) => i * step + 1;
  const line = ticks
    .map((tick, i) => `${i === 0 ? `M${x(0)} ${y(tick.openCount)}` : `H${x(i)}V${y(tick.openCount)}`}`)
    .join("");
  const end = x(ticks.length - 1) + step - 1;
  const first = ticks[0]?.number ?? 0;
  const last = ticks.at(-1)?.number ?? 0;
  // No room for a label of its own under the last tick.
  const isShort = ticks.length < slots / 2;
  const grid = [0, 1, 2, 3].map((part) => (max / 3) * part);
  return (
    <div className={styles.chart}>
      <div className={styles.scale} aria-hidden="true">
        {[...grid].reverse().map((value) => (
          <span key={value}>{formatCount(value)}</span>
        ))}
      </div>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`Open operations over ${ticks.length} ticks: ${formatCount(most)} at most, ${formatCount(ticks.at(-1)?.openCount ?? 0)} now`}
      >
        {grid.map((value) => (
          <path key={value} className={styles.grid} d={`M0 ${y(value)}H${WIDTH}`} />
        ))}
        <path className={styles.area} d={`${line}H${end}V${HEIGHT}H${x(0)}Z`} />
        {ticks.map((tick, i) => (
          <g key={tick.number}>
            {tick.batchSize > 0 && (
              <rect
                className={styles.flight}
                x={x(i)}
                y={y(tick.batchSize)}
                width={barWidth}
                height={HEIGHT - y(tick.batchSize)}
              />
            )}
            {tick.retriedCount > 0 && (
              <rect
                className={styles.retry}
                x={x(i) + barWidth + 1}
                y={y(tick.retriedCount)}
                width={barWidth}
                height={HEIGHT - y(tick.retriedCount)}
              />
            )}
          </g>
        ))}
        <path className={styles.line} d={`${line}H${end}`} />
      </svg>
      <div className={styles.axis} aria-hidden="true">
        <span>
          {last > first && isShort
            ? `ticks ${formatCount(first)} to ${formatCount(last)}`
            : `tick ${formatCount(first)}`}
        </span>
        {!isShort && <span style={{ left: `${(100 * (ticks.length - 1)) / slots}%` }}>{formatCount(last)}</span>}
      </div>
    </div>
  );
}
