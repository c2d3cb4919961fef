/** A value that is an image, shown from memory; scripts and links in it cannot run in an img element. */
import type { ValueKind } from "@softadastra/inspector-contract";
import { useEffect, useRef, useState } from "react";
import { formatBytes, formatCount } from "../../lib/format.ts";
import { EmptyState } from "../../ui/Notice.tsx";
import styles from "./ImageViewer.module.css";

export function ImageViewer({ bytes, kind, name }: { bytes: Uint8Array; kind: ValueKind; name: string }) {
  const image = useRef<HTMLImageElement>(null);
  const [size, setSize] = useState<string | null>(null);
  const [isBroken, setBroken] = useState(false);

  useEffect(() => {
    const made = URL.createObjectURL(new Blob([bytes.slice()], { type: `image/${kind}` }));
    if (image.current !== null) image.current.src = made;
    return () => URL.revokeObjectURL(made);
  }, [bytes, kind]);

  if (isBroken) {
    return (
      <EmptyState title="The image cannot be drawn">
        It begins like a {kind} image and is cut or damaged further on. See Hex for its {formatBytes(bytes.length)}.
      </EmptyState>
    );
  }
  return (
    <figure className={styles.figure}>
      <img
        ref={image}
        alt={`Value of ${name}`}
        onLoad={({ currentTarget }) =>
          setSize(`${formatCount(currentTarget.naturalWidth)} × ${formatCount(currentTarget.naturalHeight)}`)
        }
        onError={() => setBroken(true)}
      />
      <figcaption>
        {kind}
        {size !== null && `, ${size} pixels`}, {formatBytes(bytes.length)}
      </figcaption>
    </figure>
  );
}
