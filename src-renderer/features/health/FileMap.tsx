/** The whole file as a strip, then the records around the place where reading stops, one block each. */
import type { HealthReport, MapBlock, Strip } from "@softadastra/inspector-contract";
import { type CSSProperties, useRef } from "react";
import { formatBytes, formatOffset } from "../../lib/format.ts";
import { useWidth } from "../../lib/use-width.ts";
import { classes } from "../../ui/classes.ts";
import { StripDrawing } from "../../ui/StripDrawing.tsx";
import styles from "./FileMap.module.css";

const LEGEND = [
  ["put", "put"],
  ["delete", "delete"],
  ["meta", "bookkeeping"],
  ["torn", "torn"],
  ["damaged", "damaged"],
  ["unreachable", "unreachable"],
] as const;

export function FileMap({ report, strip }: { report: HealthReport; strip: Strip }) {
  const bar = useRef<HTMLDivElement>(null);
  const width = useWidth(bar);
  const { window: blocks, stop } = report;
  if (report.fileBytes === 0) return null;
  const kinds = new Set(blocks.map((block) => block.kind));
  const from = blocks[0]?.offset ?? 0;
  const regionNames = report.regions.map((region) => region.kind).join(", ");
  return (
    <section className={styles.map} aria-label="Map of the file">
      <div className={styles.head}>
        <h2>Map of the file</h2>
        <span className={styles.quiet}>{formatBytes(report.fileBytes)}</span>
        <span className={styles.grow} />
        {LEGEND.filter(([kind]) => kinds.has(kind)).map(([kind, name]) => (
          <span key={kind} className={styles.key}>
            <i className={styles[kind]} />
            {name}
          </span>
        ))}
      </div>
      <div ref={bar} className={styles.strip}>
        {width > 0 && (
          <StripDrawing
            strip={strip}
            width={width}
            label={regionNames === "" ? "All records are readable" : `Readable records, then ${regionNames}`}
          />
        )}
      </div>
      <ol className={styles.blocks} aria-label={stop === null ? "The last records" : "Records around the stop"}>
        {blocks.map((block) => (
          <Block
            key={block.offset}
            block={block}
            stop={stop}
            isLate={block.offset - from > (report.fileBytes - from) / 2}
          />
        ))}
      </ol>
      <div className={styles.axis}>
        <code>{formatOffset(from)}</code>
        <code>{formatOffset(report.fileBytes)}</code>
      </div>
    </section>
  );
}

function Block({ block, stop, isLate }: { block: MapBlock; stop: HealthReport["stop"]; isLate: boolean }) {
  const isStop = stop !== null && block.offset === stop.offset;
  // Widths follow the bytes, by their root: a record of a megabyte must not hide its neighbours.
  const look = { "--share": Math.max(1, Math.sqrt(block.bytes)) } as CSSProperties;
  const name = block.kind === "meta" ? "bookkeeping" : block.kind;
  const title = `${name}${block.label ? ` ${block.label}` : ""}, ${formatBytes(block.bytes)} at ${formatOffset(block.offset)}`;
  return (
    <li className={classes(styles.block, styles[block.kind], isStop && styles.stop)} style={look} title={title}>
      {isStop && (
        <>
          <b>{stop.code}</b>
          <span className={classes(styles.stops, isLate && styles.before)}>
            the engine stops at {formatOffset(stop.offset)}
          </span>
        </>
      )}
      <span className="visually-hidden">{title}</span>
    </li>
  );
}
